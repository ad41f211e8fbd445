"""What the absence of a form asks for, day by day: rules without rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.monitoring.policy.schedule import DAY, OPEN_FOR, Calendar


@dataclass(frozen=True)
class Patience:
    """After how many school days a teacher is reminded, and others are told."""

    remind: int = 3
    tell: int = 5


@dataclass(frozen=True)
class Lateness:
    """How a form that was not sent stands on a day."""

    # The next one opens, or the time for this one is over.
    missed: bool
    # It can be sent no more, and nobody is asked for it.
    closed: bool
    remind: bool
    tell: bool


def lateness(
    days: Calendar, due_on: date, next_opens_on: date | None, today: date, patience: Patience
) -> Lateness:
    """Return what a form asks for that was due on a day and was not sent until today."""
    closed = today > due_on + OPEN_FOR
    overtaken = next_opens_on is not None and due_on < today and next_opens_on <= today
    late = 0 if closed else school_days_late(days, due_on, today)
    return Lateness(
        missed=closed or overtaken,
        closed=closed,
        remind=late >= patience.remind,
        tell=late >= patience.tell,
    )


def school_days_late(days: Calendar, due_on: date, today: date) -> int:
    """Return how many school days have come since the day a form was due, today included."""
    late, day = 0, due_on + DAY
    while day <= today:
        late += days.is_school_day(day)
        day += DAY
    return late
