"""Reading the roster: who is on duty when, and the days for which nobody is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Row, Select, exists, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Role
from portal.core.prepared import prepared
from portal.incidents.models import Turn
from portal.people.models import Membership, User
from portal.people.queries.appointments import in_force
from portal.visits.models import Leave

DAYS_AHEAD = 14


@dataclass(frozen=True)
class Day:
    """Who is on duty on a day, and who of them is on leave all the same."""

    day: date
    present: tuple[str, ...]
    away: tuple[str, ...]


def on_duty(session: Session, day: date) -> list[UUID]:
    """Return who reads reports first on a day: on the roster, still in office, not on leave."""
    return [row.id for row in _on_roster(session, day) if not row.away]


def _on_roster(session: Session, day: date) -> Sequence[Row[UUID, str, bool]]:
    """Return the people of a day's turns, each with whether they are on leave."""
    return session.execute(*_people_of(day=day)).all()


@prepared
def _people_of(*, day: date) -> Select[UUID, str, bool]:
    on_leave = exists().where(
        Leave.user_id == User.id, Leave.first_day <= day, Leave.last_day >= day
    )
    return (
        select(User.id, User.full_name, on_leave.label("away"))
        .join(Turn, Turn.user_id == User.id)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Turn.first_day <= day,
            Turn.last_day >= day,
            Membership.role == Role.SOCIAL_WORKER,
            in_force(day),
        )
        .order_by(User.full_name, User.id)
        .distinct()
    )


def coming_days(session: Session, count: int = DAYS_AHEAD) -> Iterator[Day]:
    """Yield today and the days after it with who is on duty."""
    for offset in range(count):
        day = clock.today() + timedelta(days=offset)
        people = _on_roster(session, day)
        yield Day(
            day,
            tuple(row.full_name for row in people if not row.away),
            tuple(row.full_name for row in people if row.away),
        )


def list_turns(session: Session) -> list[Row[tuple[Turn, User]]]:
    """Return the turns of today and later, in order, each with its person."""
    return list(
        session.execute(
            select(Turn, User)
            .join(User, User.id == Turn.user_id)
            .where(Turn.last_day >= clock.today())
            .order_by(Turn.first_day, User.full_name, Turn.id)
        )
    )


def get_turn(session: Session, public_id: str) -> Turn | None:
    """Return one turn of today or later; what is over stays as it was."""
    return session.scalar(
        select(Turn).where(Turn.public_id == public_id, Turn.last_day >= clock.today())
    )


def is_away(session: Session, user_id: UUID, first: date, last: date) -> bool:
    """Say whether somebody is on leave on any of these days."""
    leave = select(Leave.id).where(
        Leave.user_id == user_id, Leave.first_day <= last, Leave.last_day >= first
    )
    return session.scalars(leave).first() is not None
