"""Collections and paths with what belongs to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from portal.materials.models import GroupItem, Material, MaterialGroup
from portal.materials.policy.access import PUBLISHED
from portal.materials.queries.library import titled
from portal.materials.states import GroupKind, MaterialKind

# How many materials are offered for a title somebody looks for.
MOST_FOUND = 10


def every(session: Session) -> list[tuple[MaterialGroup, int]]:
    """Return all groups in their order, each with how many materials it has."""
    counted = (
        select(GroupItem.group_id, func.count().label("holds"))
        .group_by(GroupItem.group_id)
        .subquery()
    )
    found = (
        select(MaterialGroup, func.coalesce(counted.c.holds, 0))
        .outerjoin(counted, counted.c.group_id == MaterialGroup.id)
        .order_by(MaterialGroup.position, MaterialGroup.title_id, MaterialGroup.id)
    )
    return [(group, int(items)) for group, items in session.execute(found)]


def get(session: Session, public_id: str) -> MaterialGroup | None:
    """Return one group."""
    return session.scalar(select(MaterialGroup).where(MaterialGroup.public_id == public_id))


def items(session: Session, group_id: UUID) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the materials of a group in their order, those not published as well."""
    found = (
        select(
            Material.public_id,
            Material.slug,
            Material.kind,
            Material.state,
            Material.title_id,
            Material.title_en,
        )
        .join(GroupItem, GroupItem.material_id == Material.id)
        .where(GroupItem.group_id == group_id)
        .order_by(GroupItem.position, GroupItem.id)
    )
    return session.execute(found).all()


def offered(session: Session, group: MaterialGroup, typed: str) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return published materials whose title holds what was typed and that a group may still take:
    a path cards for parents alone.
    """
    there = select(GroupItem.material_id).where(GroupItem.group_id == group.id)
    found = select(Material.public_id, Material.kind, Material.title_id, Material.title_en).where(
        PUBLISHED,
        Material.id.not_in(there),
        titled(typed),
    )
    if group.kind == GroupKind.PATH:
        found = found.where(Material.kind == MaterialKind.PARENT_CARD)
    return session.execute(found.order_by(Material.title_id, Material.id).limit(MOST_FOUND)).all()


def material(session: Session, public_id: str) -> Material | None:
    """Return a material by its public id, published or not."""
    return session.scalar(select(Material).where(Material.public_id == public_id))
