"""The rules of the school calendar, and keeping it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import audit, i18n
from portal.core.access import Role
from portal.core.clock import Week
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.schools import actions
from portal.schools.actions import CalendarDays
from portal.schools.models import CalendarEntry, CalendarKind, Level, School
from portal.schools.policy import Days, SchoolDays
from portal.schools.queries import calendar as queries
from portal.schools.queries import school_days
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.statements import read_statements

BREAK, EXAM, OPEN = CalendarKind.BREAK, CalendarKind.EXAM, CalendarKind.OPEN
# A quiet month: no holiday of the country lies in October 2026.
MONDAY = date(2026, 10, 5)
SATURDAY, SUNDAY = MONDAY + timedelta(days=5), MONDAY + timedelta(days=6)
INDEPENDENCE_DAY = date(2026, 8, 17)


def on(kind: CalendarKind, day: date = MONDAY, last: date | None = None) -> Days:
    """Return days of the calendar."""
    return Days(kind, day, last or day, f"hari {kind}")


def wanted(kind: CalendarKind = BREAK, **changed: object) -> CalendarDays:
    """Return a command for a week in October."""
    values: dict[str, object] = {
        "kind": kind,
        "name": "Libur panen",
        "name_en": "Harvest break",
        "first_on": MONDAY,
        "last_on": SATURDAY,
        "levels": (),
        "source": "Surat 1/2026",
    }
    return CalendarDays(**{**values, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "own", "general", "kind"),
    [
        (MONDAY, [], [], OPEN),
        (MONDAY, [], [BREAK], BREAK),
        (MONDAY, [], [EXAM], EXAM),
        (MONDAY, [], [BREAK, EXAM], BREAK),
        (MONDAY, [], [BREAK, OPEN], OPEN),
        (MONDAY, [BREAK], [], BREAK),
        (MONDAY, [BREAK], [OPEN], BREAK),
        (MONDAY, [OPEN], [BREAK], OPEN),
        (MONDAY, [OPEN], [EXAM], OPEN),
        (MONDAY, [OPEN, BREAK], [BREAK], OPEN),
        (MONDAY, [EXAM], [], EXAM),
        (MONDAY, [EXAM], [OPEN], EXAM),
        (INDEPENDENCE_DAY, [], [], BREAK),
        (INDEPENDENCE_DAY, [], [OPEN], OPEN),
        (INDEPENDENCE_DAY, [OPEN], [], OPEN),
        (INDEPENDENCE_DAY, [EXAM], [], BREAK),
        (SATURDAY, [], [], BREAK),
        (SATURDAY, [], [OPEN], BREAK),
        (SATURDAY, [OPEN], [], OPEN),
        (SUNDAY, [OPEN], [OPEN], BREAK),
    ],
)
def test_what_a_day_is_in_a_school_of_five_days(
    day: date, own: list[CalendarKind], general: list[CalendarKind], kind: CalendarKind
) -> None:
    days = SchoolDays(
        Week.SCHOOL_5,
        tuple(on(each, day) for each in own),
        tuple(on(each, day) for each in general),
    )
    assert days.kind_of(day) is kind
    assert days.is_school_day(day) is (kind is not BREAK)
    assert days.is_lesson_day(day) is (kind is OPEN)


def test_a_week_counts_with_enough_lesson_days() -> None:
    exams = (on(EXAM, MONDAY, MONDAY + timedelta(days=1)),)
    assert SchoolDays(Week.SCHOOL_5, exams).is_lesson_week(MONDAY)
    assert not SchoolDays(Week.SCHOOL_5, exams, lesson_week_days=4).is_lesson_week(MONDAY)
    assert SchoolDays(Week.SCHOOL_6, exams, lesson_week_days=4).is_lesson_week(MONDAY)
    days = SchoolDays(Week.SCHOOL_6, exams).lesson_days(MONDAY)
    assert days == [MONDAY + timedelta(days=number) for number in (2, 3, 4, 5)]


def test_a_special_day_has_a_name() -> None:
    own = Days(BREAK, MONDAY, MONDAY, "Libur panen", "Harvest break")
    days = SchoolDays(Week.SCHOOL_5, (own,), (on(BREAK, MONDAY, SATURDAY),))
    with i18n.in_language("en"):
        assert days.name_of(MONDAY) == "Harvest break"
        assert days.name_of(INDEPENDENCE_DAY) == "Independence Day"
    with i18n.in_language("id"):
        assert days.name_of(MONDAY) == "Libur panen"
        assert days.name_of(MONDAY + timedelta(days=1)) == "hari break"
        assert days.name_of(MONDAY - timedelta(days=3)) is None


spans = st.builds(
    lambda kind, start, length: on(
        kind, date(2026, 7, 1) + timedelta(start), date(2026, 7, 1) + timedelta(start + length)
    ),
    st.sampled_from(CalendarKind),
    st.integers(0, 365),
    st.integers(0, 30),
)
some_days = st.lists(spans, max_size=6).map(tuple)
year_days = st.integers(-5, 400).map(lambda number: date(2026, 7, 1) + timedelta(number))


@given(own=some_days, general=some_days, more=spans, day=year_days, mine=st.booleans())
def test_a_break_never_makes_a_school_day(
    own: tuple[Days, ...], general: tuple[Days, ...], more: Days, day: date, mine: bool
) -> None:
    added = Days(BREAK, more.first_on, more.last_on)
    before = SchoolDays(Week.SCHOOL_6, own, general)
    after = SchoolDays(
        Week.SCHOOL_6, (*own, added) if mine else own, general if mine else (*general, added)
    )
    assert before.is_school_day(day) or not after.is_school_day(day)
    assert before.is_lesson_day(day) or not after.is_lesson_day(day)


@given(own=some_days, general=some_days, day=year_days)
def test_six_days_hold_every_day_of_five(
    own: tuple[Days, ...], general: tuple[Days, ...], day: date
) -> None:
    five = SchoolDays(Week.SCHOOL_5, own, general)
    six = SchoolDays(Week.SCHOOL_6, own, general)
    assert six.is_school_day(day) or not five.is_school_day(day)
    assert six.is_lesson_day(day) or not five.is_lesson_day(day)
    # Nothing depends on the order in which days were noted.
    assert SchoolDays(Week.SCHOOL_6, own[::-1], general[::-1]).kind_of(day) is six.kind_of(day)


@pytest.fixture
def two(build: Builder) -> tuple[School, School]:
    """Return a primary and a junior high school."""
    return build.school(level=Level.SD), build.school(level=Level.SMP)


def test_entries_hold_for_their_school_and_level_alone(
    build: Builder, session: Session, two: tuple[School, School]
) -> None:
    primary, junior = two
    coordinator = build.actor(build.user(Role.COORDINATOR))
    later, latest = MONDAY + timedelta(days=7), MONDAY + timedelta(days=14)
    with transaction(session):
        actions.add_days(session, coordinator, primary.id, wanted(levels=("SMP",)))
        smp = wanted(levels=("SMP", "MTs"), first_on=later, last_on=later)
        actions.add_days(session, coordinator, None, smp)
        every = wanted(first_on=latest, last_on=latest)
        actions.add_days(session, coordinator, None, every)
    with read_statements(build.database) as statements, build.database.reader() as reading:
        days = queries.school_days_of(reading, [primary, junior])
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 2
    with build.database.reader() as reading:
        assert school_days(reading, junior) == days[junior.id]
    for day, of_primary, of_junior in (
        (MONDAY, False, True),
        (later, True, False),
        (latest, False, False),
    ):
        assert days[primary.id].is_school_day(day) is of_primary
        assert days[junior.id].is_school_day(day) is of_junior


def test_the_office_says_how_many_days_make_a_week(build: Builder, session: Session) -> None:
    build.setting("lesson_week_days", 5)
    assert school_days(session, build.school()).lesson_week_days == 5


def test_adding_changing_and_taking_out(build: Builder, session: Session) -> None:
    school = build.school()
    principal = build.actor(build.user(Role.PRINCIPAL, school))
    with transaction(session):
        entry = actions.add_days(session, principal, school.id, wanted())
    with transaction(session):
        change = wanted(EXAM, name="Ujian praktik", last_on=MONDAY)
        actions.change_days(session, principal, entry, change)
    kept = session.scalars(select(CalendarEntry).where(CalendarEntry.school_id.is_not(None))).one()
    assert (kept.kind, kept.name, kept.last_on, kept.version) == (
        "exam",
        "Ujian praktik",
        MONDAY,
        2,
    )
    assert kept.recorded_by == principal.user_id
    with transaction(session):
        actions.remove_days(session, principal, kept)
    assert school_days(session, school).is_lesson_day(MONDAY)
    entries = session.scalars(
        select(audit.AuditEntry)
        .where(audit.AuditEntry.action == "school_calendar.changed")
        .order_by(audit.AuditEntry.seq)
    ).all()
    assert [entry.facts for entry in entries] == [
        {"school_id": school.id.hex, "kind": kind, "step": step}
        for kind, step in (("break", "added"), ("exam", "changed"), ("exam", "removed"))
    ]


@on_sqlite
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"first_on": date(1999, 12, 31)}, "calendar_years"),
        ({"last_on": date(2100, 1, 1)}, "calendar_years"),
        ({"last_on": MONDAY - timedelta(days=1)}, "calendar_order"),
        ({"last_on": MONDAY + timedelta(days=120)}, "calendar_long"),
    ],
)
def test_days_nobody_can_mean(
    build: Builder, session: Session, change: dict[str, object], code: str
) -> None:
    coordinator = build.actor(build.user(Role.COORDINATOR))
    with pytest.raises(Rejected, match=code):
        actions.add_days(session, coordinator, None, wanted(**change))
    actions.add_days(session, coordinator, None, wanted(last_on=MONDAY + timedelta(days=119)))
    session.rollback()


@on_sqlite
def test_who_may_keep_the_calendar(build: Builder, session: Session) -> None:
    school, other = build.school(), build.school()
    principal = build.actor(build.user(Role.PRINCIPAL, school))
    teacher = build.actor(build.user(Role.TEACHER, school))
    stranger = build.actor(build.user(Role.PRINCIPAL, other))
    for actor, where in ((principal, other.id), (principal, None), (teacher, school.id)):
        with pytest.raises(Rejected, match="not_allowed"):
            actions.add_days(session, actor, where, wanted())
    with transaction(session):
        entry = actions.add_days(session, principal, school.id, wanted())
    assert queries.get_entry(session, principal, entry.public_id) is entry
    assert queries.get_entry(session, teacher, entry.public_id) is None
    seen = queries.entries_for(session, teacher, school)
    assert entry in seen
    general = next(each for each in seen if each.school_id is None)
    assert queries.get_entry(session, principal, general.public_id) is None
    assert entry not in queries.entries_for(session, stranger, school)
    assert queries.get_entry(session, stranger, entry.public_id) is None


@on_sqlite
def test_the_page_leaves_nothing_out(build: Builder, session: Session) -> None:
    school = build.school()
    coordinator = build.actor(build.user(Role.COORDINATOR))
    today = MONDAY + timedelta(days=2)
    with transaction(session):
        actions.add_days(session, coordinator, school.id, wanted())
        actions.add_days(session, coordinator, school.id, wanted(EXAM, name="Ujian", name_en=""))
        far = date(2031, 1, 6)
        actions.add_days(session, coordinator, school.id, wanted(first_on=far, last_on=far))
    entries = queries.entries_for(session, coordinator, school)
    coming, over = queries.outlook(entries, today)
    lines = [line for year in (*over, *coming) for _, rows in year.months for line in rows]
    assert {line.entry.id for line in lines if line.entry} == {entry.id for entry in entries}
    assert [year.year.label for year in coming] == ["2026/2027", "2027/2028", "2030/2031"]
    # What is under way stands in this month, with what else is noted for it.
    month, first = coming[0].months[0]
    assert month == MONDAY.replace(day=1)
    with i18n.in_language("en"):
        assert [line.days.title for line in first] == ["Harvest break", "Ujian"]
    assert [line.beside for line in first] == [("Ujian",), ("Libur panen",)]
    # A holiday stands there, unless there is no school anyway: Christmas lies within the break.
    holidays = {line.days.first_on for line in lines if line.entry is None}
    assert INDEPENDENCE_DAY in holidays
    assert date(2026, 12, 25) not in holidays
    assert all(day.weekday() != SUNDAY.weekday() for day in holidays)
    assert [year.has_entries for year in coming] == [True, False, True]
    assert all(
        line.days.last_on < today for year in over for _, rows in year.months for line in rows
    )
