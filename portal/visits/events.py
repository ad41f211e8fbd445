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


@dataclass(frozen=True)
class HoursChanged(Event, action="worker.hours_changed"):
    """A worker's weekly hours are others from now on."""

    days: int
    minutes: int


@dataclass(frozen=True)
class TermsChanged(Event, action="worker.terms_changed"):
    """How much of a week a worker has is different from a day on."""

    from_on: date
    weekly_minutes: int
    visit_minutes: int


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
class VisitSchoolChanged(Event, action="visit.school_changed"):
    """A session to come takes place at another school, since its own became part of that."""

    from_school_id: UUID
    to_school_id: UUID


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


@dataclass(frozen=True)
class SeriesRequested(Event, action="series.requested"):
    """A school asked for a session that repeats; each one it got is a request of its own."""

    school_id: UUID
    wanted: int
    left_out: int


@dataclass(frozen=True)
class SeriesEnded(Event, action="series.ended"):
    """The sessions of a series that were still to come were called off together."""

    school_id: UUID
    visits: int


@dataclass(frozen=True)
class ProgrammeAdded(Event, action="programme.added"):
    """The office offers a programme that there was not before."""


@dataclass(frozen=True)
class ProgrammeChanged(Event, action="programme.changed"):
    """A programme or its topics are others; `fields` names what, not how."""

    fields: str


@dataclass(frozen=True)
class NeedsChanged(Event, action="visit_need.changed"):
    """What a session may need, or what the office has of it, is other than before."""

    needs: int


@dataclass(frozen=True)
class BlackoutAdded(Event, action="blackout.added"):
    """The office holds no sessions on these days; those already settled stay."""

    first_on: date
    last_on: date
    met: int


@dataclass(frozen=True)
class BlackoutRemoved(Event, action="blackout.removed"):
    """Days without sessions are days like others again."""

    first_on: date
    last_on: date


@dataclass(frozen=True)
class LetterMade(Event, action="letter.made"):
    """A letter of a session was made out."""

    visit_id: UUID
    kind: str


@dataclass(frozen=True)
class LetterReturned(Event, action="letter.returned"):
    """The signed scan of a letter was handed in."""

    visit_id: UUID
    kind: str


@dataclass(frozen=True)
class LetterReworded(Event, action="letter.reworded"):
    """The office worded a kind of letter anew."""

    kind: str
    language: str
    edition: int


@dataclass(frozen=True)
class FeedMade(Event, action="calendar_feed.made"):
    """Somebody made a calendar address, for a school or (None) for themselves."""

    school_id: UUID | None


@dataclass(frozen=True)
class FeedRevoked(Event, action="calendar_feed.revoked"):
    """A calendar address works no longer."""

    school_id: UUID | None
