"""What a child needs, and what is planned for it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.cases.states import PLAN_MACHINE, Area, Domain, PlanState, Progress
from portal.core.db import Base, Public
from portal.core.machine import OfWorkers
from portal.core.types import Encrypted


class Assessment(Public, Base):
    """What was found in one domain at one time; a later one stands beside it."""

    __tablename__ = "case_assessment"
    __table_args__ = (
        Index(None, "case_id", "domain", "assessed_on"),
        CheckConstraint("concern BETWEEN 0 AND 3", name="concern"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    domain: Mapped[Domain] = mapped_column(String(20))
    # 0 no concern, 1 some, 2 much, 3 acts at once.
    concern: Mapped[int]
    findings: Mapped[str] = mapped_column(Encrypted())
    strengths: Mapped[str] = mapped_column(Encrypted(), default="")
    # Who told what was found: the child, the family, the school, a document.
    told_by: Mapped[str] = mapped_column(Encrypted(), default="")
    assessed_on: Mapped[date]
    assessed_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper


class Need(Public, Base):
    """Something a child or its family needs, found in an assessment."""

    __tablename__ = "case_need"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), index=True)
    domain: Mapped[Domain] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Encrypted())
    found_on: Mapped[date]
    found_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    # Set when nothing need be done about it any more.
    met_on: Mapped[date | None]


class Plan(Public, OfWorkers, Base):
    """An intervention plan; a case may have several, one after the other."""

    __tablename__ = "case_plan"
    __table_args__ = (Index(None, "case_id", "number", unique=True),)
    machine = PLAN_MACHINE

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    number: Mapped[int]
    state: Mapped[PlanState] = mapped_column(String(20))
    best_interests: Mapped[str] = mapped_column(Encrypted(), default="")
    child_view: Mapped[str] = mapped_column(Encrypted(), default="")
    # When its goals are looked at together.
    review_on: Mapped[date | None]
    written_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    written_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper


class Goal(Public, Base):
    """What shall be reached, for which need, and how one will see it."""

    __tablename__ = "case_goal"

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("case_plan.id"), index=True)
    need_id: Mapped[UUID] = mapped_column(ForeignKey("case_need.id"), index=True)
    area: Mapped[Area] = mapped_column(String(30))
    text: Mapped[str] = mapped_column(Encrypted())
    # By what one will see that it is reached.
    sign: Mapped[str] = mapped_column(Encrypted(), default="")
    # Who does what for it: the office, the family, the school.
    steps: Mapped[str] = mapped_column(Encrypted(), default="")
    due_on: Mapped[date]
    progress: Mapped[Progress] = mapped_column(String(20))
    reviewed_on: Mapped[date | None]
    review: Mapped[str] = mapped_column(Encrypted(), default="")
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper
