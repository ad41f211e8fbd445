"""The lesson weeks of two school years, reckoned by hand; docs/school-calendar.md says how.

Every Monday of both years stands here with the lesson days of its week, first in a school that
teaches on five days, then in one that teaches on six. A week counts with three.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portal.schools.policy import SchoolDays
from portal.schools.queries import school_days
from tests.builders import Builder
from tests.conftest import on_sqlite

# Monday, lesson days at five and at six days a week, and what takes the others.
YEAR_2025 = """
2025-06-30 0 0 end-of-year break
2025-07-07 0 0 end-of-year break
2025-07-14 5 6
2025-07-21 5 6
2025-07-28 5 6
2025-08-04 5 6
2025-08-11 5 6
2025-08-18 4 5 Monday: collective leave for Independence Day
2025-08-25 5 6
2025-09-01 4 5 Friday: birthday of the Prophet
2025-09-08 5 6
2025-09-15 5 6
2025-09-22 5 6
2025-09-29 5 6
2025-10-06 5 6
2025-10-13 5 6
2025-10-20 5 6
2025-10-27 5 6
2025-11-03 5 6
2025-11-10 5 6
2025-11-17 5 6
2025-11-24 5 6
2025-12-01 0 0 end-of-semester exams
2025-12-08 5 6
2025-12-15 5 6
2025-12-22 0 0 semester break
2025-12-29 0 0 semester break
2026-01-05 5 6
2026-01-12 4 5 Friday: Isra Mikraj
2026-01-19 5 6
2026-01-26 5 6
2026-02-02 5 6
2026-02-09 5 6
2026-02-16 0 0 Lunar New Year and its leave, then learning at home for Ramadan
2026-02-23 5 6
2026-03-02 5 6
2026-03-09 5 6
2026-03-16 0 0 Lebaran break
2026-03-23 0 0 Lebaran break
2026-03-30 4 5 Good Friday
2026-04-06 5 6
2026-04-13 5 6
2026-04-20 5 6
2026-04-27 4 5 Friday: Labour Day
2026-05-04 5 6
2026-05-11 3 4 Thursday and Friday: Ascension and its leave
2026-05-18 5 6
2026-05-25 3 4 Wednesday and Thursday: Iduladha and its leave
2026-06-01 0 0 Monday: Pancasila Day; then end-of-semester exams
2026-06-08 5 6
2026-06-15 4 5 Tuesday: Islamic New Year
2026-06-22 0 0 end-of-year break
2026-06-29 0 0 end-of-year break
2026-07-06 0 0 end-of-year break
"""
YEAR_2026 = """
2026-07-13 5 6
2026-07-20 5 6
2026-07-27 5 6
2026-08-03 5 6
2026-08-10 5 6
2026-08-17 4 5 Monday: Independence Day
2026-08-24 4 5 Tuesday: birthday of the Prophet
2026-08-31 5 6
2026-09-07 5 6
2026-09-14 5 6
2026-09-21 5 6
2026-09-28 5 6
2026-10-05 5 6
2026-10-12 5 6
2026-10-19 5 6
2026-10-26 5 6
2026-11-02 5 6
2026-11-09 5 6
2026-11-16 5 6
2026-11-23 5 6
2026-11-30 0 0 end-of-semester exams
2026-12-07 5 6
2026-12-14 5 6
2026-12-21 0 0 semester break
2026-12-28 0 0 semester break
2027-01-04 4 5 Tuesday: Isra Mikraj
2027-01-11 5 6
2027-01-18 5 6
2027-01-25 5 6
2027-02-01 4 4 Friday and Saturday: leave and Lunar New Year
2027-02-08 2 3 until Wednesday: learning at home for Ramadan
2027-02-15 5 6
2027-02-22 5 6
2027-03-01 4 4 from Friday: Lebaran break
2027-03-08 0 0 Lebaran break
2027-03-15 2 3 until Wednesday: Lebaran break
2027-03-22 3 4 Thursday and Friday: leave and Good Friday
2027-03-29 5 6
2027-04-05 5 6
2027-04-12 5 6
2027-04-19 5 6
2027-04-26 5 5 Saturday: Labour Day
2027-05-03 4 5 Thursday: Ascension
2027-05-10 5 6
2027-05-17 1 2 Monday to Thursday: Iduladha, Waisak and their leaves
2027-05-24 5 6
2027-05-31 0 0 end-of-semester exams, and Tuesday: Pancasila Day
2027-06-07 5 6
2027-06-14 5 6
2027-06-21 0 0 end-of-year break
2027-06-28 0 0 end-of-year break
2027-07-05 0 0 end-of-year break
"""
MONDAY = timedelta(weeks=1)


def weeks(table: str) -> list[tuple[date, int, int]]:
    """Return the Mondays of a table with their lesson days."""
    rows = [line.split(maxsplit=3) for line in table.strip().splitlines()]
    return [(date.fromisoformat(row[0]), int(row[1]), int(row[2])) for row in rows]


def calendar(build: Builder, week_days: int) -> SchoolDays:
    """Return the calendar of a school that has noted nothing itself."""
    school = build.school(week_days=week_days)
    with build.database.reader() as session:
        return school_days(session, school)


@on_sqlite
@pytest.mark.parametrize("week_days", [5, 6])
def test_every_week_of_both_years(build: Builder, week_days: int) -> None:
    days = calendar(build, week_days)
    table = weeks(YEAR_2025) + weeks(YEAR_2026)
    mondays = [monday for monday, _, _ in table]
    assert mondays == [date(2025, 6, 30) + number * MONDAY for number in range(len(mondays))]
    expected = {monday: {5: five, 6: six}[week_days] for monday, five, six in table}
    assert {monday: len(days.lesson_days(monday)) for monday in mondays} == expected
    counting = {monday for monday, lessons in expected.items() if lessons >= 3}
    assert {monday for monday in mondays if days.is_lesson_week(monday)} == counting


def test_how_many_weeks_count() -> None:
    counts = [
        sum(row[column] >= 3 for row in weeks(table))
        for table in (YEAR_2025, YEAR_2026)
        for column in (1, 2)
    ]
    assert counts == [42, 42, 41, 43]


@on_sqlite
def test_days_worth_a_second_look(build: Builder) -> None:
    five, six = calendar(build, 5), calendar(build, 6)
    # Learning at home is no school day although the decree does not call it a holiday.
    assert not five.is_school_day(date(2026, 2, 18))
    # In exams pupils are there, without lessons.
    assert five.is_school_day(date(2025, 12, 3))
    assert not five.is_lesson_day(date(2025, 12, 3))
    # The first and last days beside the Lebaran breaks.
    assert six.is_lesson_day(date(2026, 3, 14))
    assert not six.is_school_day(date(2026, 3, 28))
    assert five.is_lesson_day(date(2026, 3, 30))
    assert five.is_lesson_day(date(2027, 3, 4))
    assert five.is_lesson_day(date(2027, 3, 18))
    # Schools close on collective leave.
    assert not six.is_school_day(date(2026, 5, 15))
    assert six.is_lesson_day(date(2026, 5, 16))
    assert not five.is_lesson_day(date(2026, 5, 16))
