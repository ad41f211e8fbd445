"""The family log: when the office and a family met, or did not."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.cases.states import Barrier, ContactWay
from portal.core.db import Base, Public
from portal.core.types import Encrypted


class FamilyContact(Public, Base):
    """One contact with a family, also one that did not come about."""

    __tablename__ = "case_family_contact"
    __table_args__ = (Index(None, "case_id", "at"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    guardian_id: Mapped[UUID | None] = mapped_column(ForeignKey("guardian.id"))
    at: Mapped[datetime]
    way: Mapped[ContactWay] = mapped_column(String(20))
    reached: Mapped[bool]
    barrier: Mapped[Barrier | None] = mapped_column(String(20))
    barrier_words: Mapped[str] = mapped_column(Encrypted(), default="")
    text: Mapped[str] = mapped_column(Encrypted(), default="")
    # What the family agreed to do at home, until when, and whether it did.
    home_task: Mapped[str] = mapped_column(Encrypted(), default="")
    home_task_until: Mapped[date | None]
    home_task_done: Mapped[bool | None]
    written_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    written_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper
