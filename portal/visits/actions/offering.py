"""Times the office proposes to a school, and the school's answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, codes, duties, settings
from portal.core.access import Actor, Permission
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.settings import Office
from portal.schools.models import School
from portal.visits.actions import about, placing
from portal.visits.actions.booking import REFERENCE_LENGTH, check_heads
from portal.visits.actions.cells import set_crew, settle, take
from portal.visits.actions.deciding import end, read_anew
from portal.visits.actions.placing import Crew, Time
from portal.visits.events import OfferAccepted, OfferTakenBack, OfferTurnedDown, VisitOffered
from portal.visits.models import Programme, Visit, Wish
from portal.visits.states import WAITING, WITH_OFFER, Origin, VisitState, WishState


@dataclass(frozen=True)
class Invitation:
    """A session the office proposes to a school that did not ask for this time.

    Without a worker the best free one goes. `reason` says why a warning is passed over,
    `requested_by` who wished for it (else whoever offers it).
    """

    programme: Programme
    starts_at: datetime
    worker_id: UUID | None = None
    # Who goes along; who is missing is filled up with the best free ones.
    others: tuple[UUID, ...] = ()
    topic_id: UUID | None = None
    own_topic: str = ""
    grades: tuple[str, ...] = ()
    expected_heads: int = 0
    room: str = ""
    needs: str = ""
    origin: Origin = Origin.INVITATION
    note: str = ""
    reason: str = ""
    requested_by: UUID | None = None
    classes: tuple[str, ...] = ()
    expected_by_class: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class CounterOffer:
    """Another time for a request, and who would come then."""

    starts_at: datetime
    worker_id: UUID | None = None
    note: str = ""
    reason: str = ""


def invite(session: Session, actor: Actor | None, school: School, invitation: Invitation) -> Visit:
    """Propose a session to a school: its time is taken until the school answers.

    `actor` is None where the portal itself offers what a school wished for. Raises Rejected as
    `placing.choose` does, "slot_taken" where somebody else was faster, and "audience_too_large".
    """
    if actor and not actor.may(Permission.VISIT_APPROVE, school.id):
        raise Rejected("not_allowed")
    if not school.active:
        raise Rejected("school_inactive")
    check_heads(invitation.programme, invitation.expected_heads)
    time = Time(invitation.programme, invitation.starts_at, invitation.expected_heads)
    placing.check_day(session, school, time)
    workers = (invitation.worker_id, *invitation.others) if invitation.worker_id else ()
    crew = placing.choose(session, school, time, workers, invitation.reason)
    visit = _new_visit(session, actor, school, invitation, crew)
    stay = crew.stay(school, time)
    if not take(session, stay, visit_id=visit.id):
        raise Rejected("slot_taken", "slot", wanted=invitation.starts_at)
    set_crew(session, visit, crew.worker_ids)
    _offered(session, actor, visit, school)
    return visit


def _new_visit(
    session: Session, actor: Actor | None, school: School, invitation: Invitation, crew: Crew
) -> Visit:
    moment = clock.now()
    asked_by = invitation.requested_by or (actor.user_id if actor else None)
    if asked_by is None:
        raise ValueError("an offer of the portal itself names who wished for it")
    time = Time(invitation.programme, invitation.starts_at, invitation.expected_heads)
    visit = Visit(
        id=new_id(),
        reference=codes.new_code(REFERENCE_LENGTH),
        programme_id=invitation.programme.id,
        school_id=school.id,
        social_worker_id=crew.worker_ids[0],
        state=VisitState.OFFERED,
        origin=invitation.origin,
        topic_id=invitation.topic_id,
        own_topic=invitation.own_topic,
        grades=list(invitation.grades),
        classes=list(invitation.classes),
        expected_by_class=dict(invitation.expected_by_class),
        expected_heads=invitation.expected_heads,
        room=invitation.room,
        needs=invitation.needs,
        starts_at=time.starts_at,
        ends_at=time.ends_at,
        requested_by=asked_by,
        requested_at=moment,
        answer_by=answer_by(settings.read(session), time.starts_at),
        offer_note=invitation.note or None,
        override_reason=invitation.reason if crew.warned else "",
    )
    session.add(visit)
    session.flush()
    return visit


def answer_by(office: Office, starts_at: datetime) -> datetime:
    """Return until when an offer waits: some working days, but not beyond its own time."""
    day = clock.add_working_days(clock.today(), office["offer_working_days"])
    return min(clock.at_wib(day, clock.OFFICE_CLOSES), starts_at)


def _offered(session: Session, actor: Actor | None, visit: Visit, school: School) -> None:
    visit.offered_by = actor.user_id if actor else None
    visit.offered_at = clock.now()
    about.open_offer_duty(session, visit, school)
    emit(
        session,
        actor,
        VisitOffered(
            visit.id, visit.school_id, visit.social_worker_id, visit.starts_at, visit.origin
        ),
    )


def counter(
    session: Session, actor: Actor, visit: Visit, school: School, offer: CounterOffer
) -> None:
    """Answer a request with another time; the one asked for is free for others at once.

    Raises Rejected as `placing.choose` does, and "same_time" where it is the time asked for.
    """
    read_anew(session, visit)
    visit.move(actor, "offer")
    if offer.starts_at == visit.starts_at:
        raise Rejected("same_time", "slot")
    programme = session.get_one(Programme, visit.programme_id)
    time = Time(programme, offer.starts_at, visit.expected_heads, visit)
    placing.check_day(session, school, time)
    workers = (offer.worker_id,) if offer.worker_id else ()
    crew = placing.choose(session, school, time, workers, offer.reason)
    if not settle(session, visit, crew.stay(school, time)):
        raise Rejected("slot_taken", "slot", wanted=offer.starts_at)
    set_crew(session, visit, crew.worker_ids)
    visit.starts_at, visit.ends_at = time.starts_at, time.ends_at
    visit.offer_note = offer.note or None
    visit.override_reason = offer.reason if crew.warned else ""
    visit.answer_by = answer_by(settings.read(session), visit.starts_at)
    duties.close_duties(session, visit.id)
    wish = wish_of(session, visit, WishState.WAITING)
    if wish:
        # What was offered for it before was taken up again.
        wish.follow(WAITING, WishState.OFFERED)
        duties.close_duties(session, wish.id, about.ANSWER_WISH)
    _offered(session, actor, visit, school)


def accept(session: Session, actor: Actor, visit: Visit, school: School) -> None:
    """Take an offer, in one press; a second one finds it taken and changes nothing.

    Raises Rejected("offer_past") once its time has come.
    """
    read_anew(session, visit)
    if visit.state == VisitState.SCHEDULED and visit.decided_by == actor.user_id:
        return
    if visit.state == VisitState.OFFERED and visit.starts_at <= clock.now():
        raise Rejected("offer_past")
    visit.move(actor, "accept")
    visit.decided_by, visit.decided_at = actor.user_id, clock.now()
    duties.close_duties(session, visit.id, about.ANSWER_OFFER)
    about.open_scheduled(session, visit, school)
    wish = wish_of(session, visit)
    if wish:
        wish.follow(WITH_OFFER, WishState.MET)
        wish.closed_at = clock.now()
    emit(session, actor, OfferAccepted(visit.id, visit.school_id, visit.social_worker_id))


def turn_down(session: Session, actor: Actor, visit: Visit, reason: str = "") -> None:
    """Let an offer go; what the school wished for waits again."""
    read_anew(session, visit)
    end(session, actor, visit, "turn_down", reason)
    wait_again(session, visit)
    about.open_news(session, visit, about.OFFER_OVER, *about.office_side(visit.offered_by))
    emit(session, actor, OfferTurnedDown(visit.id, visit.school_id))


def take_back(session: Session, actor: Actor, visit: Visit, reason: str) -> None:
    """Take an offer back before the school has answered, with a reason it will read."""
    read_anew(session, visit)
    end(session, actor, visit, "take_back", reason)
    wait_again(session, visit)
    about.open_news(session, visit, about.OFFER_OVER, *about.school_side(visit.school_id))
    emit(session, actor, OfferTakenBack(visit.id, visit.school_id))


def wish_of(session: Session, visit: Visit, state: WishState = WishState.OFFERED) -> Wish | None:
    """Return the wish an offer was made for last, while it stands there."""
    return session.scalars(
        select(Wish).where(Wish.visit_id == visit.id, Wish.state == state).with_for_update()
    ).one_or_none()


def wait_again(session: Session, visit: Visit) -> None:
    """Let the wish an offer was made for wait for another time."""
    wish = wish_of(session, visit)
    if wish:
        wish.follow(WITH_OFFER, WishState.WAITING)
        about.open_wish_duty(session, wish)
