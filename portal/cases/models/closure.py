"""Looking after a child again, some months after its case was closed."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.cases.states import Wellbeing
from portal.core.db import Base, Public
from portal.core.types import Encrypted


class Sentinel(Public, Base):
    """A day on which somebody asks how the child is."""

    __tablename__ = "case_sentinel"
    __table_args__ = (Index(None, "done_at", "due_on"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), index=True)
    due_on: Mapped[date]
    months: Mapped[int]
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    found: Mapped[Wellbeing | None] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Encrypted(), default="")
    # Set when the case was reopened before the day came.
    cancelled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper
