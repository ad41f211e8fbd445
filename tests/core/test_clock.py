"""Working days, school years, and the day that begins at 17:00 UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from hypothesis import example, given
from hypothesis import strategies as st

from portal.core import clock
from portal.core.clock import SchoolYear

DAYS = st.dates(date(2001, 1, 1), date(2099, 12, 31))
MOMENTS = st.datetimes(datetime(2001, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is named beside it


@given(DAYS, st.integers(1, 40))
def test_working_days_are_counted_one_by_one(day: date, count: int) -> None:
    result = clock.add_working_days(day, count)
    passed = (day + timedelta(days=offset) for offset in range(1, (result - day).days + 1))
    assert result.weekday() < 5
    assert clock.holiday_name(result) is None
    assert sum(clock.is_working_day(each) for each in passed) == count


@given(DAYS)
def test_adding_no_working_days_changes_nothing(day: date) -> None:
    assert clock.add_working_days(day, 0) == day


@pytest.mark.parametrize(
    ("day", "indonesian", "english"),
    [
        (date(2026, 8, 17), "Hari Kemerdekaan Republik Indonesia", "Independence Day"),
        (date(2026, 3, 21), "Hari Raya Idul Fitri", "Eid al-Fitr"),
        (date(2026, 12, 24), "Cuti Bersama Hari Raya Natal", "Christmas Joint Holiday"),
        (date(2026, 3, 24), "Cuti Bersama Hari Raya Idul Fitri", "Eid al-Fitr Joint Holiday"),
    ],
)
def test_holidays_and_collective_leave_have_names(day: date, indonesian: str, english: str) -> None:
    assert clock.holiday_name(day) == indonesian
    assert clock.holiday_name(day, "en") == english
    assert not clock.is_working_day(day)


@pytest.mark.parametrize("day", [date(2026, 8, 18), date(2026, 11, 23)])
def test_an_ordinary_weekday_is_a_working_day(day: date) -> None:
    assert clock.holiday_name(day) is None
    assert clock.is_working_day(day)


def test_working_days_step_over_a_long_weekend() -> None:
    # Wednesday; Thursday and Friday are collective leave and Christmas, then comes the weekend.
    assert clock.add_working_days(date(2026, 12, 23), 1) == date(2026, 12, 28)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 22, 16, 59, 59, tzinfo=UTC), date(2026, 11, 22)),
        (datetime(2026, 11, 22, 17, 0, tzinfo=UTC), date(2026, 11, 23)),
    ],
)
def test_the_day_begins_at_seventeen_hundred_utc(moment: datetime, day: date) -> None:
    with time_machine.travel(moment, tick=False):
        assert clock.today() == day
        assert clock.now() == moment
        assert clock.now().tzinfo is UTC
    assert clock.day_of(moment) == day
    start, end = clock.day_bounds(day, day)
    assert start <= moment < end


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        ("2026-11-22", 12, "2025-11-22"),
        ("2026-01-31", 1, "2025-12-28"),
        ("2026-03-30", 1, "2026-02-28"),
    ],
)
def test_months_are_counted_backwards(day: str, months: int, before: str) -> None:
    assert clock.months_before(date.fromisoformat(day), months).isoformat() == before


@given(DAYS, st.times())
def test_a_wall_clock_time_lies_within_its_day(day: date, at: time) -> None:
    start, end = clock.day_bounds(day, day)
    moment = clock.at_wib(day, at)
    assert start <= moment < end
    assert moment.utcoffset() == timedelta(0)
    assert end - start == timedelta(days=1)


@given(DAYS)
def test_a_week_begins_on_its_monday(day: date) -> None:
    monday = clock.monday_of(day)
    assert monday.weekday() == 0
    assert day in clock.days_of_week(monday, 7)
    assert len(list(clock.days_of_week(monday))) == 5


@given(DAYS)
@example(date(2026, 6, 30))
@example(date(2026, 7, 1))
def test_a_school_year_runs_from_july_to_june(day: date) -> None:
    year = SchoolYear.of(day)
    assert year.first_day <= day <= year.last_day
    assert (year.first_day.month, year.first_day.day) == (7, 1)
    assert year.last_day + timedelta(days=1) == SchoolYear(year.start_year + 1).first_day
    assert day <= year.semester_end(day) <= year.last_day


@given(MOMENTS)
def test_the_bounds_of_a_school_year_hold_exactly_its_moments(moment: datetime) -> None:
    year = SchoolYear.of(moment.astimezone(clock.WIB).date())
    start, end = year.bounds
    assert start <= moment < end


@given(DAYS)
def test_a_school_year_can_be_read_back_from_its_address(day: date) -> None:
    year = SchoolYear.of(day)
    assert SchoolYear.parse(year.slug) == year
    assert year.label == year.slug.replace("-", "/")


@given(st.text() | st.from_regex(r"\d{4}-\d{4,5}", fullmatch=True))
@example("9999-10000")
def test_what_is_no_school_year_is_none_and_never_an_error(text: str) -> None:
    year = SchoolYear.parse(text)
    if year is not None:
        assert year.slug == text
        assert year.bounds[0] < year.bounds[1]


@pytest.mark.parametrize(
    "text", ["", "2026", "2026/2027", "2026-2028", "2026-2026", "0026-0027", "\uff12026-2027"]
)
def test_other_spellings_are_no_school_year(text: str) -> None:
    assert SchoolYear.parse(text) is None


def wib(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.WIB)


# The office is open from 07:30 to 16:00, so a working day has eight and a half hours.
@pytest.mark.parametrize(
    ("begins", "hours", "ends"),
    [
        # Within a day, to the minute it closes.
        ("2026-11-23 09:00", 2, "2026-11-23 11:00"),
        ("2026-11-23 14:00", 2, "2026-11-23 16:00"),
        ("2026-11-23 14:01", 2, "2026-11-24 07:31"),
        # Before it opens and after it closed.
        ("2026-11-23 06:00", 2, "2026-11-23 09:30"),
        ("2026-11-23 16:00", 2, "2026-11-24 09:30"),
        # Friday afternoon and evening, Saturday, Sunday.
        ("2026-11-20 15:30", 2, "2026-11-23 09:00"),
        ("2026-11-20 19:00", 2, "2026-11-23 09:30"),
        ("2026-11-21 10:00", 2, "2026-11-23 09:30"),
        ("2026-11-22 23:59", 2, "2026-11-23 09:30"),
        # Before long weekends: Independence Day is a Monday, Christmas begins on Thursday.
        ("2026-08-14 15:30", 2, "2026-08-18 09:00"),
        ("2026-12-23 15:59", 2, "2026-12-28 09:29"),
        # Before the days of Nyepi and Lebaran.
        ("2026-03-17 15:00", 2, "2026-03-25 08:30"),
        # More than a day.
        ("2026-11-23 09:00", 20, "2026-11-25 12:00"),
    ],
)
def test_working_hours_are_those_in_which_the_office_is_open(
    begins: str, hours: int, ends: str
) -> None:
    assert clock.add_working_hours(wib(begins), hours) == wib(ends)


@given(MOMENTS, st.integers(1, 30))
def test_working_hours_end_while_the_office_is_open(moment: datetime, hours: int) -> None:
    ends = clock.add_working_hours(moment, hours)
    assert ends >= moment + timedelta(hours=hours)
    assert clock.office_is_open(ends - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23 07:29", False),
        ("2026-11-23 07:30", True),
        ("2026-11-23 15:59", True),
        ("2026-11-23 16:00", False),
        ("2026-11-21 10:00", False),
        ("2026-12-25 10:00", False),
    ],
)
def test_when_the_office_is_open(moment: str, is_open: bool) -> None:
    assert clock.office_is_open(wib(moment)) is is_open
