"""What one side proposes to the other: offers, changes of settled sessions, wishes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.core.events import Event


@dataclass(frozen=True)
class VisitOffered(Event, action="visit.offered"):
    """The office proposed a session or, answering a request, another time; None: the portal did."""

    school_id: UUID
    worker_id: UUID
    starts_at: datetime
    origin: str


@dataclass(frozen=True)
class OfferAccepted(Event, action="visit.offer_accepted"):
    """A school took an offer; the session is scheduled."""

    school_id: UUID
    worker_id: UUID


@dataclass(frozen=True)
class OfferTurnedDown(Event, action="visit.offer_turned_down"):
    """A school let an offer go."""

    school_id: UUID


@dataclass(frozen=True)
class OfferTakenBack(Event, action="visit.offer_taken_back"):
    """The office took an offer back before the school answered."""

    school_id: UUID


@dataclass(frozen=True)
class VisitAdjusted(Event, action="visit.adjusted"):
    """Classes, heads or room of a session are others, at the same time."""

    school_id: UUID
    worker_id: UUID
    heads: int


@dataclass(frozen=True)
class ChangeAsked(Event, action="visit.change_asked"):
    """One side asks for another time of a scheduled session."""

    school_id: UUID
    starts_at: datetime
    by_office: bool


@dataclass(frozen=True)
class ChangeAccepted(Event, action="visit.change_accepted"):
    """The other side agreed: the session has moved."""

    school_id: UUID
    from_worker_id: UUID
    to_worker_id: UUID
    starts_at: datetime
    by_office: bool


@dataclass(frozen=True)
class ChangeDeclined(Event, action="visit.change_declined"):
    """The session stays as it was; `by_office` says whose proposal it had been."""

    school_id: UUID
    by_office: bool


@dataclass(frozen=True)
class ChangeDropped(Event, action="visit.change_dropped"):
    """A change that nobody answered is open no longer: taken back, or overtaken by something."""

    school_id: UUID
    by_office: bool


@dataclass(frozen=True)
class WishMade(Event, action="wish.made"):
    """A school would like a session at times that are not free now."""

    school_id: UUID
    programme_id: UUID


@dataclass(frozen=True)
class WishEnded(Event, action="wish.ended"):
    """A wish waits no longer without having been met: `state` says why."""

    school_id: UUID
    state: str
