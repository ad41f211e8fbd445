"""The registers a data controller must keep: requests of data subjects, and breaches."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.auditlog.states import (
    BREACH_MACHINE,
    REQUEST_MACHINE,
    BreachState,
    RequestState,
)
from portal.core.access import Actor
from portal.core.db import Base, Public
from portal.core.machine import Stateful
from portal.core.types import Encrypted


class RequestKind(StrEnum):
    """What a data subject asks for (UU 27/2022, articles 5 to 13)."""

    INFORMATION = "information"
    ACCESS = "access"
    CORRECTION = "correction"
    ERASURE = "erasure"
    WITHDRAWAL = "withdrawal"
    RESTRICTION = "restriction"
    OBJECTION = "objection"


class Relation(StrEnum):
    """How whoever asks is related to whose data it is."""

    SELF = "self"
    GUARDIAN = "guardian"
    PROXY = "proxy"


class DataRequest(Public, Stateful, Base):
    """Somebody asks about their data, or about their child's; answered within 72 hours."""

    __tablename__ = "data_request"
    __table_args__ = (Index(None, "state", "due_at"),)
    machine = REQUEST_MACHINE

    number: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[RequestKind] = mapped_column(String(20))
    relation: Mapped[Relation] = mapped_column(String(20))
    state: Mapped[RequestState] = mapped_column(String(20))
    requester: Mapped[str] = mapped_column(Encrypted())
    contact: Mapped[str] = mapped_column(Encrypted())
    # Whose data it is, when that is somebody else.
    data_subject: Mapped[str] = mapped_column(Encrypted())
    # Finds other requests about the same person without telling who it is.
    subject_index: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    # The account it is about, where the person has one.
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    wish: Mapped[str] = mapped_column(Encrypted())
    handler_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    received_at: Mapped[datetime]
    due_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    # How the office made sure who asks.
    identity_note: Mapped[str | None] = mapped_column(Encrypted())
    identity_checked_at: Mapped[datetime | None]
    # What was done, or why not; a refusal needs its reason.
    answer: Mapped[str | None] = mapped_column(Encrypted())
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper

    def place(self) -> None:
        """A request belongs to the office, to no school."""

    def assigned_to(self, actor: Actor) -> bool:
        """Say whether this actor handles the request."""
        return self.handler_id == actor.user_id


class Breach(Public, Stateful, Base):
    """Personal data got where it does not belong; reported within 72 hours."""

    __tablename__ = "breach"
    __table_args__ = (
        Index(None, "state", "due_at"),
        CheckConstraint("people_affected >= 0", name="people_affected"),
    )
    machine = BREACH_MACHINE

    number: Mapped[str] = mapped_column(String(20), unique=True)
    state: Mapped[BreachState] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(Encrypted())
    what_happened: Mapped[str] = mapped_column(Encrypted())
    # Codes of the kinds of data: contacts, monitoring, identity, story, credentials.
    data_kinds: Mapped[list[str]] = mapped_column(JSON)
    people_affected: Mapped[int | None]
    children_affected: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime | None]
    found_at: Mapped[datetime]
    due_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    measures: Mapped[str] = mapped_column(Encrypted(), default="")
    authority_told_at: Mapped[datetime | None]
    people_told_at: Mapped[datetime | None]
    # Why the people were not told, where the law allows that.
    not_told_reason: Mapped[str] = mapped_column(Encrypted(), default="")
    lessons: Mapped[str] = mapped_column(Encrypted(), default="")
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read once by the mapper

    def place(self) -> None:
        """A breach belongs to the office, to no school."""
