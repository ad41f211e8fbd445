"""What becomes of visits: asked for, answered, ended, taken up again.

A hold is none of these: it keeps a slot for some minutes while a request is being written, and
leaves nothing behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.core.events import Event, untold


@dataclass(frozen=True)
class VisitRequested(Event, action="visit.requested"):
    """A school asked for a session; the worker is the one whose time it takes so far."""

    school_id: UUID
    worker_id: UUID
    starts_at: datetime


@dataclass(frozen=True)
class VisitApproved(Event, action="visit.approved"):
    """A session is scheduled; `overridden` when a warning was passed over with a reason."""

    worker_id: UUID
    overridden: bool


@dataclass(frozen=True)
class VisitReassigned(Event, action="visit.reassigned"):
    """Others go to a scheduled session, or another leads it; `went` would have gone before."""

    from_worker_id: UUID
    to_worker_id: UUID
    overridden: bool
    went: tuple[UUID, ...] = untold()


@dataclass(frozen=True)
class ApprovalUndone(Event, action="visit.approval_undone"):
    """An approval was taken back within its first seconds."""

    worker_id: UUID


@dataclass(frozen=True)
class VisitDeclined(Event, action="visit.declined"):
    """The office answered that a session is not possible."""

    school_id: UUID


@dataclass(frozen=True)
class VisitWithdrawn(Event, action="visit.withdrawn"):
    """A school took its request back before the answer."""

    school_id: UUID


@dataclass(frozen=True)
class VisitCancelled(Event, action="visit.cancelled"):
    """A scheduled session does not take place."""

    school_id: UUID
    worker_id: UUID
    by_school: bool


@dataclass(frozen=True)
class RoomReady(Event, action="visit.room_ready"):
    """The school has the room."""


@dataclass(frozen=True)
class VisitLapsed(Event, action="visit.lapsed"):
    """Nobody answered a request or an offer in time; `before` says which it was."""

    school_id: UUID
    before: str


@dataclass(frozen=True)
class VisitRestored(Event, action="visit.restored"):
    """The office took up a visit again that had ended before it took place."""

    school_id: UUID
    worker_id: UUID


@dataclass(frozen=True)
class VisitHandedOver(Event, action="visit.handed_over"):
    """A leaving social worker's session went to the successor, or (None) to the coordinators."""

    worker_id: UUID | None


@dataclass(frozen=True)
class VisitSchoolChanged(Event, action="visit.school_changed"):
    """A session to come takes place at another school, since its own became part of that."""

    from_school_id: UUID
    to_school_id: UUID
