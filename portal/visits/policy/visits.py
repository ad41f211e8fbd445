"""Which visits an actor may see."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select

from portal.core.access import Actor, Permission
from portal.schools.models import School
from portal.visits.models import Visit


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the visits an actor may see.

    A school sees what took place at those that became part of it as well.
    """
    reached = actor.within(Permission.VISIT_READ, Visit.school_id, Visit.social_worker_id)
    own = actor.schools_with(Permission.VISIT_READ)
    if not own or actor.may(Permission.VISIT_READ):
        return reached
    part_of_own = select(School.id).where(School.merged_into_id.in_(own))
    return or_(reached, Visit.school_id.in_(part_of_own))
