"""The waiting list: what schools would like where no free time fits, and offering it to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, duties
from portal.core.access import Actor, Permission
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.schools.models import School
from portal.visits.actions import about, booking
from portal.visits.actions.offering import Invitation, invite
from portal.visits.events import WishEnded, WishMade
from portal.visits.models import Programme, Visit, Wish
from portal.visits.states import WAITING, Origin, WishState

# The job that offers free times to the waiting list.
SERVE = "visit_wishes"


@dataclass(frozen=True)
class Wanted:
    """What a school would like; no weekdays or starts mean that any suit."""

    programme: Programme
    earliest_on: date
    latest_on: date
    weekdays: tuple[int, ...]
    starts: tuple[str, ...]
    grades: tuple[str, ...]
    expected_heads: int
    topic_id: UUID | None = None
    own_topic: str = ""
    room: str = ""
    needs: str = ""


def wish(session: Session, actor: Actor, school: School, wanted: Wanted) -> Wish:
    """Put a school on the waiting list; it waits once for each programme.

    Raises Rejected "wish_twice", "wish_over" (its last day is past), "wish_order",
    "audience_too_large", "school_inactive".
    """
    booking.check_may_ask(actor, school, Permission.VISIT_REQUEST)
    booking.check_heads(wanted.programme, wanted.expected_heads)
    if wanted.latest_on < wanted.earliest_on:
        raise Rejected("wish_order", "latest_on")
    if wanted.latest_on < clock.today():
        raise Rejected("wish_over", "latest_on")
    booking.wait_for_colleagues(session, school)
    open_one = select(Wish.id).where(
        Wish.school_id == school.id,
        Wish.programme_id == wanted.programme.id,
        Wish.state.in_([WishState.WAITING, WishState.OFFERED]),
    )
    if session.scalars(open_one).first():
        raise Rejected("wish_twice")
    made = _new_wish(actor, school, wanted)
    session.add(made)
    session.flush()
    about.open_wish_duty(session, made)
    emit(session, actor, WishMade(made.id, school.id, wanted.programme.id))
    return made


def _new_wish(actor: Actor, school: School, wanted: Wanted) -> Wish:
    return Wish(
        id=new_id(),
        school_id=school.id,
        programme_id=wanted.programme.id,
        topic_id=wanted.topic_id,
        own_topic=wanted.own_topic,
        grades=list(wanted.grades),
        expected_heads=wanted.expected_heads,
        room=wanted.room,
        needs=wanted.needs or None,
        earliest_on=wanted.earliest_on,
        latest_on=wanted.latest_on,
        weekdays=list(wanted.weekdays),
        starts=list(wanted.starts),
        state=WishState.WAITING,
        asked_by=actor.user_id,
        asked_at=clock.now(),
    )


def withdraw(session: Session, actor: Actor, waiting: Wish) -> None:
    """Take a wish back; what was offered for it is answered on the offer."""
    _read_anew(session, waiting)
    waiting.move(actor, "withdraw")
    _ended(session, actor, waiting)


def lapse(session: Session, waiting: Wish) -> None:
    """Let go a wish whose last day is past."""
    _read_anew(session, waiting)
    waiting.follow(WAITING, WishState.LAPSED)
    _ended(session, None, waiting)


def _read_anew(session: Session, waiting: Wish) -> None:
    session.refresh(waiting, with_for_update=True)
    if waiting.state != WishState.WAITING:
        raise Rejected("state_changed")


def _ended(session: Session, actor: Actor | None, waiting: Wish) -> None:
    waiting.closed_at = clock.now()
    duties.close_duties(session, waiting.id, about.ANSWER_WISH)
    emit(session, actor, WishEnded(waiting.id, waiting.school_id, waiting.state))


def offer(session: Session, actor: Actor | None, waiting: Wish, starts_at: datetime) -> Visit:
    """Offer a time to a school that waits; `actor` is None where the portal does it by itself.

    Raises Rejected "state_changed" when it waits no longer, and what `offering.invite` raises.
    """
    _read_anew(session, waiting)
    school = session.get_one(School, waiting.school_id)
    programme = session.get_one(Programme, waiting.programme_id)
    visit = invite(
        session,
        actor,
        school,
        Invitation(
            programme=programme,
            starts_at=starts_at,
            topic_id=waiting.topic_id,
            own_topic=waiting.own_topic,
            grades=tuple(waiting.grades),
            expected_heads=waiting.expected_heads,
            room=waiting.room,
            needs=waiting.needs or "",
            origin=Origin.WISH,
            requested_by=waiting.asked_by,
        ),
    )
    if actor:
        waiting.move(actor, "offer")
    else:
        waiting.follow(WAITING, WishState.OFFERED)
    waiting.visit_id = visit.id
    duties.close_duties(session, waiting.id, about.ANSWER_WISH)
    return visit
