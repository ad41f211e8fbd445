"""Reading the breach register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import literal, select, tuple_
from sqlalchemy.orm import Session

from portal.auditlog import policy
from portal.auditlog.models import Breach
from portal.auditlog.states import OPEN_BREACHES
from portal.core.access import Actor
from portal.core.types import UtcDateTime

PAGE_SIZE = 20


@dataclass(frozen=True)
class Page:
    """A stretch of closed breaches, and the key (closed_at, id) from which it goes on."""

    rows: Sequence[Breach]
    after: tuple[datetime, UUID] | None


def list_open(session: Session, actor: Actor) -> Sequence[Breach]:
    """Return the breaches that still need work, the soonest due first."""
    return session.scalars(
        select(Breach)
        .where(policy.breaches_visible_to(actor), Breach.state.in_(OPEN_BREACHES))
        .order_by(Breach.due_at, Breach.id)
    ).all()


def list_closed(session: Session, actor: Actor, after: tuple[datetime, UUID] | None = None) -> Page:
    """Return a page of closed breaches, the last closed first."""
    query = select(Breach).where(
        policy.breaches_visible_to(actor), Breach.state.not_in(OPEN_BREACHES)
    )
    columns = (Breach.closed_at, Breach.id)
    if after:
        there = tuple_(literal(after[0], UtcDateTime()), literal(after[1], Breach.id.type))
        query = query.where(tuple_(*columns) < there)
    order = (column.desc() for column in columns)
    rows = session.scalars(query.order_by(*order).limit(PAGE_SIZE + 1)).all()
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    return Page(rows, (rows[-1].closed_at, rows[-1].id) if more and rows[-1].closed_at else None)


def get_breach(session: Session, actor: Actor, public_id: str) -> Breach | None:
    """Return one breach an actor may see."""
    return session.scalar(
        select(Breach).where(Breach.public_id == public_id, policy.breaches_visible_to(actor))
    )
