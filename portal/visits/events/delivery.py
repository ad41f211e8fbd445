"""What is recorded of a session once its day has come."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from portal.core.events import Event


@dataclass(frozen=True)
class VisitDelivered(Event, action="visit.delivered"):
    """A session took place."""

    worker_id: UUID
    method: str
    heads_girls: int
    heads_boys: int
    heads_adults: int


@dataclass(frozen=True)
class DeliveryCorrected(Event, action="visit.corrected"):
    """The record of a session was put right; `changed` names what is another thing now."""

    changed: str
    heads_before: int
    heads_after: int


@dataclass(frozen=True)
class DeliveryConfirmed(Event, action="visit.confirmed"):
    """The school says that a session took place as recorded."""

    school_id: UUID


@dataclass(frozen=True)
class DeliveryDoubted(Event, action="visit.doubted"):
    """The school remembers a session otherwise than it was recorded."""

    school_id: UUID


@dataclass(frozen=True)
class DeliverySettled(Event, action="visit.settled"):
    """A coordinator looked into what the school said, and the record stays."""

    school_id: UUID


@dataclass(frozen=True)
class VisitMissed(Event, action="visit.missed"):
    """A scheduled session did not take place; `why` is a code of `NotDelivered`."""

    school_id: UUID
    worker_id: UUID
    why: str


@dataclass(frozen=True)
class FeedbackMoved(Event, action="visit.feedback_moved"):
    """Pupils are asked how a session was, for longer, or no more; `step` says which."""

    step: str


@dataclass(frozen=True)
class PhotoAdded(Event, action="visit.photo_added"):
    """A photograph of a session is kept; `consent` is a code of `PhotoConsent`."""

    consent: str


@dataclass(frozen=True)
class PhotoRemoved(Event, action="visit.photo_removed"):
    """A photograph of a session is forgotten."""


@dataclass(frozen=True)
class CostAdded(Event, action="visit.cost_added"):
    """A cost of a session was written down, in rupiah."""

    kind: str
    amount: int


@dataclass(frozen=True)
class CostRemoved(Event, action="visit.cost_removed"):
    """A cost of a session was taken out again."""

    kind: str
    amount: int
