"""Calendar addresses, and the sessions whoever fetches one gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Permission
from portal.core.tokens import token_hash
from portal.people.models import User
from portal.people.queries.appointments import actor_for
from portal.schools.models import School
from portal.visits.models import CalendarFeed, Visit
from portal.visits.policy.calendars import feeds_kept_by, own_calendar
from portal.visits.policy.visits import visible_to
from portal.visits.queries.calendar import Entry, entries
from portal.visits.states import HOLDING_TIME, VisitState

# Days of the past and the future a feed tells of.
BACK, AHEAD = timedelta(days=60), timedelta(days=400)
# So long a session that does not take place is told of, so that calendars take it out.
TOLD_OF = timedelta(days=30)


@dataclass(frozen=True)
class Source:
    """An address that works: for whom, and which sessions it tells of."""

    owner: User
    actor: Actor
    school: School | None


def list_feeds(session: Session, actor: Actor) -> list[CalendarFeed]:
    """Return the addresses an actor may end."""
    return list(
        session.scalars(
            select(CalendarFeed)
            .where(feeds_kept_by(actor), CalendarFeed.revoked_at.is_(None))
            .order_by(CalendarFeed.made_at)
        )
    )


def get_feed(session: Session, actor: Actor, public_id: str) -> CalendarFeed | None:
    """Return an address an actor may end."""
    return session.scalar(
        select(CalendarFeed).where(CalendarFeed.public_id == public_id, feeds_kept_by(actor))
    )


def find_source(session: Session, token: str) -> Source | None:
    """Return what is behind a token; None when it was revoked, or its maker's rights ended."""
    found = session.execute(
        select(CalendarFeed, User, School)
        .join(User, User.id == CalendarFeed.made_by)
        .outerjoin(School, School.id == CalendarFeed.school_id)
        .where(CalendarFeed.token_hash == token_hash(token), CalendarFeed.revoked_at.is_(None))
    ).one_or_none()
    if found is None:
        return None
    owner, school = found.User, found.School
    actor = actor_for(session, owner)
    if school is None:
        works = actor.may_somewhere(Permission.VISIT_READ)
    else:
        works = actor.may(Permission.VISIT_REQUEST, school.id)
    return Source(owner, actor, school) if works else None


def told_by(session: Session, source: Source) -> Sequence[Entry]:
    """Return the sessions a feed tells of: those that hold their time, and what just ended."""
    now = clock.now()
    mine = own_calendar(source.actor)
    if source.school is not None:
        mine = visible_to(source.actor) & (Visit.school_id == source.school.id)
    decided = func.coalesce(Visit.decided_at, Visit.answer_by)
    # What was settled long ago may yet have fallen through on its day.
    fell_through = (Visit.state == VisitState.NOT_DELIVERED, Visit.starts_at)
    ended = case(fell_through, else_=decided) >= now - TOLD_OF
    found = entries().where(
        mine,
        Visit.starts_at >= now - BACK,
        Visit.starts_at < now + AHEAD,
        or_(Visit.state.in_(sorted(HOLDING_TIME)), ended),
    )
    return session.execute(found).all()


def told_of(session: Session, actor: Actor, public_id: str) -> Entry | None:
    """Return one session as calendars show it."""
    found = entries().where(Visit.public_id == public_id, visible_to(actor))
    return session.execute(found).one_or_none()
