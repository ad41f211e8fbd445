"""Open work with high risk: how much of it is due in which week of whom, as a sum of minutes.

Features above visits say what is urgent, by the kind of its to-do or by the record it is about.
Only figures come from here, never what the work is about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from portal.core import clock, ladders
from portal.core.duties import Duty

_kinds: set[str] = set()
_records: list[Callable[[], Select[UUID]]] = []


def register_kinds(*kinds: str) -> None:
    """Name kinds of to-dos that are urgent whatever they are about."""
    _kinds.update(kinds)


def register_records(ids: Callable[[], Select[UUID]]) -> None:
    """Register what selects the ids of records whose to-dos are urgent."""
    if ids not in _records:
        _records.append(ids)


def minutes_by_week(
    session: Session, worker_ids: Iterable[UUID], each: int
) -> dict[tuple[UUID, date], int]:
    """Return the minutes of urgent work by worker and Monday, so many (`each`) for a to-do.

    What is overdue falls into the present week, in which it must be done; on a weekend, the next.
    """
    urgent = or_(
        Duty.alarm,
        Duty.kind.in_(sorted(_kinds)),
        *(Duty.subject_id.in_(ids()) for ids in _records),
    )
    rows = session.execute(
        select(Duty.person_id, Duty.kind, Duty.due_at).where(
            Duty.person_id.in_(list(worker_ids)), Duty.closed_at.is_(None), urgent
        )
    )
    # The first day from today on which somebody works.
    soonest = clock.add_working_days(clock.today() - timedelta(days=1), 1)
    minutes = Counter[tuple[UUID, date]]()
    for person_id, kind, due_at in rows:
        if person_id is None or ladders.ladder_of(kind) is None:  # mere news takes no time
            continue
        day = max(clock.day_of(due_at), soonest)
        minutes[person_id, clock.monday_of(day)] += each
    return dict(minutes)
