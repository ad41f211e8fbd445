"""What somebody still has to do in a case."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Public
from portal.core.types import Encrypted


class CaseTask(Public, Base):
    """A task with a day; the portal adds some itself, by their code."""

    __tablename__ = "case_task"
    __table_args__ = (Index(None, "case_id", "done_at"), Index(None, "person_id", "done_at"))

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    # What it is, in somebody's words; empty where the code says it.
    text: Mapped[str] = mapped_column(Encrypted(), default="")
    code: Mapped[str] = mapped_column(String(40), default="")
    due_on: Mapped[date]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    set_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    set_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    # What came of it, or why it is no longer needed.
    result: Mapped[str] = mapped_column(Encrypted(), default="")
    cancelled: Mapped[bool] = mapped_column(default=False, server_default=false())
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper
