"""What the library lists: materials, collections, favourites, and what fits a material."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Subquery,
    case,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from portal.core.types import UtcDateTime
from portal.materials.models import Favourite, GroupItem, Material, MaterialGroup
from portal.materials.policy.access import PUBLISHED
from portal.materials.queries import use
from portal.materials.queries.search import COLUMNS, Wanted, for_any
from portal.materials.states import GroupKind, MaterialKind

PAGE_SIZE = 12
MOST_RELATED = 3
# What people do themselves stays with them longer than what they are told: it stands first.
PLAYED = (MaterialKind.SCENARIO, MaterialKind.QUIZ)

Card = Row[*tuple[Any, ...]]
# Whether it is played, how many classes used it, when it was published, its id; of a favourite when
# it was marked and its id.
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Page:
    """One page of the shelf, and the key from which it goes on."""

    rows: Sequence[Card]
    after: Key | None


def browse(session: Session, wanted: Wanted, after: Key | None = None) -> Page:
    """Return a page of what is published: what is played first, then what classes used most."""
    used = _classes()
    order = (
        case((Material.kind.in_(PLAYED), 1), else_=0).label("played"),
        func.coalesce(used.c.classes, 0).label("classes"),
        Material.published_at,
        Material.id,
    )
    found = (
        select(*COLUMNS, order[0], order[1])
        .outerjoin(used, used.c.material_id == Material.id)
        .where(PUBLISHED, *wanted.conditions())
        .order_by(*(column.desc() for column in order))
        .limit(PAGE_SIZE + 1)
    )
    if after is not None:
        found = found.where(tuple_(*order) < _bound(after))
    rows = session.execute(found).all()
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    key = (last.played, last.classes, last.published_at, last.id) if last else None
    return Page(rows[:PAGE_SIZE], key)


def _classes() -> Subquery:
    each = use.classes().subquery()
    counted = select(each.c.material_id, func.count().label("classes"))
    return counted.group_by(each.c.material_id).subquery()


def _bound(key: Key) -> ColumnElement[Any]:
    played, classes, published_at, material_id = key
    return tuple_(
        literal(played),
        literal(classes),
        literal(published_at, UtcDateTime()),
        literal(material_id, Material.id.type),
    )


def favourites(session: Session, user_id: UUID, after: Key | None = None) -> Page:
    """Return a page of what somebody marked and is still published, the last marked first."""
    order = (Favourite.added_at, Favourite.material_id)
    found = (
        select(*COLUMNS, Favourite.added_at)
        .join(Favourite, Favourite.material_id == Material.id)
        .where(PUBLISHED, Favourite.user_id == user_id)
        .order_by(*(column.desc() for column in order))
        .limit(PAGE_SIZE + 1)
    )
    if after is not None:
        bound = (literal(part, column.type) for part, column in zip(after, order, strict=True))
        found = found.where(tuple_(*order) < tuple_(*bound))
    rows = session.execute(found).all()
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    return Page(rows[:PAGE_SIZE], (last.added_at, last.id) if last else None)


def is_favourite(session: Session, user_id: UUID, material_id: UUID) -> bool:
    """Say whether somebody marked a material."""
    return session.get(Favourite, (user_id, material_id)) is not None


def collections(session: Session) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the collections that hold something published, with `materials` counted."""
    return session.execute(
        _shown_groups(func.count(Material.id).label("materials"))
        .where(MaterialGroup.kind == GroupKind.COLLECTION)
        .group_by(MaterialGroup.id)
        .order_by(MaterialGroup.position, MaterialGroup.id)
    ).all()


def _shown_groups(*more: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            MaterialGroup.slug,
            MaterialGroup.title_id,
            MaterialGroup.title_en,
            MaterialGroup.text_id,
            MaterialGroup.text_en,
            *more,
        )
        .join(GroupItem, GroupItem.group_id == MaterialGroup.id)
        .join(Material, Material.id == GroupItem.material_id)
        .where(MaterialGroup.shown, PUBLISHED)
    )


def collection(session: Session, slug: str) -> MaterialGroup | None:
    """Return the collection people find under an address."""
    return session.scalar(
        select(MaterialGroup).where(
            MaterialGroup.slug == slug,
            MaterialGroup.kind == GroupKind.COLLECTION,
            MaterialGroup.shown,
        )
    )


def in_group(session: Session, group_id: UUID) -> Sequence[Card]:
    """Return what is published of a group, in its order."""
    return session.execute(
        select(*COLUMNS)
        .join(GroupItem, GroupItem.material_id == Material.id)
        .where(GroupItem.group_id == group_id, PUBLISHED)
        .order_by(GroupItem.position, Material.id)
    ).all()


def related(session: Session, material: Material) -> Sequence[Card]:
    """Return a few others for the same people, of the same collection first."""
    own = select(GroupItem.group_id).where(GroupItem.material_id == material.id)
    beside = Material.id.in_(select(GroupItem.material_id).where(GroupItem.group_id.in_(own)))
    return session.execute(
        select(*COLUMNS)
        .where(PUBLISHED, Material.id != material.id, for_any(material.audiences))
        .order_by(
            case((beside, 0), else_=1),
            case((Material.strategy == material.strategy, 0), else_=1),
            Material.published_at.desc(),
            Material.id,
        )
        .limit(MOST_RELATED)
    ).all()
