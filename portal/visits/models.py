"""Programmes, social workers' time, visits and the cells that guard against double booking."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.access import Actor
from portal.core.db import Base, Identified, Public
from portal.core.machine import Stateful
from portal.core.types import Encrypted
from portal.visits.states import VISIT_MACHINE, VisitState


class Method(StrEnum):
    """How a session was held."""

    LECTURE = "lecture"
    INTERACTIVE = "interactive"
    MIXED = "mixed"


class Resource(StrEnum):
    """Whose time a cell takes."""

    SCHOOL = "school"
    WORKER = "worker"


class Programme(Public, Base):
    """A kind of visit the office offers (laid in by a migration, edited by the office)."""

    __tablename__ = "programme"

    code: Mapped[str] = mapped_column(String(20), unique=True)
    name_id: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    audience: Mapped[str] = mapped_column(String(20))
    minutes: Mapped[int]
    most_people: Mapped[int]
    counts_for_coverage: Mapped[bool]
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int]

    def name(self, language: str) -> str:
        """Return the name in a language."""
        return self.name_en if language == "en" else self.name_id


class Topic(Public, Base):
    """A topic suggested for some school levels."""

    __tablename__ = "topic"

    programme_id: Mapped[UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    title_id: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(120))
    levels: Mapped[list[str]] = mapped_column(JSON)
    position: Mapped[int]

    def title(self, language: str) -> str:
        """Return the title in a language."""
        return self.title_en if language == "en" else self.title_id


class TravelTime(Base):
    """Minutes from one kecamatan to another, as the office estimates them."""

    __tablename__ = "travel_time"

    from_code: Mapped[str] = mapped_column(ForeignKey("district.code"), primary_key=True)
    to_code: Mapped[str] = mapped_column(ForeignKey("district.code"), primary_key=True)
    minutes: Mapped[int]


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


class Hold(Identified, Base):
    """A slot kept for one school for a few minutes while the request is being sent."""

    __tablename__ = "visit_hold"

    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    social_worker_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Visit(Public, Stateful, Base):
    """One session at a school: requested, scheduled, delivered, or ended before that."""

    __tablename__ = "visit"
    __table_args__ = (
        Index(None, "state", "starts_at"),
        Index(None, "school_id", "starts_at"),
        Index(None, "social_worker_id", "starts_at"),
        CheckConstraint("ends_at > starts_at", name="order"),
    )
    machine = VISIT_MACHINE

    # What people say on the phone; six characters that cannot be misread.
    reference: Mapped[str] = mapped_column(String(8), unique=True)
    programme_id: Mapped[UUID] = mapped_column(ForeignKey("programme.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"))
    social_worker_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    state: Mapped[VisitState] = mapped_column(String(20))
    topic_id: Mapped[UUID | None] = mapped_column(ForeignKey("topic.id"))
    # The school's own words where no listed topic fits.
    own_topic: Mapped[str] = mapped_column(String(120), default="")
    grades: Mapped[list[str]] = mapped_column(JSON)
    expected_heads: Mapped[int]
    room: Mapped[str] = mapped_column(String(120), default="")
    needs: Mapped[str] = mapped_column(Encrypted(), default="")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]

    requested_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    requested_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    # Why it was declined, withdrawn or cancelled.
    reason: Mapped[str] = mapped_column(Encrypted(), default="")
    # Why a warning (travel, leave, weekly hours) was overridden at approval.
    override_reason: Mapped[str] = mapped_column(Encrypted(), default="")
    room_ready_at: Mapped[datetime | None]

    delivered_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    delivered_at: Mapped[datetime | None]
    method: Mapped[Method | None] = mapped_column(String(20))
    heads_girls: Mapped[int | None]
    heads_boys: Mapped[int | None]
    heads_adults: Mapped[int | None]
    delivery_note: Mapped[str] = mapped_column(Encrypted(), default="")
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper

    def place(self) -> UUID:
        """Return the school."""
        return self.school_id

    def assigned_to(self, actor: Actor) -> bool:
        """Say whether this actor is the visit's social worker."""
        return self.social_worker_id == actor.user_id


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
