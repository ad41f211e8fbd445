"""Weeks of social workers: what fills them, at which midnight they begin, and what is read."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from time_machine import Traveller

from portal.core import clock, duties
from portal.core import settings as office_settings
from portal.core.access import Role
from portal.core.db import new_id, transaction
from portal.core.duties import Due
from portal.core.settings import Office as Rules
from portal.monitoring.actions.waiting import CONTACT
from portal.schools.models import CalendarEntry
from portal.visits.actions import ledger as actions
from portal.visits.actions.cells import Stay, set_crew, take
from portal.visits.models import (
    Blackout,
    BookingCell,
    Hold,
    LedgerEntry,
    Visit,
    VisitChange,
    WorkerTerms,
    WorkKind,
)
from portal.visits.queries import ledger, urgent
from portal.visits.queries.days import SpecialStarts, every_start, starts_on
from portal.visits.queries.slots import (
    Busy,
    Clash,
    Diary,
    Load,
    Place,
    Terms,
    Worker,
    load_diary,
)
from portal.visits.states import ChangeState, VisitState
from tests.visits.conftest import Office, at, on_sqlite

WIB = timedelta(hours=7)
WHO = UUID(int=1)
MONDAY = date(2026, 8, 10)


def busy(start: datetime, minutes: int = 90, **more: Any) -> Busy:
    """Return a session of the usual worker."""
    values: dict[str, Any] = {
        "worker_id": WHO,
        "school_id": UUID(int=9),
        "school_name": "SMP Contoh",
        "district": "pusat",
        "visit_id": new_id(),
    }
    return Busy(start, start + timedelta(minutes=minutes), **{**values, **more})


def worker_with(**more: Any) -> Worker:
    """Return a worker who works from Monday to Friday."""
    hours = dict.fromkeys(range(5), (time(7), time(16)))
    return Worker(WHO, "worker-1", "Peksos", "Peksos", **{"hours": hours, **more})


def load_of(spans: list[Busy], day: date, worker: Worker | None = None, **more: Any) -> Load:
    """Return what fills the week of a day."""
    worker = worker or worker_with()
    return Diary([worker], spans, {("pusat", "pusat"): 10}, Rules({}), **more).week_load(
        worker, day
    )


@given(st.integers(0, 31 * 24 * 60), st.integers(-10, 10))
@settings(max_examples=80, deadline=None)
def test_a_session_counts_in_the_week_of_its_day_in_metro(minute: int, offset: int) -> None:
    start = datetime(2026, 12, 20, tzinfo=UTC) + timedelta(minutes=minute)
    local = start + WIB
    span = busy(start)
    day = local.date() + timedelta(days=offset)
    same = day.isocalendar()[:2] == local.date().isocalendar()[:2]
    assert load_of([span], day).visit_minutes == (90 if same else 0)


@pytest.mark.parametrize(
    ("moment", "monday"),
    [
        (datetime(2026, 8, 9, 16, 59, tzinfo=UTC), date(2026, 8, 3)),
        (datetime(2026, 8, 9, 17, 0, tzinfo=UTC), date(2026, 8, 10)),
        (datetime(2026, 12, 31, 17, 0, tzinfo=UTC), date(2026, 12, 28)),
        (datetime(2027, 1, 3, 16, 59, tzinfo=UTC), date(2026, 12, 28)),
        (datetime(2027, 1, 3, 17, 0, tzinfo=UTC), date(2027, 1, 4)),
    ],
)
def test_a_week_begins_on_monday_at_midnight_in_metro(moment: datetime, monday: date) -> None:
    for offset in (-7, 0, 7):
        load = load_of([busy(moment, 1)], monday + timedelta(days=offset))
        assert load.visit_minutes == (1 if offset == 0 else 0)


def test_the_ways_go_from_the_office_by_each_session_and_back() -> None:
    rules = Rules({"office_district": "pusat"})
    ways = {("pusat", "utara"): 20, ("utara", "barat"): 30, ("barat", "pusat"): 7}
    spans = [busy(at(10, 8), district="utara"), busy(at(10, 10), district="barat")]
    worker = worker_with()
    diary = Diary([worker], spans, ways, rules)
    assert diary.week_load(worker, MONDAY).travel_minutes == 20 + 30 + 7
    # The session left out is taken from the middle of its day; an unknown way is of usual length.
    without = diary.week_load(worker, MONDAY, spans[1].visit_id)
    assert (without.visit_minutes, without.travel_minutes) == (90, 20 + 15)


def test_a_session_and_the_change_asked_for_it_count_once() -> None:
    visit = new_id()
    spans = [busy(at(10), visit_id=visit), busy(at(12), 120, visit_id=visit), busy(at(11))]
    assert load_of(spans, MONDAY).visit_minutes == 120 + 90
    later = [busy(at(10), visit_id=visit), busy(at(18), visit_id=visit)]
    assert [load_of(later, day).visit_minutes for day in (MONDAY, date(2026, 8, 18))] == [90, 90]


def test_terms_hold_from_the_week_in_which_they_begin() -> None:
    worker = worker_with(terms=[Terms(date(2026, 8, 19), 1200, 300), Terms(MONDAY, 600, 60)])
    weeks = [load_of([], MONDAY + timedelta(weeks=n), worker) for n in (-1, 0, 1, 2)]
    assert [(week.weekly_minutes, week.visit_limit) for week in weeks] == [
        (2250, 720),
        (600, 60),
        (1200, 300),
        (1200, 300),
    ]


def test_leave_and_holidays_take_their_share_of_a_workers_days() -> None:
    # The 17th is Independence Day, a Monday.
    monday = date(2026, 8, 17)
    away = {"leave": [(date(2026, 8, 21), date(2026, 8, 23))]}
    assert load_of([], monday, worker_with(**away)).away_minutes == 2250 * 2 // 5
    three_days = {"hours": dict.fromkeys(range(1, 4), (time(8), time(12)))}
    assert load_of([], monday, worker_with(**away, **three_days)).away_minutes == 0
    assert load_of([], monday, worker_with(hours={})).away_minutes == 450


def test_a_session_that_leaves_urgent_work_no_time_is_warned_about() -> None:
    worker = worker_with(terms=[Terms(date(2026, 1, 1), 600, 600)])
    place = Place(UUID(int=9), "pusat")

    def clashes(minutes: int) -> set[Clash]:
        diary = Diary(
            [worker],
            [],
            {},
            Rules({"office_district": "pusat"}),
            ledger={(WHO, MONDAY, WorkKind.CASEWORK): 300},
            urgent={(WHO, MONDAY): minutes},
        )
        with time_machine.travel(datetime(2026, 8, 3, 2, tzinfo=UTC), tick=False):
            return {each.kind for each in diary.problems(worker, place, at(11), at(11, 9, 30))}

    # 600 less 300 of casework, 90 here and twice 15 on the road leaves 180.
    assert clashes(180) == set()
    assert clashes(181) == {Clash.STARVES}
    assert clashes(0) == set()


def test_every_start_that_some_day_offers_can_be_wished_for() -> None:
    special = ["2027-02-08 2027-03-09 09:30 08:00", "2028-01-28 2028-02-26 07:30"]
    rules = Rules({"friday_starts": ["08:00", "10:30"], "special_starts": special})
    assert every_start(rules) == ["07:30", "08:00", "09:30", "10:00", "10:30", "13:00"]


@pytest.mark.parametrize(
    ("first", "last", "meets"),
    [
        ("2027-01-01", "2027-02-07", False),
        ("2027-01-01", "2027-02-08", True),
        ("2027-02-20", "2027-02-20", True),
        ("2027-03-09", "2027-04-01", True),
        ("2027-03-10", "2027-04-01", False),
    ],
)
def test_two_lines_for_the_same_day_meet(first: str, last: str, meets: bool) -> None:
    ramadan = SpecialStarts.parse("2027-02-08 2027-03-09 08:00")
    other = SpecialStarts.parse(f"{first} {last} 09:00")
    assert ramadan
    assert other
    assert ramadan.meets(other) is other.meets(ramadan) is meets


@pytest.mark.parametrize(
    ("line", "fine"),
    [
        ("2027-02-08 2027-03-09 08:00 09:30", True),
        ("2027-02-08 2027-02-08 08:00", True),
        ("2027-02-08 2027-02-07 08:00", False),
        ("2027-02-08 2027-03-09", False),
        ("2027-02-08  2027-03-09 08:00", False),
        ("2027-02-29 2027-03-09 08:00", False),
        ("1999-02-01 2027-03-09 08:00", False),
        ("2027-02-08 2027-03-09 8:00", False),
        ("2027-02-08 2027-03-09 08:10", False),
        ("", False),
    ],
)
def test_special_starts_are_read_strictly(line: str, fine: bool) -> None:
    assert (SpecialStarts.parse(line) is not None) is fine


@pytest.mark.parametrize(
    ("day", "starts"),
    [
        (date(2027, 2, 4), ("08:00", "10:00", "13:00")),
        (date(2027, 2, 5), ("08:00", "10:00")),
        (date(2027, 2, 8), ("08:00", "09:30")),
        (date(2027, 2, 12), ("08:00", "09:30")),
        (date(2027, 3, 9), ("08:00", "09:30")),
        (date(2027, 3, 12), ("08:00", "10:00")),
    ],
)
def test_ramadan_and_fridays_have_starts_of_their_own(day: date, starts: tuple[str, ...]) -> None:
    assert starts_on(Rules({}), day) == starts


def read(office: Office, first: date = MONDAY, last: date | None = None, **more: Any) -> Diary:
    """Read the diary of a week."""
    with office.build.database.reader() as session:
        rules = office_settings.read(session)
        return load_diary(session, rules, first, last or first, **more)


def of(diary: Diary, user_id: UUID) -> Worker:
    """Return one of its workers."""
    worker = diary.worker(user_id)
    assert worker is not None
    return worker


def test_everybody_who_goes_along_is_busy(office: Office) -> None:
    second, third = office.build.worker(), office.build.worker()
    visit = office.build.delivered(office.school, office.worker, MONDAY, state=VisitState.OFFERED)
    with transaction(office.build.session) as session:
        found = session.get_one(Visit, visit.id)
        set_crew(session, found, (office.worker.id, second.id, third.id))
    diary = read(office)
    for user in (office.worker, second, third):
        assert diary.week_load(of(diary, user.id), MONDAY).visit_minutes == 90
    elsewhere = Place.of(office.build.school())
    assert diary.free_workers(elsewhere, visit.starts_at, visit.ends_at) == ()
    assert len(diary.free_workers(Place.of(office.school, visit.id), at(10), at(10, 9, 30))) == 3


def test_an_open_change_takes_its_new_time_too_and_an_answered_one_does_not(
    office: Office,
) -> None:
    second = office.build.worker()
    visit = office.build.delivered(office.school, office.worker, MONDAY)
    change = VisitChange(
        visit_id=visit.id,
        state=ChangeState.ASKED,
        starts_at=at(12, 10),
        ends_at=at(12, 11, 30),
        social_worker_id=second.id,
        grades=[],
        expected_heads=60,
        reason="Ujian",
        asked_by=office.principal.id,
        asked_at=at(3),
        answer_by=at(5),
    )
    office.build.save(change)
    diary, place = read(office), Place.of(office.build.school())
    assert [w.id for w in diary.free_workers(place, at(12, 10), at(12, 11))] == [office.worker.id]
    assert diary.school_busy(Place.of(office.school), at(12, 10), at(12, 11))
    assert diary.week_load(of(diary, office.worker.id), MONDAY).visit_minutes == 90
    with transaction(office.build.session) as session:
        session.get_one(VisitChange, change.id).state = ChangeState.DECLINED
    diary = read(office)
    assert len(diary.free_workers(place, at(12, 10), at(12, 11))) == 2


def test_a_hold_keeps_everybody_whose_cells_it_took(office: Office) -> None:
    second, third = office.build.worker(), office.build.worker()
    hold = Hold(
        id=new_id(),
        school_id=office.school.id,
        user_id=office.principal.id,
        social_worker_id=office.worker.id,
        starts_at=at(12),
        ends_at=at(12, 9, 30),
        expires_at=clock.now() + timedelta(minutes=5),
    )
    with transaction(office.build.session) as session:
        session.add(hold)
        session.flush()
        stay = Stay(office.school.id, (office.worker.id, second.id), at(12), at(12, 9, 30))
        assert take(session, stay, hold_id=hold.id, expires_at=hold.expires_at)
    assert office.count(BookingCell) == 3 + 4 + 4
    place = Place.of(office.build.school())
    diary = read(office)
    assert [each.id for each in diary.free_workers(place, at(12), at(12, 9, 30))] == [third.id]
    assert diary.week_load(of(diary, second.id), MONDAY).visit_minutes == 90
    own = read(office, without_hold_of=office.school.id)
    assert len(own.free_workers(place, at(12), at(12, 9, 30))) == 3


def days(diary: Diary, place: Place, crew: int = 1) -> set[int]:
    """Return the days of the two weeks in August with free slots."""
    found = diary.slots(place, 90, MONDAY, MONDAY + timedelta(days=12), crew=crew)
    return {slot.day.day for slot in found}


def test_schools_calendars_and_days_without_sessions_are_read(office: Office) -> None:
    six = office.build.school(week_days=6)
    office.build.worker(weekdays=range(6))
    note = {
        "name": "x",
        "recorded_by": office.coordinator.id,
        "recorded_at": clock.now(),
    }
    entries = (
        (None, "exam", 11, 11, []),
        (None, "break", 12, 12, ["SD"]),
        (office.school.id, "break", 13, 13, []),
        (six.id, "open", 17, 17, []),
    )
    for school_id, kind, first, last, levels in entries:
        entry = CalendarEntry(
            school_id=school_id,
            kind=kind,
            first_on=date(2026, 8, first),
            last_on=date(2026, 8, last),
            levels=levels,
            **note,
        )
        office.build.save(entry)
    last = MONDAY + timedelta(days=12)
    programme = office.build.programme()
    for first, wanted in ((14, None), (18, programme.id)):
        day = date(2026, 8, first)
        office.build.save(Blackout(first_on=day, last_on=day, programme_id=wanted, **note))
    diary = read(office, MONDAY, last)
    assert days(diary, Place.of(office.school)) == {10, 12, 18, 19, 20, 21}
    assert days(diary, Place.of(office.school, programme=programme)) == {10, 12, 19, 20, 21}
    assert days(diary, Place.of(six)) == {10, 12, 13, 15, 17, 18, 19, 20, 21, 22}
    assert days(diary, Place.of(six), crew=2) == {10, 12, 13, 17, 18, 19, 20, 21}


def test_a_programme_may_ask_for_more_notice(office: Office) -> None:
    programme = office.build.programme()
    programme.notice_working_days = 10
    diary = read(office, MONDAY, MONDAY + timedelta(days=14))
    place = Place.of(office.school, programme=programme)
    first = next(diary.slots(place, 90, date(2026, 8, 3), date(2026, 9, 30)))
    # Ten working days after Monday the 3rd; the 17th is a holiday.
    assert first.day == date(2026, 8, 18)
    [problem] = diary.problems(of(diary, office.worker.id), place, at(14), at(14, 9, 30))
    assert problem.kind is Clash.NOTICE


def entry_of(office: Office, subject: UUID) -> list[tuple[UUID, date, int]]:
    """Return what the ledger says of a record."""
    with office.build.database.reader() as reading:
        rows = reading.scalars(select(LedgerEntry).where(LedgerEntry.subject_id == subject))
        return [(row.user_id, row.day, row.minutes) for row in rows]


def test_the_ledger_has_one_line_for_each_record_and_worker(office: Office) -> None:
    subject, second = new_id(), office.build.worker()
    with transaction(office.build.session) as session:
        for minutes in (60, 45):
            actions.record(session, office.worker.id, MONDAY, minutes, WorkKind.CASEWORK, subject)
        actions.record(session, second.id, MONDAY, 30, WorkKind.OTHER, subject)
    assert sorted(entry_of(office, subject)) == sorted(
        [(office.worker.id, MONDAY, 45), (second.id, MONDAY, 30)]
    )
    with office.build.database.reader() as reading:
        rules = office_settings.read(reading)
        mine = ledger.week(reading, rules, office.worker.id, date(2026, 8, 16))
        assert ledger.week(reading, rules, office.principal.id, MONDAY) is None
    assert mine is not None
    assert (mine.casework_minutes, mine.other_minutes, mine.free) == (45, 0, 2250 - 45)
    with transaction(office.build.session) as session:
        actions.record(session, second.id, MONDAY, 0, WorkKind.OTHER, subject)
    assert entry_of(office, subject) == [(office.worker.id, MONDAY, 45)]
    with transaction(office.build.session) as session:
        actions.forget(session, subject)
    assert entry_of(office, subject) == []


def test_urgent_work_counts_in_the_week_it_is_due_and_overdue_work_in_this_one(
    office: Office,
) -> None:
    second = office.build.worker()

    def wait(user_id: UUID | None, due_at: datetime, kind: str = CONTACT, **more: Any) -> None:
        due = Due(kind, new_id(), "/sesi", due_at, {}, person_id=user_id, **more)
        with transaction(office.build.session) as session:
            duty = duties.open_duty(session, due)
            if due_at == at(13):
                duty.closed_at = clock.now()

    wait(office.worker.id, at(9, 23, 59))
    wait(office.worker.id, at(16, 23, 59))
    wait(office.worker.id, at(17, 0, 0))
    wait(office.worker.id, at(1, month=7))
    wait(office.worker.id, at(13))
    wait(office.worker.id, at(12), kind="news_cancelled")
    wait(office.worker.id, at(12), kind="answer_request")
    wait(second.id, at(12), kind="answer_request", alarm=True)
    wait(None, at(12), role=Role.SOCIAL_WORKER)
    with office.build.database.reader() as reading:
        found = urgent.minutes_by_week(reading, [office.worker.id, second.id], 50)
    assert found == {
        (office.worker.id, date(2026, 8, 3)): 100,
        (office.worker.id, MONDAY): 50,
        (office.worker.id, date(2026, 8, 17)): 50,
        (second.id, MONDAY): 50,
    }


@on_sqlite
def test_on_a_weekend_overdue_work_falls_into_the_next_week(office: Office, now: Traveller) -> None:
    now.move_to(at(8))
    with transaction(office.build.session) as session:
        duties.open_duty(
            session, Due(CONTACT, new_id(), "/sesi", at(5), {}, person_id=office.worker.id)
        )
    with office.build.database.reader() as reading:
        found = urgent.minutes_by_week(reading, [office.worker.id], 50)
    assert found == {(office.worker.id, MONDAY): 50}


@on_sqlite
def test_the_outlook_names_full_weeks_part_time_and_starved_weeks(office: Office) -> None:
    office.build.save(
        WorkerTerms(
            user_id=office.worker.id,
            from_on=MONDAY,
            weekly_minutes=300,
            visit_minutes=90,
            recorded_by=office.coordinator.id,
            recorded_at=clock.now(),
        )
    )
    for number in (10, 11):
        office.build.delivered(office.build.school(), office.worker, date(2026, 8, number))
    with office.build.database.reader() as reading:
        rules = office_settings.read(reading)
        [outlook] = ledger.outlook(reading, rules, MONDAY)
    assert outlook.part_time
    assert len(outlook.weeks) == ledger.WEEKS
    assert (outlook.full_weeks, outlook.starved_weeks) == (1, 0)
    assert [week.monday for week in outlook.weeks[:2]] == [MONDAY, date(2026, 8, 17)]


def test_what_was_asked_for_in_time_stays_in_time_and_another_time_does_not(
    office: Office,
) -> None:
    visit = office.build.delivered(office.school, office.worker, date(2026, 8, 4))
    diary, place = read(office, date(2026, 8, 4)), Place.of(office.school, visit.id)
    worker = of(diary, office.worker.id)
    assert diary.problems(worker, place, visit.starts_at, visit.ends_at) == []
    [problem] = diary.problems(worker, place, at(4, 10), at(4, 11, 30))
    assert problem.kind is Clash.NOTICE
