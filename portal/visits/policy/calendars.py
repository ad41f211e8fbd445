"""Whose sessions a calendar shows."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, true

from portal.core.access import Actor, Permission
from portal.visits.models import CalendarFeed, Visit, VisitWorker
from portal.visits.policy.visits import visible_to


def goes_to_schools(actor: Actor) -> bool:
    """Say whether an actor has a schedule of their own among everybody's sessions."""
    return not actor.may(Permission.VISIT_APPROVE) and actor.may(
        Permission.VISIT_DELIVER, assigned=True
    )


def goes_there(user_id: UUID) -> ColumnElement[bool]:
    """Return the condition for the visits somebody leads or goes along to."""
    along = exists().where(VisitWorker.visit_id == Visit.id, VisitWorker.user_id == user_id)
    return or_(Visit.social_worker_id == user_id, along)


def own_calendar(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for an actor's own calendar: their sessions, or all they may see."""
    own = goes_there(actor.user_id) if goes_to_schools(actor) else true()
    return visible_to(actor) & own


def feeds_kept_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the calendar addresses an actor may end: own ones, the school's."""
    schools = actor.schools_with(Permission.VISIT_REQUEST)
    return or_(CalendarFeed.user_id == actor.user_id, CalendarFeed.school_id.in_(schools))
