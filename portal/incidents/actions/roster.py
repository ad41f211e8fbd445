"""The roster: who reads reports first, on which days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.incidents.events import TurnAdded, TurnChanged, TurnRemoved
from portal.incidents.models import Turn
from portal.people.queries.appointments import holders

# A turn this long was mistyped.
MOST_DAYS = 92


@dataclass(frozen=True)
class NewTurn:
    """Who is on duty from one day to another, both included."""

    user_id: UUID
    first_day: date
    last_day: date


def add_turn(session: Session, actor: Actor, wanted: NewTurn) -> Turn:
    """Put somebody on the roster; raises what `_check` raises."""
    _check(session, wanted, except_for=None)
    turn = Turn(
        user_id=wanted.user_id,
        first_day=wanted.first_day,
        last_day=wanted.last_day,
        recorded_by=actor.user_id,
    )
    session.add(turn)
    session.flush()
    emit(session, actor, TurnAdded(turn.id, turn.user_id))
    return turn


def change_turn(session: Session, actor: Actor, turn: Turn, wanted: NewTurn) -> None:
    """Give a turn other days or another person; raises what `_check` raises."""
    _check(session, wanted, except_for=turn.id)
    turn.user_id = wanted.user_id
    turn.first_day, turn.last_day = wanted.first_day, wanted.last_day
    emit(session, actor, TurnChanged(turn.id, turn.user_id))


def remove_turn(session: Session, actor: Actor, turn: Turn) -> None:
    """Take somebody off the roster; a turn that has begun ends yesterday instead."""
    if turn.first_day < clock.today():
        turn.last_day = clock.today() - timedelta(days=1)
    else:
        session.delete(turn)
    emit(session, actor, TurnRemoved(turn.id, turn.user_id))


def _check(session: Session, wanted: NewTurn, except_for: UUID | None) -> None:
    """Raise Rejected("turn_order"), ("turn_over"), ("turn_long"), ("worker_unknown") or
    ("turn_twice").
    """
    if wanted.last_day < wanted.first_day:
        raise Rejected("turn_order", "last_day")
    if wanted.last_day < clock.today():
        raise Rejected("turn_over", "last_day")
    if (wanted.last_day - wanted.first_day).days >= MOST_DAYS:
        raise Rejected("turn_long", "last_day", most=MOST_DAYS)
    if wanted.user_id not in holders(session, Role.SOCIAL_WORKER):
        raise Rejected("worker_unknown", "person")
    overlapping = select(Turn.id).where(
        Turn.user_id == wanted.user_id,
        Turn.first_day <= wanted.last_day,
        Turn.last_day >= wanted.first_day,
    )
    if except_for is not None:
        overlapping = overlapping.where(Turn.id != except_for)
    if session.scalars(overlapping).first() is not None:
        raise Rejected("turn_twice", "first_day")
