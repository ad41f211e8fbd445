"""Who sees which materials: everybody what is published, whoever writes them all of it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, or_, true

from portal.core.access import Actor, Permission
from portal.materials.models import Material, MaterialUse, QuizRound
from portal.materials.states import MaterialState

Condition = ColumnElement[bool]

# What everybody finds, also without an account.
PUBLISHED: Condition = Material.state == MaterialState.PUBLISHED


def seen_by(actor: Actor | None) -> Condition:
    """Return the condition for the materials an actor, or somebody without account, may see."""
    if actor is not None and actor.may(Permission.MATERIAL_WRITE):
        return true()
    return PUBLISHED


def rounds_of(actor: Actor) -> Condition:
    """Return the condition for the classes asked whose results an actor may see."""
    return actor.within(Permission.QUIZ_ROUND, QuizRound.school_id)


def uses_seen_by(actor: Actor) -> Condition:
    """Return the condition for the uses an actor may see: of the own school, the office all."""
    return or_(
        actor.within(Permission.MATERIAL_USE, MaterialUse.school_id),
        actor.within(Permission.MATERIAL_FIGURES),
    )


def may_ask_class(actor: Actor, school_id: UUID) -> bool:
    """Say whether an actor may ask a class of a school with a quiz."""
    return actor.may(Permission.QUIZ_ROUND, school_id)
