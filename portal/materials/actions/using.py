"""Saying that a class used a material, and marking materials to find them again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Permission
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.tallies import insert
from portal.materials.events import MaterialUsed, MaterialUseTakenBack
from portal.materials.models import Favourite, Material, MaterialUse
from portal.materials.policy.access import may_forget_use
from portal.materials.states import MaterialState

# Who remembers a lesson longer than that remembers it wrongly.
MOST_DAYS_AGO = 366


@dataclass(frozen=True)
class Use:
    """What a school says of a class that used a material."""

    school_id: UUID
    class_name: str
    used_on: date
    heads: int | None = None


def record_use(session: Session, actor: Actor, material: Material, use: Use) -> MaterialUse:
    """Note that a class used a material.

    Raises Rejected: not_allowed, not_published, use_to_come, use_long_ago, and use_noted for a
    class and day that are noted already.
    """
    if not actor.may(Permission.MATERIAL_USE, use.school_id):
        raise Rejected("not_allowed")
    if material.state != MaterialState.PUBLISHED:
        raise Rejected("not_published")
    today = clock.today()
    if use.used_on > today:
        raise Rejected("use_to_come", "used_on")
    if use.used_on < today - timedelta(days=MOST_DAYS_AGO):
        raise Rejected("use_long_ago", "used_on")
    noted = MaterialUse(
        id=new_id(),
        material_id=material.id,
        school_id=use.school_id,
        user_id=actor.user_id,
        class_name=use.class_name,
        heads=use.heads,
        used_on=use.used_on,
        recorded_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(noted)
    except IntegrityError as error:
        raise Rejected("use_noted", "class_name") from error
    emit(session, actor, MaterialUsed(material.id, school_id=use.school_id))
    return noted


def forget_use(session: Session, actor: Actor, use: MaterialUse) -> None:
    """Take back what was noted by mistake; raises Rejected("use_stays")."""
    if not may_forget_use(actor, use.user_id, use.recorded_at):
        raise Rejected("use_stays")
    session.delete(use)
    emit(session, actor, MaterialUseTakenBack(use.material_id, school_id=use.school_id))


def mark(session: Session, actor: Actor, material: Material) -> None:
    """Mark a material to find it again; once is enough."""
    new = insert(session, Favourite).values(
        user_id=actor.user_id, material_id=material.id, added_at=clock.now()
    )
    session.execute(new.on_conflict_do_nothing())


def unmark(session: Session, actor: Actor, material: Material) -> None:
    """Take the mark off again."""
    session.execute(
        delete(Favourite).where(
            Favourite.user_id == actor.user_id, Favourite.material_id == material.id
        )
    )
