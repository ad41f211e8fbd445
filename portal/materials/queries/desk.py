"""The desk of whoever keeps the library: lists of materials with their drafts, and editions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, literal, select
from sqlalchemy import tuple_ as row_of
from sqlalchemy.orm import Session, aliased

from portal.core.access import Actor
from portal.materials.models import Edition, Material
from portal.materials.queries import reviews
from portal.materials.queries.library import titled
from portal.people.models import User

PAGE_SIZE = 25
MOST_EDITIONS = 100
TABS = ("tunggu", "draf", "tinjau", "semua")
DRAFT = aliased(Edition)
WRITER, PUBLISHER = aliased(User), aliased(User)
NEVER = date(1, 1, 1)


@dataclass(frozen=True)
class Page:
    """A stretch of a list, and the address after which it goes on."""

    rows: Sequence[Row[*tuple[Any, ...]]]
    after: str | None


def _tabs(months: int) -> dict[str, ColumnElement[bool]]:
    return {
        "tunggu": DRAFT.asked_at.is_not(None),
        "draf": DRAFT.id.is_not(None),
        "tinjau": reviews.due(months),
        "semua": Material.id.is_not(None),
    }


def _order(actor: Actor, tab: str) -> tuple[list[Any], bool]:
    """Return what a tab is sorted by, and whether the other way round."""
    mine = case((DRAFT.written_by == actor.user_id, 1), else_=0)
    match tab:
        case "tunggu":
            return [DRAFT.asked_at, Material.id], False
        case "draf":
            return [mine, DRAFT.written_at, Material.id], True
        case "tinjau":
            return [func.coalesce(Material.reviewed_on, NEVER), Material.id], False
        case _:
            return [Material.created_at, Material.id], True


def _of_desk(*columns: Any) -> Select[*tuple[Any, ...]]:
    drafts = and_(DRAFT.material_id == Material.id, DRAFT.published_at.is_(None))
    return select(*columns).select_from(Material).outerjoin(DRAFT, drafts)


def materials(
    session: Session, actor: Actor, tab: str, months: int, typed: str = "", after: str | None = None
) -> Page:
    """Return a page of a tab: what waited longest first, or the newest; own drafts before others'.

    `months` is how long a review holds, `typed` a part of the title, `after` the address of the
    last material of the page before.
    """
    columns, newest_first = _order(actor, tab)
    shown = _of_desk(
        Material.slug,
        Material.kind,
        Material.state,
        Material.title_id,
        Material.title_en,
        Material.reviewed_on,
        DRAFT.id.is_not(None).label("drafted"),
        DRAFT.asked_at,
        DRAFT.written_at,
        User.full_name.label("writer"),
    ).outerjoin(User, User.id == DRAFT.written_by)
    shown = shown.where(_tabs(months)[tab], titled(typed))
    key = session.execute(_of_desk(*columns).where(Material.slug == after)).first()
    if key and None not in key:
        there = row_of(*(literal(part, each.type) for part, each in zip(key, columns, strict=True)))
        here = row_of(*columns)
        shown = shown.where(here < there if newest_first else here > there)
    order = [each.desc() for each in columns] if newest_first else columns
    rows = session.execute(shown.order_by(*order).limit(PAGE_SIZE + 1)).all()
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    return Page(rows, rows[-1].slug if more else None)


def counts(session: Session, months: int, typed: str = "") -> dict[str, int]:
    """Return how many materials stand under each tab."""
    tabs = _tabs(months)
    sums = [func.sum(case((condition, 1), else_=0)) for condition in tabs.values()]
    row = session.execute(_of_desk(*sums).where(titled(typed))).one()
    return {tab: int(figure or 0) for tab, figure in zip(tabs, row, strict=True)}


@dataclass(frozen=True)
class EditionLine:
    """An edition in the list of all: when it was written and published, and by whom."""

    number: int
    note: str
    written_at: datetime
    writer: str
    asked_at: datetime | None
    published_at: datetime | None
    publisher: str

    @property
    def changed(self) -> str:
        """Return what changed with it."""
        return self.note.partition("\n")[0]

    @property
    def taken_off(self) -> list[str]:
        """Return why it was taken off the shelf, the last time first."""
        return self.note.split("\n")[1:]


def editions(session: Session, material_id: UUID) -> list[EditionLine]:
    """Return the editions of a material, the newest first, without what they say."""
    found = (
        select(
            Edition.number,
            Edition.note,
            Edition.written_at,
            func.coalesce(WRITER.full_name, "").label("writer"),
            Edition.asked_at,
            Edition.published_at,
            func.coalesce(PUBLISHER.full_name, "").label("publisher"),
        )
        .outerjoin(WRITER, WRITER.id == Edition.written_by)
        .outerjoin(PUBLISHER, PUBLISHER.id == Edition.published_by)
        .where(Edition.material_id == material_id)
        .order_by(Edition.number.desc())
        .limit(MOST_EDITIONS)
    )
    return [EditionLine(**row._mapping) for row in session.execute(found)]
