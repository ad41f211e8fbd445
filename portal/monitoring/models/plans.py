"""What a school must know so that a child can come back safely."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Public
from portal.core.machine import OfWorkers
from portal.core.types import Encrypted
from portal.monitoring.states import PLAN_MACHINE, PlanState, ReaderPart


class ReturnPlan(Public, OfWorkers, Base):
    """A return-to-school plan: never the story, never a diagnosis."""

    __tablename__ = "return_plan"
    __table_args__ = (
        Index(None, "case_id", "number", unique=True),
        Index(None, "school_id", "state"),
    )
    machine = PLAN_MACHINE

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"))
    number: Mapped[int]
    state: Mapped[PlanState] = mapped_column(String(20))
    # The first day back at school.
    returns_on: Mapped[date]
    review_on: Mapped[date | None]
    # The only place where a school reads the name.
    child_name: Mapped[str] = mapped_column(Encrypted())
    class_name: Mapped[str] = mapped_column(Encrypted(), default="")
    helps: Mapped[str] = mapped_column(Encrypted(), default="")
    avoids: Mapped[str] = mapped_column(Encrypted(), default="")
    safety_steps: Mapped[str] = mapped_column(Encrypted(), default="")
    # Whom the school calls, when.
    contacts: Mapped[str] = mapped_column(Encrypted(), default="")
    # What child and family agreed to, and what the child wishes of the school.
    agreed: Mapped[str] = mapped_column(Encrypted(), default="")
    written_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    written_at: Mapped[datetime]
    shared_at: Mapped[datetime | None]
    shared_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper


class PlanReader(Public, Base):
    """Somebody at the school who is asked to read a plan and to say so."""

    __tablename__ = "return_plan_reader"
    __table_args__ = (Index(None, "plan_id", "user_id", unique=True), Index(None, "user_id"))

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("return_plan.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    part: Mapped[ReaderPart] = mapped_column(String(20))
    asked_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    # What they asked or added when they acknowledged it.
    words: Mapped[str] = mapped_column(Encrypted(), default="")
    # Set when they read it no longer: they left, or somebody else stands in.
    ended_at: Mapped[datetime | None]
