"""Reading which schools ask to become partners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, literal, select, tuple_
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor
from portal.core.types import UtcDateTime
from portal.schools import policy
from portal.schools.models import Mou, PartnershipRequest, School
from portal.schools.queries.schools import choices, is_partner, meant_by
from portal.schools.states import OPEN, RequestState

LIST_LIMIT = 30
MOST_FOUND = 8

Key = tuple[datetime, UUID]


@dataclass(frozen=True)
class Asking:
    """One wish with the school of the register and the MoU that came of it."""

    request: PartnershipRequest
    school: School | None
    mou: Mou | None
    partner: bool


@dataclass(frozen=True)
class Page:
    """A stretch of the wishes, and the key from which the list goes on."""

    rows: list[Asking]
    after: Key | None


def listed(
    session: Session, actor: Actor, states: Sequence[RequestState], after: Key | None = None
) -> Page:
    """Return the wishes in some states: open ones the longest waiting first, others the newest."""
    waiting = set(states) <= OPEN
    columns = (PartnershipRequest.asked_at, PartnershipRequest.id)
    found = _every(actor).where(PartnershipRequest.state.in_(states))
    if after is not None:
        key = tuple_(literal(after[0], UtcDateTime()), literal(after[1], columns[1].type))
        found = found.where(tuple_(*columns) > key if waiting else tuple_(*columns) < key)
    ordered = found.order_by(*(each if waiting else each.desc() for each in columns))
    rows = [Asking(*row) for row in session.execute(ordered.limit(LIST_LIMIT + 1))]
    more, rows = len(rows) > LIST_LIMIT, rows[:LIST_LIMIT]
    last = rows[-1].request if more else None
    return Page(rows, (last.asked_at, last.id) if last else None)


def counts(session: Session, actor: Actor) -> dict[str, int]:
    """Return how many wishes stand in each state."""
    rows = session.execute(
        select(PartnershipRequest.state, func.count())
        .where(policy.partnerships_visible_to(actor))
        .group_by(PartnershipRequest.state)
    )
    return {row.state: row[1] for row in rows}


def get_request(session: Session, actor: Actor, public_id: str) -> Asking | None:
    """Return one wish, if the actor may see it."""
    row = session.execute(_every(actor).where(PartnershipRequest.public_id == public_id)).first()
    return Asking(*row) if row else None


def _every(actor: Actor) -> Any:
    return (
        select(PartnershipRequest, School, Mou, is_partner(clock.today()).label("partner"))
        .outerjoin(School, School.id == PartnershipRequest.school_id)
        .outerjoin(Mou, Mou.id == PartnershipRequest.mou_id)
        .where(policy.partnerships_visible_to(actor))
    )


def meant(session: Session, text: str) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return `id`, `public_id` and `name` of the active schools a typed name means, the first."""
    return choices(session, meant_by(text))[:MOST_FOUND]


def active_schools(session: Session) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return `public_id`, `name` and `npsn` of every active school, by name."""
    return session.execute(
        select(School.public_id, School.name, School.npsn)
        .where(School.active)
        .order_by(School.name, School.npsn)
    ).all()
