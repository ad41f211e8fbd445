"""Which visits an actor may see."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from portal.core.access import Actor, Permission
from portal.visits.models import Visit


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the visits an actor may see."""
    return actor.within(Permission.VISIT_READ, Visit.school_id, Visit.social_worker_id)
