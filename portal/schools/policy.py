"""Which schools, memoranda and waiting imports an actor may see."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from portal.core.access import Actor, Permission
from portal.schools.models import Mou, School, SchoolImport


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the schools an actor may see."""
    return actor.within(Permission.SCHOOL_READ, School.id)


def mous_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the memoranda an actor may see."""
    return actor.within(Permission.MOU_READ, Mou.school_id)


def imports_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for waiting imports: nobody sees the upload of somebody else."""
    return actor.within(Permission.SCHOOL_IMPORT) & (SchoolImport.made_by == actor.user_id)
