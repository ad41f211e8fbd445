"""Who sees which materials, and who may do what with one.

Everybody sees what is published, whoever writes materials all of it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeGuard
from uuid import UUID

from sqlalchemy import ColumnElement, true

from portal.core import clock
from portal.core.access import Actor, Permission
from portal.materials.models import Material, MaterialGroup, MaterialUse, QuizRound
from portal.materials.states import MaterialState

Condition = ColumnElement[bool]

# What everybody finds, also without an account.
PUBLISHED: Condition = Material.state == MaterialState.PUBLISHED


def writes(actor: Actor | None) -> TypeGuard[Actor]:
    """Say whether an actor, or somebody without account, writes materials and so sees drafts."""
    return actor is not None and actor.may(Permission.MATERIAL_WRITE)


def seen_by(actor: Actor | None) -> Condition:
    """Return the condition for the materials an actor, or somebody without account, may see."""
    return true() if writes(actor) else PUBLISHED


def rounds_of(actor: Actor) -> Condition:
    """Return the condition for the classes asked whose results an actor may see."""
    return actor.within(Permission.QUIZ_ROUND, QuizRound.school_id)


def uses_of(actor: Actor) -> Condition:
    """Return the condition for the uses an actor may see: those of the own schools."""
    return actor.within(Permission.MATERIAL_USE, MaterialUse.school_id)


def may_ask_class(actor: Actor, school_id: UUID) -> bool:
    """Say whether an actor may ask a class of a school with a quiz."""
    return actor.may(Permission.QUIZ_ROUND, school_id)


def may_describe(actor: Actor, material: Material) -> bool:
    """Say whether an actor may change what is about a material.

    It shows at once, so of what people see (or saw) only whoever publishes may.
    """
    published = material.published_at is not None
    return actor.may(Permission.MATERIAL_PUBLISH if published else Permission.MATERIAL_WRITE)


def may_throw_away(actor: Actor, material: Material) -> bool:
    """Say whether an actor may throw away a material that was never published."""
    own = material.created_by == actor.user_id and actor.may(Permission.MATERIAL_WRITE)
    return material.published_at is None and (own or actor.may(Permission.MATERIAL_PUBLISH))


def may_change_group(actor: Actor, group: MaterialGroup) -> bool:
    """Say whether an actor may change a group: what people see, only whoever publishes."""
    return actor.may(Permission.MATERIAL_PUBLISH if group.shown else Permission.MATERIAL_WRITE)


def may_forget_use(actor: Actor, user_id: UUID, recorded_at: datetime) -> bool:
    """Say whether a use may still be taken back: by whoever noted it, on the same day."""
    noted_on = clock.day_of(recorded_at)
    return user_id == actor.user_id and noted_on == clock.today()
