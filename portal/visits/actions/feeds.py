"""Private addresses that calendar programs fetch."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Permission
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.tokens import new_token, token_hash
from portal.visits.events import FeedMade, FeedRevoked
from portal.visits.models import CalendarFeed


def make_feed(session: Session, actor: Actor, school_id: UUID | None = None) -> str:
    """Make an address for oneself or for one's school; return its token, which nobody sees again.

    The one made before ends. Raises Rejected("not_allowed").
    """
    if school_id is not None and school_id not in actor.schools_with(Permission.VISIT_REQUEST):
        raise Rejected("not_allowed")
    for earlier in _working(session, actor, school_id):
        _revoke(session, actor, earlier)
    token = new_token()
    feed = CalendarFeed(
        user_id=None if school_id else actor.user_id,
        school_id=school_id,
        token_hash=token_hash(token),
        made_by=actor.user_id,
        made_at=clock.now(),
    )
    session.add(feed)
    session.flush()
    emit(session, actor, FeedMade(feed.id, school_id=school_id))
    return token


def end_feeds_of(session: Session, actor: Actor | None, user_id: UUID) -> None:
    """End the addresses somebody made, for themselves or a school, since a role of theirs ended.

    With a new role they would tell of other sessions, to whoever has the address by then.
    """
    made = select(CalendarFeed).where(
        CalendarFeed.made_by == user_id, CalendarFeed.revoked_at.is_(None)
    )
    for feed in session.scalars(made):
        _revoke(session, actor, feed)


def revoke_feed(session: Session, actor: Actor, feed: CalendarFeed) -> None:
    """End an address; whoever has it finds nothing there any more."""
    if feed.revoked_at is None:
        _revoke(session, actor, feed)


def _working(session: Session, actor: Actor, school_id: UUID | None) -> list[CalendarFeed]:
    found = select(CalendarFeed).where(CalendarFeed.revoked_at.is_(None))
    if school_id is None:
        return list(session.scalars(found.where(CalendarFeed.user_id == actor.user_id)))
    return list(session.scalars(found.where(CalendarFeed.school_id == school_id)))


def _revoke(session: Session, actor: Actor | None, feed: CalendarFeed) -> None:
    feed.revoked_at = clock.now()
    emit(session, actor, FeedRevoked(feed.id, school_id=feed.school_id))
