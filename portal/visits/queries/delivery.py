"""What remains of sessions: heads, materials, photographs, costs, and why some fell through."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.files import StoredFile
from portal.materials.models import Material
from portal.materials.policy.access import PUBLISHED
from portal.visits.models import (
    Programme,
    Visit,
    VisitCost,
    VisitHeads,
    VisitMaterial,
    VisitNeed,
    VisitPhoto,
)
from portal.visits.states import NotDelivered, VisitState

Rows = Sequence[Row[*tuple[Any, ...]]]


@dataclass(frozen=True)
class Heads:
    """How many pupils of a class were there; the name is empty where all were counted at once."""

    class_name: str
    girls: int
    boys: int


def heads_of(session: Session, visit: Visit) -> list[Heads]:
    """Return the heads of a delivered session, class by class in the order of their names.

    A session recorded before classes were counted has one row with its sums.
    """
    rows = session.execute(
        select(VisitHeads.class_name, VisitHeads.girls, VisitHeads.boys)
        .where(VisitHeads.visit_id == visit.id)
        .order_by(VisitHeads.class_name)
    )
    heads = [Heads(*row) for row in rows]
    return heads or [Heads("", visit.heads_girls or 0, visit.heads_boys or 0)]


# What a form or a list shows of a material that was, or may be, handed over.
_SHOWN = (Material.id, Material.slug, Material.title_id, Material.title_en)


def handed_over(session: Session, visit_id: UUID) -> Rows:
    """Return id, slug, titles, state and copies of what was handed over at a session."""
    return session.execute(
        select(*_SHOWN, Material.state, VisitMaterial.copies)
        .join(VisitMaterial, VisitMaterial.material_id == Material.id)
        .where(VisitMaterial.visit_id == visit_id)
        .order_by(Material.title_id, Material.id)
    ).all()


def offered(session: Session, visit_id: UUID, slugs: Collection[str]) -> Rows:
    """Return id, slug and titles of those materials that can be recorded for a session.

    These are the published ones, and what was recorded before it was withdrawn.
    """
    before = select(VisitMaterial.material_id).where(VisitMaterial.visit_id == visit_id)
    return session.execute(
        select(*_SHOWN)
        .where(Material.slug.in_(slugs), PUBLISHED | Material.id.in_(before))
        .order_by(Material.title_id, Material.id)
    ).all()


def needs_named(session: Session, codes: Collection[str]) -> list[VisitNeed]:
    """Return what these codes stand for, in the office's order."""
    if not codes:
        return []
    named = select(VisitNeed).where(VisitNeed.code.in_(codes))
    return list(session.scalars(named.order_by(VisitNeed.position, VisitNeed.code)))


def photo_count(session: Session, visit_id: UUID) -> int:
    """Return how many photographs of a session are kept."""
    counted = select(func.count()).select_from(VisitPhoto)
    return session.scalar(counted.where(VisitPhoto.visit_id == visit_id)) or 0


def photos_of(session: Session, visit_id: UUID) -> list[VisitPhoto]:
    """Return the photographs of a session in the order in which they were handed in."""
    found = select(VisitPhoto).where(VisitPhoto.visit_id == visit_id)
    return list(session.scalars(found.order_by(VisitPhoto.recorded_at, VisitPhoto.id)))


def photo(session: Session, visit_id: UUID, public_id: str) -> tuple[VisitPhoto, StoredFile] | None:
    """Return one photograph of a session with its file."""
    row = session.execute(
        select(VisitPhoto, StoredFile)
        .join(StoredFile, StoredFile.id == VisitPhoto.file_id)
        .where(VisitPhoto.visit_id == visit_id, VisitPhoto.public_id == public_id)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def costs_of(session: Session, visit_id: UUID) -> list[VisitCost]:
    """Return what a session cost in the order in which it was written down."""
    found = select(VisitCost).where(VisitCost.visit_id == visit_id)
    return list(session.scalars(found.order_by(VisitCost.recorded_at, VisitCost.id)))


def cost(session: Session, visit_id: UUID, public_id: str) -> VisitCost | None:
    """Return one cost of a session."""
    return session.scalar(
        select(VisitCost).where(VisitCost.visit_id == visit_id, VisitCost.public_id == public_id)
    )


def cost_sum(session: Session, visit_id: UUID) -> int:
    """Return the rupiah a session cost, without what others gave."""
    paid = select(func.sum(VisitCost.amount)).where(
        VisitCost.visit_id == visit_id, VisitCost.in_kind.is_(False)
    )
    return int(session.scalar(paid) or 0)


@dataclass(frozen=True)
class MonthCosts:
    """What the sessions of a programme cost in a month (its first day)."""

    month: date
    programme_id: UUID
    paid: int
    in_kind: int


def costs_by_month(session: Session, first: date, last: date) -> list[MonthCosts]:
    """Return what sessions of these days cost, by month in WIB and by programme."""
    start, end = clock.day_bounds(first, last)
    rows = session.execute(
        select(
            Visit.starts_at,
            Visit.programme_id,
            VisitCost.in_kind,
            func.sum(VisitCost.amount).label("amount"),
        )
        .join(Visit, Visit.id == VisitCost.visit_id)
        .join(Programme, Programme.id == Visit.programme_id)
        .where(Visit.starts_at >= start, Visit.starts_at < end)
        .group_by(Visit.id, Visit.starts_at, Visit.programme_id, Programme.position)
        .group_by(VisitCost.in_kind)
        .order_by(Programme.position)
    )
    sums: dict[tuple[date, UUID], list[int]] = {}
    for row in rows:
        month = clock.day_of(row.starts_at).replace(day=1)
        both = sums.setdefault((month, row.programme_id), [0, 0])
        both[1 if row.in_kind else 0] += int(row.amount)
    return [
        MonthCosts(month, programme_id, paid, in_kind)
        for (month, programme_id), (paid, in_kind) in sorted(
            sums.items(), key=lambda each: each[0][0]
        )
    ]


def missed_by_reason(session: Session, first: date, last: date) -> dict[NotDelivered, int]:
    """Return how many sessions of these days did not take place, by reason; none are left out."""
    start, end = clock.day_bounds(first, last)
    rows = session.execute(
        select(Visit.not_delivered_why, func.count())
        .where(
            Visit.state == VisitState.NOT_DELIVERED,
            Visit.starts_at >= start,
            Visit.starts_at < end,
        )
        .group_by(Visit.not_delivered_why)
    )
    counted = dict.fromkeys(NotDelivered, 0)
    for why, count in rows:
        counted[NotDelivered(why or NotDelivered.OTHER)] += count
    return counted
