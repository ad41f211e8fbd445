"""Days without sessions, and the sessions that were settled on them before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.schools.models import School
from portal.visits.models import Blackout, Programme, Visit
from portal.visits.states import TO_COME


def coming(session: Session, today: date) -> list[tuple[Blackout, Programme | None]]:
    """Return the days without sessions that are not over, with the programme they are about."""
    rows = session.execute(
        select(Blackout, Programme)
        .outerjoin(Programme, Programme.id == Blackout.programme_id)
        .where(Blackout.last_on >= today)
        .order_by(Blackout.first_on, Blackout.id)
    )
    return [(blackout, programme) for blackout, programme in rows]


def get(session: Session, public_id: str) -> Blackout | None:
    """Return days without sessions."""
    return session.scalar(select(Blackout).where(Blackout.public_id == public_id))


def met_by(
    session: Session, blackouts: Sequence[Blackout]
) -> dict[UUID, list[Row[*tuple[Any, ...]]]]:
    """Return for each of them the sessions asked for, offered or settled on its days.

    Rows have `public_id`, `starts_at`, `state` and `school_name`; one statement for all.
    """
    if not blackouts:
        return {}
    start, end = clock.day_bounds(
        min(each.first_on for each in blackouts), max(each.last_on for each in blackouts)
    )
    rows = session.execute(
        select(
            Visit.public_id,
            Visit.starts_at,
            Visit.state,
            Visit.programme_id,
            School.name.label("school_name"),
            School.level,
        )
        .join(School, School.id == Visit.school_id)
        .where(Visit.state.in_(sorted(TO_COME)), Visit.starts_at >= start, Visit.starts_at < end)
        .order_by(Visit.starts_at, Visit.id)
    ).all()
    return {each.id: [row for row in rows if _concerns(each, row)] for each in blackouts}


def _concerns(blackout: Blackout, row: Row[*tuple[Any, ...]]) -> bool:
    day = clock.day_of(row.starts_at)
    return (
        blackout.first_on <= day <= blackout.last_on
        and blackout.programme_id in {None, row.programme_id}
        and (not blackout.levels or row.level in blackout.levels)
    )
