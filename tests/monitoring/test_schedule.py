"""When forms come due: whole runs worked out by hand, with the calendar written down beside them.

Public holidays are those of the three-minister decree; the days below are those of
docs/school-calendar.md. Nothing in the tables comes from the code under test.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core.clock import Week, monday_of
from portal.monitoring.policy.lateness import Patience, lateness
from portal.monitoring.policy.schedule import Planned, Progress, after, gaps, next_form
from portal.monitoring.states import FormKind
from portal.schools.models import CalendarKind
from portal.schools.policy import Days, SchoolDays

RHYTHM = [[1, 4], [2, 4], [4, 3]]
BREAK, EXAM = CalendarKind.BREAK, CalendarKind.EXAM


def _day(text: str) -> date:
    return date.fromisoformat(text)


CALENDAR = tuple(
    Days(kind, _day(first), _day(last))
    for kind, first, last in (
        (EXAM, "2025-12-01", "2025-12-06"),
        (BREAK, "2025-12-22", "2026-01-03"),
        (BREAK, "2026-02-18", "2026-02-21"),  # first days of Ramadan
        (BREAK, "2026-03-16", "2026-03-28"),  # Lebaran
        (EXAM, "2026-06-02", "2026-06-06"),
        (BREAK, "2026-06-22", "2026-07-11"),
        (EXAM, "2026-11-30", "2026-12-05"),
        (BREAK, "2026-12-21", "2027-01-02"),
        (BREAK, "2027-02-08", "2027-02-10"),  # first days of Ramadan
        (BREAK, "2027-03-05", "2027-03-17"),  # Lebaran
        (EXAM, "2027-05-31", "2027-06-05"),
        (BREAK, "2027-06-21", "2027-07-10"),
    )
)
FIVE = SchoolDays(Week.SCHOOL_5, general=CALENDAR)
SIX = SchoolDays(Week.SCHOOL_6, general=CALENDAR)


def forms(days: SchoolDays, progress: Progress, rhythm: Any = RHYTHM) -> Iterator[Planned]:
    """Yield the forms that come, one after the other, each sent in time."""
    while planned := next_form(days, rhythm, progress):
        yield planned
        progress = after(progress, planned)


def back(day: str, step: int = 0) -> Progress:
    """Return how it stands when a child comes back on a day."""
    return Progress(step, _day(day), returns_on=_day(day))


def told(planned: Planned) -> str:
    """Return a form as the tables write it: F or R, the day, the lesson weeks since the last."""
    kind = "F" if planned.kind == FormKind.FIRST_DAY else "R"
    return f"{kind} {planned.due_on} {planned.weeks}"


def lines(text: str) -> list[str]:
    """Return the lines of a table without the reasons, which follow a dash."""
    rows = (line.partition(" - ")[0].strip() for line in text.strip().splitlines())
    return [" ".join(row.split()) for row in rows]


RUNS = {
    "five days, October 2025 through December, Ramadan and Lebaran": (
        FIVE,
        "2025-10-06",
        """
        F 2025-10-06 0 - a Monday: three lesson days lie before Friday's, so both come
        R 2025-10-10 1 - weekly
        R 2025-10-17 1
        R 2025-10-24 1
        R 2025-10-31 1
        R 2025-11-14 2 - fortnightly
        R 2025-11-28 2
        R 2025-12-19 2 - 1 December is an exam week: 8 and 15 December count
        F 2026-01-05 0 - back after the semester break
        R 2026-01-15 2 - 5 and 12 January; Friday 16 is a holiday
        R 2026-02-13 4 - monthly: 19, 26 January, 2, 9 February
        F 2026-02-23 0 - leave, Lunar New Year, three days of Ramadan: five free weekdays
        F 2026-03-30 4 - 23 Feb, 2, 9, 30 March; Good Friday: Thursday is too near, one does
        R 2026-04-30 4 - 6, 13, 20, 27 April; Friday 1 May is a holiday
        """,
    ),
    "six days, the same": (
        SIX,
        "2025-10-06",
        """
        F 2025-10-06 0
        R 2025-10-11 1 - Saturday is the last lesson day
        R 2025-10-18 1
        R 2025-10-25 1
        R 2025-11-01 1
        R 2025-11-15 2
        R 2025-11-29 2
        R 2025-12-20 2
        F 2026-01-05 0 - Saturday 3 January is still in the break
        R 2026-01-17 2
        R 2026-02-14 4
        F 2026-02-23 0
        F 2026-03-30 0 - Tuesday, Wednesday, Thursday lie before Saturday: both come
        R 2026-04-04 4
        R 2026-05-02 4
        """,
    ),
    "five days, November 2026 through Lebaran 2027 into the next school year": (
        FIVE,
        "2026-11-23",
        """
        F 2026-11-23 0
        R 2026-11-27 1
        R 2026-12-11 1 - 30 November is an exam week
        R 2026-12-18 1
        F 2027-01-04 1 - Tuesday is a holiday: two lesson days before Friday, one form does
        R 2027-01-22 2 - 11 and 18 January
        R 2027-02-04 2 - 25 January, 1 February; Friday 5 is leave
        R 2027-02-26 2 - 8 February has two lesson days and does not count; 15 and 22 do
        F 2027-03-18 0 - back after Lebaran, on a Thursday
        R 2027-03-24 2 - 1 and 22 March; Thursday is leave, Friday Good Friday
        R 2027-04-23 4 - 29 March, 5, 12, 19 April
        R 2027-05-28 4 - 26 April, 3, 10, 24 May; 17 May has one lesson day
        F 2027-07-12 0 - back after the end of the year
        R 2027-07-23 4 - 7 and 14 June, 12 and 19 July; 31 May is an exam week
        """,
    ),
    "six days, the same, two weeks count more": (
        SIX,
        "2026-11-23",
        """
        F 2026-11-23 0
        R 2026-11-28 1
        R 2026-12-12 1
        R 2026-12-19 1
        F 2027-01-04 0 - Wednesday, Thursday, Friday lie before Saturday: both come
        R 2027-01-09 1
        R 2027-01-23 2
        R 2027-02-04 2 - Friday is leave, Saturday Lunar New Year
        R 2027-02-20 2 - 8 February counts here: Thursday to Saturday
        R 2027-03-04 2 - 22 February, 1 March; Lebaran from Friday
        F 2027-03-18 0
        R 2027-04-10 4 - 15, 22, 29 March, 5 April
        R 2027-05-08 4 - 12, 19, 26 April, 3 May
        R 2027-06-19 4 - 10, 24 May, 7, 14 June
        """,
    ),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_whole_run(name: str) -> None:
    """Eleven forms of the rhythm, and one on each first day back, as reckoned by hand."""
    days, first_day, table = RUNS[name]
    found = list(forms(days, back(first_day)))
    assert [told(each) for each in found] == lines(table)
    assert sum(each.weeks > 0 for each in found) == 11


BEGINNINGS = {
    # Whatever the first day back: (five days, six days) and the first two forms.
    "2026-08-10 Monday": ("F 2026-08-10 0, R 2026-08-14 1", "F 2026-08-10 0, R 2026-08-15 1"),
    "2026-08-11 Tuesday": ("F 2026-08-11 1, R 2026-08-21 1", "F 2026-08-11 0, R 2026-08-15 1"),
    "2026-08-12 Wednesday": ("F 2026-08-12 1, R 2026-08-21 1", "F 2026-08-12 1, R 2026-08-22 1"),
    "2026-08-13 Thursday": ("F 2026-08-13 0, R 2026-08-21 1", "F 2026-08-13 1, R 2026-08-22 1"),
    "2026-08-07 Friday": ("F 2026-08-07 0, R 2026-08-14 1", "F 2026-08-07 0, R 2026-08-15 1"),
    "2026-08-08 Saturday": ("F 2026-08-10 0, R 2026-08-14 1", "F 2026-08-08 0, R 2026-08-15 1"),
    "2026-08-09 Sunday": ("F 2026-08-10 0, R 2026-08-14 1", "F 2026-08-10 0, R 2026-08-15 1"),
    "2026-06-29 in the holidays": (
        "F 2026-07-13 0, R 2026-07-17 1",
        "F 2026-07-13 0, R 2026-07-18 1",
    ),
    "2026-08-17 a holiday": ("F 2026-08-18 1, R 2026-08-28 1", "F 2026-08-18 0, R 2026-08-22 1"),
    "2026-11-30 in exams": ("F 2026-11-30 0, R 2026-12-11 1", "F 2026-11-30 0, R 2026-12-12 1"),
}


@pytest.mark.parametrize("name", BEGINNINGS)
@pytest.mark.parametrize("which", [0, 1])
def test_the_first_two_forms(name: str, which: int) -> None:
    """A week counts with three lesson days left in it; a first day too near does for both."""
    run = forms((FIVE, SIX)[which], back(name.split()[0]))
    assert ", ".join(told(next(run)) for _ in range(2)) == BEGINNINGS[name][which]


LATE_STARTS = {
    # Back since Monday 3 August; the school hears of it on this day.
    "2026-08-03": "F 2026-08-03 0",
    "2026-08-04": "R 2026-08-07 1",
    "2026-08-05": "R 2026-08-07 1",
    "2026-08-06": "R 2026-08-14 1",
    "2026-08-08": "R 2026-08-14 1",
}


@pytest.mark.parametrize("shared_on", LATE_STARTS)
def test_a_first_day_that_is_over_is_not_asked_about(shared_on: str) -> None:
    """Whoever shares a plan late gets the first form of the rhythm first."""
    day = _day(shared_on)
    begins = max(day, _day("2026-08-03"))
    progress = Progress(0, begins, returns_on=_day("2026-08-03"))
    planned = next_form(FIVE, RHYTHM, progress, not_before=day)
    assert planned is not None
    assert told(planned) == LATE_STARTS[shared_on]


ANEW = {
    # A red flag in a form that was due on this day, the sixth of the rhythm or later.
    "before an exam week": (
        "2025-11-28",
        """
        R 2025-12-12 1 - 1 December has no lessons
        R 2025-12-19 1
        F 2026-01-05 0
        R 2026-01-09 1
        R 2026-01-15 1
        R 2026-01-30 2
        """,
    ),
    "while forms come monthly": (
        "2026-02-13",
        """
        F 2026-02-23 0 - a first day back is asked about anyway
        R 2026-02-27 1
        R 2026-03-06 1
        R 2026-03-13 1
        F 2026-03-30 1 - one does for Thursday's as well
        R 2026-04-17 2 - 6 and 13 April
        """,
    ),
    "in the last form": ("2026-04-30", "R 2026-05-08 1\nR 2026-05-13 1\nR 2026-05-22 1"),
}


@pytest.mark.parametrize("name", ANEW)
def test_a_red_flag_begins_anew(name: str) -> None:
    """The rhythm begins again in the next lesson week, with all its forms."""
    sent, table = ANEW[name]
    day = _day(sent)
    run = forms(FIVE, Progress(0, _day("2025-10-06"), counted_on=day, looked_on=day))
    rows = lines(table)
    assert [told(next(run)) for _ in rows] == rows


PAUSES = {
    # The last form, its step, the day it goes on, whether the child was away, what comes.
    "enough of the week is left": (
        ("2025-10-31", 4, "2025-11-26", False),
        "R 2025-11-28 4\nR 2025-12-19 2",
    ),
    "too little is left, and exams follow": (
        ("2025-10-31", 4, "2025-11-27", False),
        "R 2025-12-12 5\nF 2026-01-05 0\nR 2026-01-09 2",
    ),
    "the child was away": (
        ("2025-10-31", 4, "2025-11-27", True),
        "F 2025-11-27 0\nR 2025-12-12 5",
    ),
    "shorter than the gap: the rhythm stays": (
        ("2026-01-15", 8, "2026-01-27", False),
        "R 2026-02-13 4",
    ),
    "over a break, until its last day": (
        ("2025-12-19", 7, "2026-01-02", False),
        "F 2026-01-05 0\nR 2026-01-15 2",
    ),
    "longer than a break: nobody asks for the first day": (
        ("2025-12-19", 7, "2026-01-06", False),
        "R 2026-01-15 2",
    ),
}


@pytest.mark.parametrize("name", PAUSES)
def test_going_on_after_a_pause(name: str) -> None:
    """The step stays, and the first lesson week that is left is the next one."""
    (last, step, on, was_away), table = PAUSES[name]
    day, again = _day(last), _day(on)
    run = forms(FIVE, Progress(step, again, day, day, again if was_away else None))
    rows = lines(table)
    assert [told(next(run)) for _ in rows] == rows


def test_a_form_opens_one_lesson_day_before_it_is_due() -> None:
    """Over a holiday that is a day earlier; a first day opens on itself."""
    run = {each.due_on: each for each in forms(FIVE, back("2026-11-23"))}
    assert run[_day("2026-11-23")].opens_on == _day("2026-11-23")
    assert run[_day("2026-11-27")].opens_on == _day("2026-11-26")
    assert run[_day("2027-02-04")].opens_on == _day("2027-02-03")
    assert run[_day("2027-03-24")].closes_on == _day("2027-04-07")
    early = next_form(FIVE, RHYTHM, Progress(0, _day("2026-08-18")), opens_before=4)
    # Tuesday to Friday, with a holiday on Monday: the fourth lesson day before lies last week.
    assert early is not None
    assert early.opens_on == _day("2026-08-14")


def test_another_rhythm_of_a_later_edition() -> None:
    """An edition may ask for less; the last step ends it, and a calendar without end as well."""
    assert [told(each) for each in forms(FIVE, back("2026-08-03"), [[1, 1], [3, 1]])] == [
        "F 2026-08-03 0",
        "R 2026-08-07 1",
        "R 2026-08-28 3",
    ]
    assert gaps(RHYTHM) == [1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4]
    shut = SchoolDays(Week.SCHOOL_5, own=(Days(BREAK, _day("2026-01-01"), _day("2030-01-01")),))
    assert next_form(shut, RHYTHM, back("2026-08-03")) is None


LATENESS = """
    # school, due, the next opens: the teacher is reminded, others are told, it is missed
    5 2026-08-07 2026-08-13: 2026-08-12 2026-08-14 2026-08-13 - Friday: Mon, Tue, Wed; Fri
    6 2026-08-08 2026-08-14: 2026-08-12 2026-08-14 2026-08-14 - Saturday: Mon, Tue, Wed; Fri
    5 2026-08-14 2026-08-20: 2026-08-20 2026-08-24 2026-08-20 - Monday is a holiday
    6 2026-08-15 2026-08-21: 2026-08-20 2026-08-22 2026-08-21 - Saturday is the fifth
    5 2026-08-10 2026-08-13: 2026-08-13 2026-08-18 2026-08-13 - a first day; Monday 17 is none
    5 2026-01-15 2026-02-12: 2026-01-21 2026-01-23 2026-01-30 - Friday 16 is none; 14 days over
    5 2025-12-19 2026-01-05: never never 2026-01-03 - the break is longer than 14 days
    5 2025-11-28 2025-12-18: 2025-12-03 2025-12-05 2025-12-13 - exams are school days
    5 2026-02-13 2026-02-23: 2026-02-25 2026-02-27 2026-02-23 - told on its fourteenth day
    6 2026-02-14 2026-02-23: 2026-02-25 2026-02-27 2026-02-23 - both Saturdays: one is in a break
    5 2026-03-13 2026-03-30: never never 2026-03-28 - Lebaran
    5 2026-03-30 2026-04-29: 2026-04-02 2026-04-07 2026-04-14 - Good Friday and a weekend
    6 2026-03-30 2026-04-02: 2026-04-02 2026-04-06 2026-04-02 - Saturday is the fourth
    5 2026-05-13 2026-05-21: 2026-05-20 2026-05-22 2026-05-21 - Thursday and Friday are none
    6 2026-05-16 2026-05-22: 2026-05-20 2026-05-22 2026-05-22
    5 2026-05-29 2026-06-11: 2026-06-04 2026-06-08 2026-06-11 - Pancasila Day, then exams
    5 2026-06-12 2026-06-18: 2026-06-18 never 2026-06-18 - a holiday; then the year ends
    5 2026-06-19 2026-07-13: never never 2026-07-04 - the end of the year
    5 2027-02-04 2027-02-25: 2027-02-15 2027-02-17 2027-02-19 - leave, then Ramadan
    6 2027-02-04 2027-02-19: 2027-02-13 2027-02-16 2027-02-19 - Saturday 13 is the third
    5 2027-02-26 2027-03-18: 2027-03-03 never 2027-03-13 - four days until Lebaran
    6 2027-03-04 2027-03-18: never never 2027-03-18 - one day is left of the fourteen
    5 2027-03-24 2027-04-22: 2027-03-31 2027-04-02 2027-04-08
    5 2027-05-14 2027-05-27: 2027-05-25 2027-05-27 2027-05-27 - Monday to Thursday are none
    6 2027-05-15 2027-05-28: 2027-05-24 2027-05-26 2027-05-28 - the same with a Saturday
    5 2026-04-30 none:       2026-05-06 2026-05-08 2026-05-15 - the last of the rhythm
    5 2026-12-18 2027-01-04: never never 2027-01-02
    5 2026-11-27 2026-12-10: 2026-12-02 2026-12-04 2026-12-10 - exams
    5 2026-11-23 2026-11-26: 2026-11-26 2026-11-30 2026-11-26 - a first day on a Monday
    5 2026-08-28 2026-09-03: 2026-09-02 2026-09-04 2026-09-03 - a Friday evening is not late yet
