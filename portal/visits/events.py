"""What happens to visits and to social workers' time.

A hold is none of these: it keeps a slot for some minutes while a request is being written, and
leaves nothing behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from portal.core.events import Event


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
    """Another worker goes to a scheduled session."""

    from_worker_id: UUID
    to_worker_id: UUID
    overridden: bool


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
class VisitDelivered(Event, action="visit.delivered"):
    """A session took place."""

    worker_id: UUID
    method: str
    heads_girls: int
    heads_boys: int
    heads_adults: int


@dataclass(frozen=True)
class HoursChanged(Event, action="worker.hours_changed"):
    """A worker's weekly hours are others from now on."""

    days: int
    minutes: int


@dataclass(frozen=True)
class LeaveAdded(Event, action="leave.added"):
    """A worker is away on these days."""

    worker_id: UUID
    first_day: date
    last_day: date


@dataclass(frozen=True)
class LeaveRemoved(Event, action="leave.removed"):
    """A worker is not away on these days after all."""

    worker_id: UUID
    first_day: date
    last_day: date


@dataclass(frozen=True)
class VisitHandedOver(Event, action="visit.handed_over"):
    """A leaving social worker's session went to the successor, or (None) to the coordinators."""

    worker_id: UUID | None
