"""Time that is taken or wanted: holds, cells, series, wishes, days without sessions."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Identified, Public
from portal.core.machine import Stateful
from portal.core.types import Encrypted
from portal.visits.states import WISH_MACHINE, WishState


class Resource(StrEnum):
    """Whose time a cell takes."""

    SCHOOL = "school"
    WORKER = "worker"


class Hold(Identified, Base):
    """A slot kept for one school for a few minutes while the request is being sent."""

    __tablename__ = "visit_hold"

    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    social_worker_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class BookingCell(Base):
    """Thirty minutes of one worker or one school, which only one visit or hold can take.

    The primary key is the guard against double booking: the database itself refuses a second row,
    also between parallel requests, on SQLite and on PostgreSQL.
    """

    __tablename__ = "booking_cell"
    __table_args__ = (
        CheckConstraint("(visit_id IS NULL) <> (hold_id IS NULL)", name="one_owner"),
        Index(None, "visit_id"),
        Index(None, "hold_id"),
    )

    resource: Mapped[Resource] = mapped_column(String(10), primary_key=True)
    resource_id: Mapped[UUID] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("visit.id"))
    hold_id: Mapped[UUID | None] = mapped_column(ForeignKey("visit_hold.id", ondelete="CASCADE"))
    # The way to the next school after the visit; only these cells may be overridden.
    travel: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime | None]


class VisitSeries(Public, Base):
    """Sessions of one school that repeat; each is a visit of its own, which may be an exception."""

    __tablename__ = "visit_series"

    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"), index=True)
    programme_id: Mapped[UUID] = mapped_column(ForeignKey("programme.id"))
    every_weeks: Mapped[int]
    # How many were asked for, and the starts no time was found for.
    wanted: Mapped[int]
    left_out: Mapped[list[str]] = mapped_column(JSON, default=list)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[datetime]


class Wish(Public, Stateful, Base):
    """What a school would like where no free time fits; it waits for a slot to become free."""

    __tablename__ = "visit_wish"
    __table_args__ = (
        Index(None, "state", "asked_at"),
        Index(None, "school_id", "state"),
        CheckConstraint("latest_on >= earliest_on", name="order"),
    )
    machine = WISH_MACHINE

    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"))
    programme_id: Mapped[UUID] = mapped_column(ForeignKey("programme.id"))
    topic_id: Mapped[UUID | None] = mapped_column(ForeignKey("topic.id"))
    own_topic: Mapped[str] = mapped_column(String(120), default="")
    grades: Mapped[list[str]] = mapped_column(JSON)
    expected_heads: Mapped[int]
    room: Mapped[str] = mapped_column(String(120), default="")
    needs: Mapped[str | None] = mapped_column(Encrypted())
    earliest_on: Mapped[date]
    latest_on: Mapped[date]
    # Days of the week (0 = Monday) and starts ("08:00") that suit the school; empty for any.
    weekdays: Mapped[list[int]] = mapped_column(JSON, default=list)
    starts: Mapped[list[str]] = mapped_column(JSON, default=list)
    state: Mapped[WishState] = mapped_column(String(10))
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    asked_at: Mapped[datetime]
    # The session offered for it last.
    visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("visit.id"))
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper

    def place(self) -> UUID:
        """Return the school."""
        return self.school_id


class Blackout(Public, Base):
    """Days on which the office holds no sessions, of one programme or of all."""

    __tablename__ = "blackout"
    __table_args__ = (CheckConstraint("last_on >= first_on", name="order"),)

    first_on: Mapped[date] = mapped_column(index=True)
    last_on: Mapped[date]
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    programme_id: Mapped[UUID | None] = mapped_column(ForeignKey("programme.id"))
    # Of the levels named here alone, by their codes; empty for all.
    levels: Mapped[list[str]] = mapped_column(JSON, default=list)
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper
