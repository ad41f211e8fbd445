"""When a to-do reminds, when the next role is asked, when it falls silent: rules without rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import takewhile

from portal.core import clock
from portal.core.clock import Week
from portal.core.duties import Duty
from portal.core.ladders import Ladder
from portal.core.settings import Office


class Circle(StrEnum):
    """Who of those a to-do waits for is told."""

    ONE = "one"
    ALL = "all"


@dataclass(frozen=True)
class Look:
    """What a look at a to-do asks for; without `again_at` nobody needs to look again."""

    remind: Circle | None = None
    # Whether the next role of the ladder is to be asked.
    raises: bool = False
    again_at: datetime | None = None


def next_step(
    duty: Duty, ladder: Ladder | None, office: Office, moment: datetime, told_at: datetime | None
) -> Look:
    """Return what is to be done about a to-do now, and when to look at it again.

    `told_at` is when its people last heard of it. Without a ladder it is news: nobody is reminded.
    """
    if ladder is None or duty.closed_at is not None:
        return Look()
    if moment < duty.visible_from:
        return Look(again_at=duty.visible_from)
    if duty.alarm and duty.acknowledged_at is None:
        return _ring(duty, ladder, office, moment, told_at)
    week, today = Week(duty.week), clock.day_of(moment)
    if not week.is_open(today):
        return Look(again_at=_start(_open_from(week, today)))
    handed_on = _handed_on(duty, office) if ladder.above(duty.role) else None
    if handed_on and today >= handed_on:
        # Whoever has not heard of it yet, such as a successor, does so now.
        return Look(None if told_at else Circle.ONE, raises=True)
    return _remind(duty, office, today, told_at, handed_on)


def _ring(
    duty: Duty, ladder: Ladder, office: Office, moment: datetime, told_at: datetime | None
) -> Look:
    """Ring at once for all of them, then again and again, from the second time for the next too."""
    pause = timedelta(minutes=office["alarm_minutes"])
    if told_at and moment < told_at + pause:
        return Look(again_at=told_at + pause)
    goes_on = duty.reminders > 0 and bool(ladder.above(duty.role))
    return Look(Circle.ALL, goes_on, moment + pause)


def _remind(
    duty: Duty, office: Office, today: date, told_at: datetime | None, handed_on: date | None
) -> Look:
    told_on = clock.day_of(told_at) if told_at else date.min
    most: int = office["remind_most"]
    told = duty.reminders
    remind = None
    days = _days_to_remind(duty, office)
    past = list(takewhile(lambda day: day <= today, days))
    if told < most and any(day > told_on for day in past):
        remind = Circle.ALL if told else Circle.ONE
        told += 1
    coming = next(day for day in _days_to_remind(duty, office) if day > today)
    again = [day for day in (coming if told < most else None, handed_on) if day]
    return Look(remind, again_at=_start(min(again)) if again else None)


def _days_to_remind(duty: Duty, office: Office) -> Iterator[date]:
    """Yield the days on which its people are to hear of it: when it shows, shortly before it is
    due, and once it is late each open day.
    """
    week, due = Week(duty.week), clock.day_of(duty.due_at)
    first = _open_from(week, clock.day_of(duty.visible_from))
    yield first
    warning = _open_before(week, due, office["remind_days_before"])
    if warning > first:
        yield warning
    day = max(first, due)
    while True:
        day = week.add_days(day, 1)
        yield day


def _handed_on(duty: Duty, office: Office) -> date:
    """Return the day on which the next role is asked: some open days after it was due.

    Whoever got it only afterwards has as many days from then on.
    """
    week = Week(duty.week)
    since = max(clock.day_of(duty.due_at), _open_from(week, clock.day_of(duty.visible_from)))
    return week.add_days(since, office["escalate_days"])


def _open_from(week: Week, day: date) -> date:
    while not week.is_open(day):
        day += timedelta(days=1)
    return day


def _open_before(week: Week, day: date, count: int) -> date:
    """Return the open day `count` open days before a day; for none, the day or the last open."""
    while count > 0 or not week.is_open(day):
        day -= timedelta(days=1)
        count -= week.is_open(day)
    return day


def _start(day: date) -> datetime:
    return clock.at_wib(day, time.min)
