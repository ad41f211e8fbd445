"""Visits, who goes along, and changes that wait for an answer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.access import Actor
from portal.core.db import Base, Public
from portal.core.machine import Stateful
from portal.core.types import EMPTY, Encrypted
from portal.visits.models.offer import Method
from portal.visits.states import (
    CHANGE_MACHINE,
    VISIT_MACHINE,
    ChangeState,
    NotDelivered,
    Origin,
    VisitState,
)


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

    # How the session came about, and by whom it was offered to the school.
    origin: Mapped[Origin] = mapped_column(
        String(12), default=Origin.SCHOOL, server_default=Origin.SCHOOL
    )
    offered_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    offered_at: Mapped[datetime | None]
    offer_note: Mapped[str | None] = mapped_column(Encrypted())
    # Who asked by telephone or at the desk, where staff wrote the request down.
    caller: Mapped[str | None] = mapped_column(Encrypted())
    series_id: Mapped[UUID | None] = mapped_column(ForeignKey("visit_series.id"), index=True)
    # Names of classes, and how many people are expected from each (or from a group of people).
    classes: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    expected_by_class: Mapped[dict[str, int]] = mapped_column(
        JSON, default=dict, server_default="{}"
    )
    # The language people there speak best, in the school's words; empty for Indonesian.
    spoken: Mapped[str] = mapped_column(String(40), default="", server_default=EMPTY)
    # Codes of what the office is to bring, what the school has ready, and what was missing.
    bring: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    ready_with: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    unmet: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")

    delivered_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    delivered_at: Mapped[datetime | None]
    method: Mapped[Method | None] = mapped_column(String(20))
    heads_girls: Mapped[int | None]
    heads_boys: Mapped[int | None]
    heads_adults: Mapped[int | None]
    delivery_note: Mapped[str] = mapped_column(Encrypted(), default="")
    not_delivered_why: Mapped[NotDelivered | None] = mapped_column(String(20))
    # The school's word that it took place.
    school_confirmed_at: Mapped[datetime | None]
    school_confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    school_note: Mapped[str | None] = mapped_column(Encrypted())
    # The short link under which pupils say how it was, and until when.
    feedback_link: Mapped[str | None] = mapped_column(ForeignKey("short_link.code"))
    feedback_until: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper

    # Who goes along; `actions.cells.set_crew` writes it.
    crew: Mapped[list[VisitWorker]] = relationship(lazy="selectin", viewonly=True)

    def place(self) -> UUID:
        """Return the school."""
        return self.school_id

    def assigned_to(self, actor: Actor) -> bool:
        """Say whether this actor leads the visit or goes along."""
        leads = self.social_worker_id == actor.user_id
        return leads or any(each.user_id == actor.user_id for each in self.crew)


class VisitWorker(Base):
    """A social worker who goes along to a large session, beside the one who leads it."""

    __tablename__ = "visit_worker"

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), primary_key=True, index=True)


class VisitChange(Public, Stateful, Base):
    """Another time (or class, or room) for a settled session, until the other side answers.

    The session keeps its old time meanwhile, and the new one is taken for it too.
    """

    __tablename__ = "visit_change"
    __table_args__ = (
        Index(None, "visit_id", "state"),
        CheckConstraint("ends_at > starts_at", name="order"),
    )
    machine = CHANGE_MACHINE

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"))
    state: Mapped[ChangeState] = mapped_column(String(10))
    # Proposed by the office; then the school answers.
    by_office: Mapped[bool] = mapped_column(default=False, server_default=false())
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    social_worker_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    grades: Mapped[list[str]] = mapped_column(JSON)
    expected_heads: Mapped[int]
    room: Mapped[str] = mapped_column(String(120), default="")
    reason: Mapped[str] = mapped_column(Encrypted())
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    asked_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Encrypted())
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper

    visit: Mapped[Visit] = relationship(viewonly=True)

    def place(self) -> UUID:
        """Return the school of the session."""
        return self.visit.school_id

    def moved_by_asker(self, what: str) -> str:
        """Return the name of a move of whoever asked for it."""
        return f"office_{what}" if self.by_office else f"school_{what}"

    def moved_by_other(self, what: str) -> str:
        """Return the name of a move of the side it waits for."""
        return f"school_{what}" if self.by_office else f"office_{what}"
