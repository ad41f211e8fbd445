"""When the forms about a child come due: rules without rows.

Everything counts by the school's own calendar. A regular form is due on the last lesson day of a
lesson week, so many lesson weeks after the one before as the rhythm of its edition says; weeks that
do not count are passed over. On the first day back, and on the first school day after a long break,
a form asks for that day alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from portal.core import clock
from portal.core.clock import SATURDAY
from portal.monitoring.states import FormKind

# So long can a form still be sent after the day it was due.
OPEN_FOR = timedelta(days=14)
# So many school-free weekdays in a row make a break after which somebody looks anew.
LONG_BREAK = 5
# Fewer lesson days than this between a first day and a regular form, and one form does for both.
APART = 3
# Nobody plans further ahead: a calendar without a lesson week for so long needs a person.
HORIZON_WEEKS = 60
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)

# How many forms come after how many lesson weeks each: [[1, 4], [2, 4], [4, 3]].
Rhythm = Sequence[Sequence[int]]


class Calendar(Protocol):
    """What the schedule asks of a school's calendar (`schools.policy.SchoolDays`)."""

    @property
    def lesson_week_days(self) -> int:
        """Return how many lesson days make a lesson week."""
        ...

    def is_school_day(self, day: date) -> bool:
        """Say whether pupils are there, for lessons or exams."""
        ...

    def is_lesson_day(self, day: date) -> bool:
        """Say whether there are lessons."""
        ...

    def lesson_days(self, monday: date) -> list[date]:
        """Return the days with lessons in the week that begins on a Monday."""
        ...


@dataclass(frozen=True)
class Progress:
    """How far the forms about a child are; what comes next depends on nothing else."""

    # How many forms of the rhythm came due since it began, or began anew.
    step: int
    # The first day back, or the day from which it goes on after a pause.
    begins_on: date
    # When the last form of the rhythm was due, and the last form of any kind.
    counted_on: date | None = None
    looked_on: date | None = None
    # The day on which the child comes back, as long as nobody has looked since.
    returns_on: date | None = None


@dataclass(frozen=True)
class Planned:
    """A form that is to come: `weeks` lesson weeks after the one before, 0 beside the rhythm."""

    kind: FormKind
    opens_on: date
    due_on: date
    weeks: int

    @property
    def closes_on(self) -> date:
        """Return the last day on which it can be sent."""
        return self.due_on + OPEN_FOR


def gaps(rhythm: Rhythm) -> list[int]:
    """Return after how many lesson weeks each form of a rhythm comes, one after the other."""
    return [weeks for weeks, times in rhythm for _time in range(times)]


def next_form(
    days: Calendar,
    rhythm: Rhythm,
    progress: Progress,
    *,
    opens_before: int = 1,
    not_before: date = date.min,
) -> Planned | None:
    """Return the form that comes next; None when the rhythm is over.

    It opens `opens_before` lesson days before it is due, and is due on `not_before` or later.
    """
    steps = gaps(rhythm)
    if progress.step >= len(steps):
        return None
    floor = max(not_before, (progress.looked_on or date.min) + DAY)
    regular = _regular(days, steps[progress.step], progress, floor, opens_before)
    if regular is None:
        return None
    first = _first_day(days, progress, floor, regular.due_on)
    if first is None:
        return regular
    between = _lesson_days_between(days, first, regular.due_on)
    one_does = clock.monday_of(first) == clock.monday_of(regular.due_on) and between < APART
    return Planned(FormKind.FIRST_DAY, first, first, regular.weeks if one_does else 0)


def after(progress: Progress, form: Planned) -> Progress:
    """Return how far it is once a form is settled, whether it was sent or missed."""
    counts = form.weeks > 0
    return Progress(
        step=progress.step + counts,
        begins_on=progress.begins_on,
        counted_on=form.due_on if counts else progress.counted_on,
        looked_on=form.due_on,
    )


def add_school_days(days: Calendar, day: date, count: int) -> date:
    """Return the school day that lies so many school days after a day."""
    last = day + HORIZON_WEEKS * WEEK
    while count > 0 and day < last:
        day += DAY
        count -= days.is_school_day(day)
    return day


def school_day_from(days: Calendar, day: date) -> date:
    """Return a day, or the first school day after it."""
    return add_school_days(days, day - DAY, 1)


def _regular(
    days: Calendar, gap: int, progress: Progress, floor: date, opens_before: int
) -> Planned | None:
    start = progress.begins_on
    if progress.counted_on is not None:
        start = clock.monday_of(progress.counted_on) + WEEK
    counted = 0
    for monday in _mondays(start, max(floor, progress.begins_on)):
        lessons = [day for day in days.lesson_days(monday) if day >= start]
        if len(lessons) < days.lesson_week_days:
            continue
        counted += 1
        # Of the week in which it begins, or goes on, enough must be left.
        left = sum(day >= progress.begins_on for day in lessons)
        if counted >= gap and left >= days.lesson_week_days and lessons[-1] >= floor:
            opens = _lesson_days_before(days, lessons[-1], opens_before)
            return Planned(FormKind.REGULAR, opens, lessons[-1], counted)
    return None


def _mondays(start: date, floor: date) -> Iterator[date]:
    monday = clock.monday_of(start)
    last = max(start, floor) + HORIZON_WEEKS * WEEK
    while monday <= last:
        yield monday
        monday += WEEK


def _first_day(days: Calendar, progress: Progress, floor: date, until: date) -> date | None:
    """Return the day on which somebody looks anew, before a regular form is due; None for none."""
    if progress.returns_on is not None:
        back = school_day_from(days, progress.returns_on)
        if floor <= back <= until:
            return back
    if progress.looked_on is None:
        return None
    return _after_break(days, progress.looked_on, max(floor, progress.begins_on), until)


def _after_break(days: Calendar, looked_on: date, from_day: date, until: date) -> date | None:
    free, day = 0, looked_on + DAY
    while day <= until:
        if days.is_school_day(day):
            if free >= LONG_BREAK and day >= from_day:
                return day
            free = 0
        elif day.weekday() < SATURDAY:
            free += 1
        day += DAY
    return None


def _lesson_days_between(days: Calendar, first: date, last: date) -> int:
    """Return how many lesson days lie between two days, neither of them counted."""
    between = range(1, (last - first).days)
    return sum(days.is_lesson_day(first + each * DAY) for each in between)


def _lesson_days_before(days: Calendar, day: date, count: int) -> date:
    """Return the lesson day that lies so many lesson days before a day."""
    earliest = day - OPEN_FOR
    opens = day
    while count > 0 and day > earliest:
        day -= DAY
        if days.is_lesson_day(day):
            opens, count = day, count - 1
    return opens
