"""Social workers' time: hours, leave, terms, and work on cases that the week holds too."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Identified, Public


class WorkingHours(Identified, Base):
    """When a social worker can visit schools on one day of the week (0 = Monday)."""

    __tablename__ = "working_hours"
    __table_args__ = (
        Index(None, "user_id", "weekday", unique=True),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("ends > starts", name="order"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    weekday: Mapped[int]
    starts: Mapped[time]
    ends: Mapped[time]


class Leave(Public, Base):
    """Days on which a social worker is away, both ends included."""

    __tablename__ = "leave"
    __table_args__ = (CheckConstraint("last_day >= first_day", name="order"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))


class WorkerTerms(Identified, Base):
    """How much of a week a social worker has, from a day on; the newest that has begun counts."""

    __tablename__ = "worker_terms"
    __table_args__ = (Index(None, "user_id", "from_on", unique=True),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    from_on: Mapped[date]
    # All work of a week, and how much of it may be sessions at schools.
    weekly_minutes: Mapped[int]
    visit_minutes: Mapped[int]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime]


class WorkKind(StrEnum):
    """What work other than sessions at schools is."""

    CASEWORK = "casework"
    OTHER = "other"


class LedgerEntry(Identified, Base):
    """Minutes of a worker's day that are neither a session nor the way to it.

    Sessions and ways are counted from the visits themselves; features above write what else fills
    a week, once for each record (`subject_id`) and worker.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        Index(None, "subject_id", "user_id", unique=True),
        Index(None, "user_id", "day"),
        CheckConstraint("minutes > 0", name="minutes"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    day: Mapped[date]
    minutes: Mapped[int]
    kind: Mapped[WorkKind] = mapped_column(String(10))
    subject_id: Mapped[UUID]