"""


@pytest.mark.parametrize("row", lines(LATENESS)[1:])
def test_a_form_that_stays_away(row: str) -> None:
    """On which day a teacher is reminded, others are told, and a form counts as missed."""
    question, _, answer = row.partition(": ")
    school, due, opens = question.split()
    due_on = _day(due)
    next_opens = None if opens == "none" else _day(opens)
    found = {"remind": "never", "tell": "never", "missed": "never"}
    for offset in range(31):
        day = due_on + timedelta(days=offset)
        days = FIVE if school == "5" else SIX
        stands = lateness(days, due_on, next_opens, day, Patience())
        for name in found:
            if getattr(stands, name) and found[name] == "never":
                found[name] = str(day)
        assert stands.closed == (offset > 14)
    assert " ".join(found.values()) == answer


SOME_DAY = st.integers(0, 700).map(lambda more: date(2025, 7, 1) + timedelta(days=more))
SOME_CALENDAR = st.builds(
    lambda week, own: SchoolDays(week, own=tuple(own), general=CALENDAR),
    st.sampled_from([Week.SCHOOL_5, Week.SCHOOL_6]),
    st.lists(
        st.builds(
            lambda kind, first, length: Days(kind, first, first + timedelta(days=length)),
            st.sampled_from(list(CalendarKind)),
            SOME_DAY,
            st.integers(0, 20),
        ),
        max_size=4,
    ),
)


@settings(max_examples=60, deadline=None)
@given(SOME_CALENDAR, SOME_DAY)
def test_every_run_keeps_the_rules(days: SchoolDays, first_day: date) -> None:
    """Due days rise, lie on lesson days of lesson weeks, and the rhythm has its eleven forms."""
    run = list(forms(days, Progress(0, first_day, returns_on=first_day)))
    due = [each.due_on for each in run]
    assert all(one < other for one, other in pairwise(due))
    assert sum(each.weeks > 0 for each in run) == 11
    for each in run:
        assert first_day <= each.opens_on <= each.due_on
        if each.kind == FormKind.FIRST_DAY:
            assert days.is_school_day(each.due_on)
        else:
            assert days.is_lesson_day(each.due_on)
            assert days.is_lesson_week(monday_of(each.due_on))
            assert days.lesson_days(monday_of(each.due_on))[-1] == each.due_on


@settings(max_examples=60, deadline=None)
@given(SOME_CALENDAR, SOME_DAY, st.integers(0, 9), st.integers(1, 90))
def test_pausing_never_makes_more_forms(
    days: SchoolDays, first_day: date, settled: int, length: int
) -> None:
    """Until any day, no more forms of the rhythm come due with a pause than without."""
    run = forms(days, Progress(0, first_day, returns_on=first_day))
    progress = Progress(0, first_day, returns_on=first_day)
    for planned, _number in zip(run, range(settled), strict=False):
        progress = after(progress, planned)
    paused_on = progress.looked_on or first_day
    again = Progress(
        progress.step,
        paused_on + timedelta(days=length),
        progress.counted_on,
        progress.looked_on,
    )

    def counted(progress: Progress) -> list[date]:
        return [each.due_on for each in forms(days, progress) if each.weeks]

    without, with_pause = counted(progress), counted(again)
    assert len(with_pause) == len(without)
    assert all(one <= other for one, other in zip(without, with_pause, strict=True))
