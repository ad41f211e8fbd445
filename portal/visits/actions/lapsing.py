"""What nobody answered in time goes by itself, and what ended early can be taken up again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from portal.core import clock, duties, settings
from portal.core.access import Actor
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.settings import Office
from portal.schools.models import School
from portal.visits.actions import about, booking, pending, placing
from portal.visits.actions.cells import people_of, release, set_crew, settle
from portal.visits.actions.deciding import read_anew
from portal.visits.actions.offering import wish_of
from portal.visits.actions.placing import Time
from portal.visits.events import VisitLapsed, VisitRestored, WishEnded
from portal.visits.models import Programme, Visit, VisitChange
from portal.visits.states import WITH_OFFER, ChangeState, VisitState, WishState

UNANSWERED = frozenset({VisitState.REQUESTED, VisitState.OFFERED})
# An answer that comes with less than a working day left helps nobody any more.
SHORTEST_NOTICE = 1


def overdue_visits(session: Session) -> list[UUID]:
    """Return the requests and offers that nobody answered in time, the oldest first."""
    moment = clock.now()
    return list(
        session.scalars(
            select(Visit.id)
            .where(
                or_(
                    and_(Visit.state == VisitState.OFFERED, Visit.answer_by <= moment),
                    and_(Visit.state == VisitState.REQUESTED, _too_late(session)),
                )
            )
            .order_by(Visit.answer_by, Visit.id)
        )
    )


def _too_late(session: Session) -> ColumnElement[bool]:
    """Return the condition that a request was not answered while there was time."""
    moment = clock.now()
    released = and_(Visit.answer_by <= moment, Visit.starts_at < _near(settings.read(session)))
    return or_(Visit.starts_at <= moment, released)


def _near(office: Office) -> datetime:
    """Return before when a session is so near that what nobody answered is let go."""
    if not office["release_unanswered"]:
        return clock.now()
    day = clock.add_working_days(clock.today(), SHORTEST_NOTICE)
    _start, end = clock.day_bounds(day, day)
    return end


def overdue_changes(session: Session) -> list[UUID]:
    """Return the visits whose open change came to nothing in time."""
    moment = clock.now()
    near = _near(settings.read(session))
    begun = or_(Visit.starts_at <= moment, VisitChange.starts_at <= moment)
    close = or_(Visit.starts_at < near, VisitChange.starts_at < near)
    unanswered = and_(VisitChange.answer_by <= moment, or_(VisitChange.by_office, close))
    return list(
        session.scalars(
            select(VisitChange.visit_id)
            .join(Visit, Visit.id == VisitChange.visit_id)
            .where(VisitChange.state == ChangeState.ASKED, or_(begun, unanswered))
            .order_by(VisitChange.answer_by, VisitChange.id)
        )
    )


def lapse(session: Session, visit: Visit) -> None:
    """Let go a request or an offer, and tell both sides; a wish it was made for ends as well.

    Raises Rejected("state_changed") when somebody answered at this moment.
    """
    read_anew(session, visit)
    before = visit.state
    visit.follow(UNANSWERED, VisitState.LAPSED)
    visit.decided_by, visit.decided_at = None, clock.now()
    release(session, visit)
    duties.close_duties(session, visit.id)
    wish = wish_of(session, visit)
    if wish:
        wish.follow(WITH_OFFER, WishState.LAPSED)
        wish.closed_at = clock.now()
        emit(session, None, WishEnded(wish.id, wish.school_id, wish.state))
    both = (*about.school_side(visit.school_id), *about.office_side(visit.offered_by))
    if before == VisitState.OFFERED:
        about.open_news(session, visit, about.OFFER_OVER, *both)
    else:
        about.open_news(session, visit, about.LAPSED, *both)
    emit(session, None, VisitLapsed(visit.id, visit.school_id, before))


def lapse_change(session: Session, visit: Visit) -> None:
    """Let go a change that nobody answered in time, and tell whoever asked for it."""
    read_anew(session, visit)
    change = pending.drop(session, None, visit)
    if change is not None:
        about.tell_asker(session, visit, change)


def restore(session: Session, actor: Actor, visit: Visit, school: School) -> None:
    """Take up again what ended before it took place; it waits for the office once more.

    Raises Rejected("slot_taken") or ("school_busy") where its time is free no longer,
    "slot_outside" where it is over. Whoever was to come comes, or else the best free ones.
    """
    read_anew(session, visit)
    visit.move(actor, "restore")
    if not school.active:
        raise Rejected("school_inactive")
    programme = session.get_one(Programme, visit.programme_id)
    time = Time(programme, visit.starts_at, visit.expected_heads, visit)
    placing.check_day(session, school, time)
    crew = placing.choose_free(session, school, time, people_of(session, visit))
    if not settle(session, visit, crew.stay(school, time)):
        raise Rejected("slot_taken", "slot", wanted=visit.starts_at)
    set_crew(session, visit, crew.worker_ids)
    visit.decided_by = visit.decided_at = None
    visit.reason = visit.override_reason = ""
    visit.answer_by = booking.answer_by(settings.read(session))
    duties.close_duties(session, visit.id)
    about.open_answer_duty(session, visit, school)
    emit(session, actor, VisitRestored(visit.id, school.id, visit.social_worker_id))
