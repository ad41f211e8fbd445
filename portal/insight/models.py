"""Semester plans, and what the office decided about a suggestion."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Public
from portal.core.machine import Stateful
from portal.core.types import Encrypted
from portal.insight.states import PLAN_MACHINE, PlanState


class SemesterPlan(Public, Stateful, Base):
    """Sessions proposed for a semester, until they are offered to the schools."""

    __tablename__ = "semester_plan"
    __table_args__ = (CheckConstraint("last_on >= first_on", name="order"),)
    machine = PLAN_MACHINE

    first_on: Mapped[date]
    last_on: Mapped[date]
    programme_id: Mapped[UUID] = mapped_column(ForeignKey("programme.id"))
    state: Mapped[PlanState] = mapped_column(String(10), index=True)
    # The plan this one changes; None for one made from nothing.
    follows_id: Mapped[UUID | None] = mapped_column(ForeignKey("semester_plan.id"))
    made_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[datetime]
    # What was asked for: sessions per school, weights, seconds.
    wanted: Mapped[dict[str, Any]] = mapped_column(JSON)
    # How it was solved ("greedy", "two_stage"), what it costs, and the bound nothing can go below.
    solver: Mapped[str] = mapped_column(String(20), default="")
    cost: Mapped[int | None]
    greedy_cost: Mapped[int | None]
    bound: Mapped[int | None]
    # Of the solver while it works: step, share done, best so far.
    progress: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # Why there is none, or what does not go together: rule, school, person.
    problems: Mapped[list[Any]] = mapped_column(JSON, default=list)
    asked_at: Mapped[datetime | None]
    solved_at: Mapped[datetime | None]
    cancel_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper

    def place(self) -> None:
        """Return None: a plan is about all schools."""


class PlanItem(Public, Base):
    """One session a plan has for a school, or has no room for."""

    __tablename__ = "plan_item"
    __table_args__ = (
        Index(None, "plan_id", "school_id", "ordinal", unique=True),
        Index(None, "plan_id", "starts_at"),
    )

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("semester_plan.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"))
    # The school's first session of the plan is 1.
    ordinal: Mapped[int]
    # Empty where nothing was found.
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    # Who goes, the leader first, by their ids.
    worker_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    locked: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Why this school stands where it stands, or what is missing for it.
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # The session offered from it.
    visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("visit.id"))
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper


class Verdict(StrEnum):
    """What the office decided about a suggestion."""

    FIRST = "first"
    LATER = "later"


class SuggestionChoice(Public, Base):
    """A school put first, or put off until a day, whatever the arithmetic says."""

    __tablename__ = "suggestion_choice"

    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"), index=True)
    verdict: Mapped[Verdict] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Encrypted())
    until: Mapped[date]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[datetime]
    # Taken back before its time.
    ended_at: Mapped[datetime | None]
