"""What parents read: cards of three minutes, alone or day by day along a path."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, select
from sqlalchemy.orm import Session

from portal.materials.models import GroupItem, Material, MaterialGroup
from portal.materials.policy.access import PUBLISHED
from portal.materials.states import GroupKind, MaterialKind

MOST_CARDS = 60

PATH_SHOWN: ColumnElement[bool] = (MaterialGroup.kind == GroupKind.PATH) & MaterialGroup.shown
CARD: ColumnElement[bool] = PUBLISHED & (Material.kind == MaterialKind.PARENT_CARD)
COLUMNS = (
    Material.public_id,
    Material.slug,
    Material.title_id,
    Material.title_en,
    Material.summary_id,
    Material.summary_en,
    Material.minutes,
)


@dataclass(frozen=True)
class Path:
    """A path with its days, in order; only what is published is a day."""

    group: MaterialGroup
    days: tuple[Row[*tuple[Any, ...]], ...]

    def day_of(self, slug: str) -> int | None:
        """Return which day a card is, from 1."""
        return next((day for day, each in enumerate(self.days, 1) if each.slug == slug), None)

    def next_day(self, done: Collection[int]) -> Row[*tuple[Any, ...]] | None:
        """Return the first day that is not done yet."""
        return next((each for day, each in enumerate(self.days, 1) if day not in done), None)


def paths(session: Session) -> list[Path]:
    """Return the paths that have at least one day."""
    found = select(MaterialGroup).where(PATH_SHOWN).order_by(MaterialGroup.position)
    return _with_days(session, list(session.scalars(found)))


def path(session: Session, slug: str) -> Path | None:
    """Return one path."""
    group = session.scalar(select(MaterialGroup).where(PATH_SHOWN, MaterialGroup.slug == slug))
    return next(iter(_with_days(session, [group] if group else [])), None)


def _with_days(session: Session, groups: list[MaterialGroup]) -> list[Path]:
    found = (
        select(GroupItem.group_id, *COLUMNS)
        .join(Material, Material.id == GroupItem.material_id)
        .where(CARD, GroupItem.group_id.in_([group.id for group in groups]))
        .order_by(GroupItem.position)
    )
    rows = session.execute(found).all() if groups else []
    made = [Path(group, tuple(r for r in rows if r.group_id == group.id)) for group in groups]
    return [each for each in made if each.days]


def cards(session: Session) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the cards that are on no path, the newest first."""
    on_path = (
        exists()
        .where(GroupItem.material_id == Material.id, GroupItem.group_id == MaterialGroup.id)
        .where(PATH_SHOWN)
    )
    found = select(*COLUMNS).where(CARD, ~on_path).order_by(Material.published_at.desc())
    return session.execute(found.limit(MOST_CARDS)).all()
