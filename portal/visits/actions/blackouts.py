"""Days on which the office holds no sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Permission
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.visits.events import BlackoutAdded, BlackoutRemoved
from portal.visits.models import Blackout
from portal.visits.queries import blackouts as queries

# Longer than any break: a slip in the year.
MOST_DAYS = 180


@dataclass(frozen=True)
class DaysOff:
    """Days without sessions; without a programme or levels they hold for all."""

    first_on: date
    last_on: date
    name: str
    name_en: str = ""
    programme_id: UUID | None = None
    levels: tuple[str, ...] = ()


def add(session: Session, actor: Actor, days: DaysOff) -> Blackout:
    """Hold no sessions on these days; those already settled stay as they are.

    Raises Rejected("not_allowed"), "blackout_order", "blackout_long" or "blackout_over".
    """
    if not actor.may(Permission.PROGRAMME_WRITE):
        raise Rejected("not_allowed")
    if days.last_on < days.first_on:
        raise Rejected("blackout_order", "last_on")
    if (days.last_on - days.first_on).days >= MOST_DAYS:
        raise Rejected("blackout_long", "last_on", most=MOST_DAYS)
    if days.last_on < clock.today():
        raise Rejected("blackout_over", "last_on")
    blackout = Blackout(
        first_on=days.first_on,
        last_on=days.last_on,
        name=days.name,
        name_en=days.name_en,
        programme_id=days.programme_id,
        levels=list(days.levels),
        recorded_by=actor.user_id,
        recorded_at=clock.now(),
    )
    session.add(blackout)
    session.flush()
    met = len(queries.met_by(session, [blackout])[blackout.id])
    emit(session, actor, BlackoutAdded(blackout.id, blackout.first_on, blackout.last_on, met))
    return blackout


def remove(session: Session, actor: Actor, blackout: Blackout) -> None:
    """Let schools book these days again; raises Rejected("not_allowed")."""
    if not actor.may(Permission.PROGRAMME_WRITE):
        raise Rejected("not_allowed")
    emit(session, actor, BlackoutRemoved(blackout.id, blackout.first_on, blackout.last_on))
    session.delete(blackout)
