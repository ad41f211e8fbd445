"""Reading the leave of social workers."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.visits.models import Leave


def list_leave(session: Session, worker_id: UUID) -> list[Leave]:
    """Return a worker's leave of today and later, in order."""
    return list(
        session.scalars(
            select(Leave)
            .where(Leave.user_id == worker_id, Leave.last_day >= clock.today())
            .order_by(Leave.first_day)
        )
    )


def away(session: Session) -> frozenset[UUID]:
    """Return whoever is on leave today."""
    today = clock.today()
    on_leave = select(Leave.user_id).where(Leave.first_day <= today, Leave.last_day >= today)
    return frozenset(session.scalars(on_leave))


def get_leave(session: Session, worker_id: UUID, public_id: str) -> Leave | None:
    """Return one entry of a worker's leave."""
    return session.scalar(
        select(Leave).where(Leave.public_id == public_id, Leave.user_id == worker_id)
    )
