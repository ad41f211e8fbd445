"""What happens in the registers of trust."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.core.events import Event


@dataclass(frozen=True)
class RequestRecorded(Event, action="data_request.recorded"):
    """Somebody asked about their data."""

    number: str
    kind: str
    due_at: datetime


@dataclass(frozen=True)
class RequestAssigned(Event, action="data_request.assigned"):
    """Somebody handles a request from now on."""

    handler_id: UUID


@dataclass(frozen=True)
class RequestReleased(Event, action="data_request.released"):
    """A request has no handler any more and waits for the division head."""


@dataclass(frozen=True)
class RequesterIdentified(Event, action="data_request.identified"):
    """The office made sure who asks."""


@dataclass(frozen=True)
class RequestClosed(Event, action="data_request.closed"):
    """A request was answered or taken back; `outcome` is the state it ended in."""

    outcome: str
    in_time: bool


@dataclass(frozen=True)
class BreachRecorded(Event, action="breach.recorded"):
    """Personal data got where it does not belong."""

    number: str
    due_at: datetime


@dataclass(frozen=True)
class BreachChanged(Event, action="breach.changed"):
    """What the register says of a breach changed; `fields` names what, not how."""

    fields: str


@dataclass(frozen=True)
class BreachContained(Event, action="breach.contained"):
    """A breach goes on no longer."""


@dataclass(frozen=True)
class BreachReported(Event, action="breach.reported"):
    """The authority was told of a breach, and the people unless there is a reason not to."""

    authority_told_at: datetime
    people_told: bool
    in_time: bool


@dataclass(frozen=True)
class BreachClosed(Event, action="breach.closed"):
    """The work on a breach is done."""


@dataclass(frozen=True)
class TrailChecked(Event, action="audit.checked"):
    """Somebody looked through all seals of the trail; `broken_at` is empty when all hold."""

    up_to: int
    broken_at: int | None
    kind: str | None


@dataclass(frozen=True)
class TrailTaken(Event, action="audit.read"):
    """Somebody took entries of the trail along as a workbook."""

    rows: int


@dataclass(frozen=True)
class HoldOrdered(Event, action="hold.ordered"):
    """A record must stay until the hold is lifted."""

    record_kind: str
    record_id: UUID


@dataclass(frozen=True)
class HoldLifted(Event, action="hold.lifted"):
    """A record may go again when its time is over."""

    record_kind: str
    record_id: UUID


@dataclass(frozen=True)
class RequestEmptied(Event, action="data_request.emptied"):
    """The people in a closed request are forgotten; its number, kind and dates stay."""
