"""How a material is used: by one's own classes with name and date, by all as sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.materials.models import MaterialTally, MaterialUse
from portal.materials.policy.access import uses_of
from portal.schools.models import School

MOST_LISTED = 5


@dataclass(frozen=True)
class Figures:
    """How often a material was used, and what those who finished it said; nobody is named."""

    classes: int
    schools: int
    # Sums by codes of `Mark`; missing where nobody said anything.
    marks: Mapping[str, int]


def last_of_own(
    session: Session, actor: Actor, material_id: UUID
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the last uses of a material at the actor's own schools."""
    return session.execute(
        select(
            MaterialUse.public_id,
            MaterialUse.class_name,
            MaterialUse.heads,
            MaterialUse.used_on,
            MaterialUse.user_id,
            MaterialUse.recorded_at,
            School.name.label("school_name"),
        )
        .join(School, School.id == MaterialUse.school_id)
        .where(MaterialUse.material_id == material_id, uses_of(actor))
        .order_by(MaterialUse.used_on.desc(), MaterialUse.recorded_at.desc(), MaterialUse.id)
        .limit(MOST_LISTED)
    ).all()


def own(session: Session, actor: Actor, material_id: UUID, public_id: str) -> MaterialUse | None:
    """Return a use that the actor wrote down."""
    return session.scalar(
        select(MaterialUse).where(
            MaterialUse.public_id == public_id,
            MaterialUse.material_id == material_id,
            MaterialUse.user_id == actor.user_id,
        )
    )


def classes() -> Select[UUID, UUID, str]:
    """Return every class that used a material once, however often it did and is written."""
    name = func.lower(MaterialUse.class_name).label("class_name")
    return select(MaterialUse.material_id, MaterialUse.school_id, name).distinct()


def figures(session: Session, material_id: UUID) -> Figures:
    """Return how often a material was used since it is there."""
    each = classes().where(MaterialUse.material_id == material_id).subquery()
    counted = select(func.count(), func.count(each.c.school_id.distinct()))
    number, schools = session.execute(counted.select_from(each)).one()
    marks = session.execute(
        select(MaterialTally.mark, func.sum(MaterialTally.count))
        .where(MaterialTally.material_id == material_id)
        .group_by(MaterialTally.mark)
    )
    return Figures(number, schools, {mark: int(count) for mark, count in marks})
