"""When a to-do reminds, goes on and falls silent, whatever the dates, holidays and delays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from portal.core.access import Role
from portal.core.clock import WIB, Week
from portal.core.db import new_id
from portal.core.duties import Duty
from portal.core.ladders import Ladder
from portal.core.reminders import Circle, Look, next_step
from portal.core.settings import Office

LADDER = Ladder("sesuatu", then=(Role.DIVISION_HEAD,))
END = Ladder("sesuatu")
USUAL = Office({})
NEVER_SO_LONG = 400


def wib(text: str) -> datetime:
    """Return a moment written as local time."""
    return datetime.fromisoformat(text).replace(tzinfo=WIB).astimezone(UTC)


def day_of(moment: datetime) -> date:
    """Return the day of a moment in WIB."""
    return moment.astimezone(WIB).date()


def make(visible: datetime, due: datetime, week: Week = Week.OFFICE, **more: object) -> Duty:
    """Return a to-do of the coordinators, not in any database."""
    values: dict[str, object] = {
        "id": new_id(),
        "kind": "sesuatu",
        "role": Role.COORDINATOR,
        "visible_from": visible,
        "due_at": due,
        "week": week,
        "alarm": False,
        "reminders": 0,
    }
    return Duty(**{**values, **more})


@dataclass(frozen=True)
class Happened:
    """Something a walk through time saw."""

    at: datetime
    what: str


def walk(duty: Duty, ladder: Ladder, office: Office, delays: Iterator[timedelta]) -> list[Happened]:
    """Look whenever the rules ask for it (or later), until they ask for no more."""
    seen: list[Happened] = []
    moment, told_at = duty.visible_from, None
    for _step in range(NEVER_SO_LONG):
        look = next_step(duty, ladder, office, moment, told_at)
        assert look.again_at is None or look.again_at > moment
        if look.remind:
            seen.append(Happened(moment, look.remind))
            duty.reminders += 1
            told_at = moment
        if look.raises:
            seen.append(Happened(moment, "raise"))
        if look.again_at is None:
            return seen
        moment = look.again_at + next(delays, timedelta())
    raise AssertionError("it never ends")


def open_days_between(week: Week, first: date, last: date) -> int:
    """Count the open days after `first` up to `last`."""
    days = (first + timedelta(days=number) for number in range(1, (last - first).days + 1))
    return sum(week.is_open(day) for day in days)


MOMENTS = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001 - aware by the next argument
    datetime(2027, 12, 31),  # noqa: DTZ001 - the same
    timezones=st.just(UTC),
)
WEEKS = st.sampled_from(Week)
STRETCH = st.timedeltas(timedelta(days=-3), timedelta(days=40))
OFFICES = st.builds(
    lambda before, most, after: Office(
        {"remind_days_before": before, "remind_most": most, "escalate_days": after}
    ),
    st.integers(0, 5),
    st.integers(1, 6),
    st.integers(1, 8),
)
DELAYS = st.lists(st.timedeltas(timedelta(), timedelta(days=4)), max_size=8)
quickly = hypothesis_settings(max_examples=150, deadline=None)


@quickly
@given(MOMENTS, STRETCH, WEEKS, OFFICES, DELAYS, st.booleans())
def test_it_reminds_then_goes_on_then_is_silent(
    visible: datetime,
    stretch: timedelta,
    week: Week,
    office: Office,
    delays: list[timedelta],
    last: bool,
) -> None:
    duty = make(visible, visible + stretch, week)
    seen = walk(duty, END if last else LADDER, office, iter(delays))
    words = [each.what for each in seen]
    reminders = [each for each in seen if each.what != "raise"]
    assert words[len(reminders) :] == ([] if last else ["raise"])
    assert [each.what for each in reminders][:1] in ([], [Circle.ONE])
    assert all(each.what == Circle.ALL for each in reminders[1:])
    assert len(reminders) <= office["remind_most"]
    days = [day_of(each.at) for each in reminders]
    assert len(set(days)) == len(days)
    assert all(week.is_open(day_of(each.at)) for each in seen)
    assert all(each.at >= visible for each in seen)


@quickly
@given(MOMENTS, STRETCH, WEEKS, OFFICES)
def test_the_next_role_is_asked_so_many_open_days_after_the_deadline(
    visible: datetime, stretch: timedelta, week: Week, office: Office
) -> None:
    due = visible + stretch
    *_, last = walk(make(visible, due, week), LADDER, office, iter(()))
    told = day_of(visible)
    while not week.is_open(told):
        told += timedelta(days=1)
    # Whoever hears of it only after the deadline has as many days from then on.
    since = max(day_of(due), told)
    assert last.what == "raise"
    assert last.at.astimezone(WIB).time() == datetime.min.time()
    assert open_days_between(week, since, day_of(last.at)) == office["escalate_days"]


@quickly
@given(MOMENTS, STRETCH, WEEKS, OFFICES, st.timedeltas(timedelta(seconds=1), timedelta(days=90)))
def test_nobody_hears_of_what_is_closed_or_does_not_show_yet(
    visible: datetime, stretch: timedelta, week: Week, office: Office, offset: timedelta
) -> None:
    duty = make(visible, visible + stretch, week, closed_at=visible)
    assert next_step(duty, LADDER, office, visible + offset, None) == Look()
    duty.closed_at = None
    assert next_step(duty, LADDER, office, visible - offset, None) == Look(again_at=visible)


def test_nobody_is_reminded_of_news() -> None:
    moment = wib("2026-11-23T09:00")
    duty = make(moment, moment + timedelta(days=1))
    assert next_step(duty, None, USUAL, moment, None) == Look()


@pytest.mark.parametrize(
    ("week", "visible", "due", "expected"),
    [
        # A plain week: when it shows, the day before, the day after, then the next role.
        (
            Week.OFFICE,
            "2026-11-09T10:00",
            "2026-11-12T16:00",
            ["one 09 10:00", "all 11 00:00", "all 13 00:00", "raise 16 00:00"],
        ),
        # Friday evening: the office hears on Monday, and the weekend does not count.
        (
            Week.OFFICE,
            "2026-11-06T19:00",
            "2026-11-13T19:00",
            ["one 06 19:00", "all 12 00:00", "all 16 00:00", "raise 17 00:00"],
        ),
        # On Saturday a school of six days is there, and one of five is not.
        (
            Week.SCHOOL_6,
            "2026-11-14T08:00",
            "2026-11-20T12:00",
            ["one 14 08:00", "all 19 00:00", "all 21 00:00", "raise 23 00:00"],
        ),
        (
            Week.SCHOOL_5,
            "2026-11-14T08:00",
            "2026-11-20T12:00",
            ["one 16 00:00", "all 19 00:00", "all 23 00:00", "raise 24 00:00"],
        ),
        # Due at once: told when it shows, and late from the next day on.
        (
            Week.OFFICE,
            "2026-11-09T10:00",
            "2026-11-09T11:00",
            ["one 09 10:00", "all 10 00:00", "raise 11 00:00"],
        ),
        # Late before anybody could know: two days to do something about it, all the same.
        (
            Week.OFFICE,
            "2026-11-09T10:00",
            "2026-11-02T11:00",
            ["one 09 10:00", "all 10 00:00", "raise 11 00:00"],
        ),
    ],
)
def test_the_course_of_a_to_do(week: Week, visible: str, due: str, expected: list[str]) -> None:
    seen = walk(make(wib(visible), wib(due), week), LADDER, USUAL, iter(()))
    local = [(each.what, each.at.astimezone(WIB)) for each in seen]
    assert [f"{what} {moment:%d %H:%M}" for what, moment in local] == expected


def test_holidays_do_not_count() -> None:
    # Eid: from 18 to 24 March 2026 the office is closed by decree.
    due = wib("2026-03-17T16:00")
    *_, last = walk(make(due - timedelta(days=5), due), LADDER, USUAL, iter(()))
    closed = [due.date() + timedelta(days=number) for number in range(1, 8)]
    assert not any(Week.OFFICE.is_open(day) for day in closed)
    assert day_of(last.at) == date(2026, 3, 26)


def test_an_office_that_wants_more_reminders_gets_one_each_open_day() -> None:
    office = Office({"remind_most": 5, "escalate_days": 10})
    visible, due = wib("2026-11-09T10:00"), wib("2026-11-12T16:00")
    seen = walk(make(visible, due), LADDER, office, iter(()))
    assert [day_of(each.at).day for each in seen] == [9, 11, 13, 16, 17, 26]


def test_another_look_on_the_same_day_does_not_remind_again() -> None:
    moment = wib("2026-11-09T10:00")
    duty = make(moment, moment + timedelta(days=3), reminders=1)
    look = next_step(duty, LADDER, USUAL, moment + timedelta(hours=3), moment)
    assert look.remind is None
    assert look.again_at == wib("2026-11-11T00:00")


class TestAlarm:
    """An alarm rings at any hour, again and again, until somebody takes care."""

    # A Saturday night.
    AT = wib("2026-11-14T23:30")

    def alarm(self, **more: object) -> Duty:
        """Return a safety alarm of that night."""
        return make(self.AT, self.AT + timedelta(hours=72), alarm=True, **more)

    def test_it_rings_at_once_for_all_of_the_first_ones(self) -> None:
        pause = timedelta(minutes=10)
        assert next_step(self.alarm(), LADDER, USUAL, self.AT, None) == Look(
            Circle.ALL, False, self.AT + pause
        )

    def test_the_second_time_the_next_role_is_asked_too(self) -> None:
        later = self.AT + timedelta(minutes=10)
        look = next_step(self.alarm(reminders=1), LADDER, USUAL, later, self.AT)
        assert look == Look(Circle.ALL, True, later + timedelta(minutes=10))

    def test_the_last_ones_are_rung_for_without_going_on(self) -> None:
        later = self.AT + timedelta(minutes=10)
        look = next_step(self.alarm(reminders=9), END, USUAL, later, self.AT)
        assert (look.remind, look.raises) == (Circle.ALL, False)

    def test_a_look_between_two_rings_waits(self) -> None:
        between = self.AT + timedelta(minutes=4)
        look = next_step(self.alarm(reminders=1), LADDER, USUAL, between, self.AT)
        assert look == Look(again_at=self.AT + timedelta(minutes=10))

    def test_once_somebody_takes_care_it_is_a_to_do_like_any_other(self) -> None:
        taken = self.alarm(acknowledged_at=self.AT + timedelta(minutes=1))
        look = next_step(taken, LADDER, USUAL, self.AT + timedelta(minutes=1), self.AT)
        assert look == Look(again_at=wib("2026-11-16T00:00"))
        seen = walk(taken, LADDER, USUAL, iter(()))
        assert [each.what for each in seen][-1] == "raise"
