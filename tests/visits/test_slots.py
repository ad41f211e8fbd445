"""Free slots: the diary's answers against a second, naive answer that looks at every minute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core import clock
from portal.core.access import Role
from portal.core.settings import Office
from portal.schools.models import CalendarEntry
from portal.visits.actions.booking import hold_slot
from portal.visits.models import Leave, WorkKind
from portal.visits.queries import slots
from portal.visits.queries.days import ClosedDays, OpenDays
from portal.visits.queries.slots import Busy, Clash, Diary, Place, Slot, Terms, Worker
from tests.builders import Builder

# The joint decree of three ministers (SKB) for 2026, copied by hand: holidays, then collective
# leave. The portal asks a library; this list is what it must say.
HOLIDAYS_2026 = frozenset(
    date(2026, month, day)
    for month, days in {
        1: (1, 16),
        2: (17,),
        3: (19, 21, 22),
        4: (3, 5),
        5: (1, 14, 27, 31),
        6: (1, 16),
        8: (17, 25),
        12: (25,),
    }.items()
    for day in days
) | frozenset(
    date(2026, month, day)
    for month, days in {2: (16,), 3: (18, 20, 23, 24), 5: (15, 28), 12: (24,)}.items()
    for day in days
)
WIB = timedelta(hours=7)
USUAL_WAY = 15
DISTRICTS = ("utara", "pusat", "barat")
STARTS = ("07:30", "08:00", "09:30", "10:00", "11:30", "13:00", "14:30")
FRIDAY_STARTS = ("07:30", "08:00", "09:30")
SPECIAL_STARTS = ("08:00", "08:30", "11:30")
PROGRAMME = UUID(int=501)
SCHOOLS = tuple(UUID(int=number) for number in range(101, 104))
PROPERTY = settings(max_examples=60, deadline=None)


def moment(day: date, minute: int) -> datetime:
    """Return the UTC moment of a minute of a day in WIB, without a time zone library."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return midnight + timedelta(minutes=minute) - WIB


def clock_face(minute: int) -> time:
    """Return a minute of the day as a time."""
    return time(minute // 60, minute % 60)


@dataclass(frozen=True)
class Booked:
    """A visit in plain numbers: whose, where, on which day, from which minute for how long."""

    worker: int
    school: int
    district: str
    day: date
    minute: int
    length: int

    @property
    def minutes(self) -> set[int]:
        """Return the minutes of the day it takes."""
        return set(range(self.minute, self.minute + self.length))


@dataclass(frozen=True)
class World:
    """A made-up office: everything a diary knows, in plain numbers."""

    today: date
    minute: int
    hours: list[dict[int, tuple[int, int]]]
    leave: list[list[tuple[date, date]]]
    booked: list[Booked]
    ways: dict[tuple[str, str], int]
    starts: list[str]
    length: int
    limit: int
    notice: int
    weeks: int
    district: str
    week_days: int
    fridays: list[str] = field(default_factory=list)
    special: list[tuple[date, date, list[str]]] = field(default_factory=list)
    # By worker: from which day how many minutes of all work, and how many of sessions.
    terms: dict[int, list[tuple[date, int, int]]] = field(default_factory=dict)
    # By worker and day, and by worker and Monday.
    casework: dict[tuple[int, date], int] = field(default_factory=dict)
    urgent: dict[tuple[int, date], int] = field(default_factory=dict)
    # Of "all", or of this or another programme or level.
    closed: list[tuple[date, date, str]] = field(default_factory=list)
    # Own or of all schools, what kind, and when.
    calendar: list[tuple[bool, str, date, date]] = field(default_factory=list)
    weekly: int = 2250
    crew: int = 1

    @property
    def present(self) -> datetime:
        """Return the moment at which the question is asked."""
        return moment(self.today, self.minute)

    @property
    def place(self) -> Place:
        """Return the school that asks."""
        return Place(SCHOOLS[0], self.district, self.week_days, level="SMP", programme_id=PROGRAMME)

    def diary(self) -> Diary:
        """Return the world as the portal reads it."""
        workers = [
            Worker(
                UUID(int=number),
                f"worker-{number}",
                f"Peksos {number}",
                f"Peksos {number}",
                {day: (clock_face(a), clock_face(b)) for day, (a, b) in hours.items()},
                list(leave),
                [Terms(*terms) for terms in self.terms.get(number, [])],
            )
            for number, (hours, leave) in enumerate(zip(self.hours, self.leave, strict=True))
        ]
        busy = [
            Busy(
                moment(each.day, each.minute),
                moment(each.day, each.minute + each.length),
                UUID(int=each.worker),
                SCHOOLS[each.school],
                f"Sekolah {each.school}",
                each.district,
                UUID(int=1000 + number),
            )
            for number, each in enumerate(self.booked)
        ]
        office = Office(
            {
                "visit_starts": self.starts,
                "friday_starts": self.fridays or self.starts,
                "special_starts": [
                    f"{first} {last} {' '.join(starts)}" for first, last, starts in self.special
                ],
                "office_district": "pusat",
                "worker_weekly_minutes": self.weekly,
                "weekly_visit_hours": self.limit,
                "notice_working_days": self.notice,
                "booking_window_weeks": self.weeks,
            }
        )
        ledger: dict[tuple[UUID, date, WorkKind], int] = {}
        for (number, day), minutes in self.casework.items():
            key = (UUID(int=number), clock.monday_of(day), WorkKind.CASEWORK)
            ledger[key] = ledger.get(key, 0) + minutes
        return Diary(
            workers,
            busy,
            self.ways,
            office,
            days=OpenDays(map(closed_days, self.closed), map(calendar_entry, self.calendar)),
            ledger=ledger,
            urgent={(UUID(int=who), monday): n for (who, monday), n in self.urgent.items()},
        )


def closed_days(given: tuple[date, date, str]) -> ClosedDays:
    """Return days without sessions as the portal knows them."""
    first, last, whose = given
    programmes = {"programme": PROGRAMME, "another programme": UUID(int=502)}
    levels = {"level": ("SD", "SMP"), "another level": ("SD",)}
    return ClosedDays(first, last, whose, "", programmes.get(whose), levels.get(whose, ()))


def calendar_entry(given: tuple[bool, str, date, date]) -> CalendarEntry:
    """Return an entry of the calendar, of the school itself or of all."""
    own, kind, first, last = given
    return CalendarEntry(
        kind=kind,
        first_on=first,
        last_on=last,
        name=kind,
        name_en="",
        levels=[],
        school_id=SCHOOLS[0] if own else None,
    )


def open_day(day: date) -> bool:
    """Say whether the office works on a day."""
    return day.strftime("%a") not in {"Sat", "Sun"} and day not in HOLIDAYS_2026


def first_day(world: World) -> date:
    """Walk over the working days of the notice, one by one."""
    day, left = world.today, world.notice
    while left:
        day += timedelta(days=1)
        if open_day(day):
            left -= 1
    return day


def week_of(day: date) -> tuple[int, int]:
    """Return the ISO year and week."""
    return day.isocalendar()[:2]


def week_load(world: World, worker: int, day: date) -> int:
    """Count the minutes of a worker's visits in the week of a day."""
    return sum(
        each.length
        for each in world.booked
        if each.worker == worker and week_of(each.day) == week_of(day)
    )


def days_of_its_week(day: date) -> list[date]:
    """Return Monday to Sunday of the week of a day."""
    around = (day + timedelta(days=number) for number in range(-6, 7))
    return [each for each in around if week_of(each) == week_of(day)]


def terms_of(world: World, worker: int, day: date) -> tuple[int, int]:
    """Return how many minutes a week holds, of all work and of sessions."""
    found = (world.weekly, world.limit * 60)
    for from_on, weekly, visits in sorted(world.terms.get(worker, [])):
        if from_on <= days_of_its_week(day)[-1]:
            found = (weekly, visits)
    return found


def on_the_road(world: World, stops: list[tuple[int, str]]) -> int:
    """Add up the ways of a day, from the office by its stops and back."""
    minutes, here = 0, "pusat"
    for _minute, there in sorted(stops, key=lambda stop: stop[0]):
        minutes += world.ways.get((here, there), USUAL_WAY)
        here = there
    return minutes + world.ways.get((here, "pusat"), USUAL_WAY) if stops else 0


def minutes_away(world: World, worker: int, day: date) -> int:
    """Return the share of the week that leave and holidays take."""
    weekly, _limit = terms_of(world, worker, day)
    days = world.hours[worker] or range(5)
    usual = [each for each in days_of_its_week(day) if each.weekday() in days]
    away = [
        each
        for each in usual
        if each in HOLIDAYS_2026
        or any(first <= each <= last for first, last in world.leave[worker])
    ]
    return weekly * len(away) // len(usual)


def planned_minutes(world: World, worker: int, day: date, start: int, length: int) -> int:
    """Add up sessions, ways and casework of a week with a new session."""
    minutes = week_load(world, worker, day) + length
    for each in days_of_its_week(day):
        stops = [
            (b.minute, b.district) for b in world.booked if (b.worker, b.day) == (worker, each)
        ]
        if each == day:
            stops.append((start, world.district))
        minutes += world.casework.get((worker, each), 0) + on_the_road(world, stops)
    return minutes


def is_closed(world: World, day: date) -> bool:
    """Say whether the office holds no such sessions then."""
    mine = {"all", "programme", "level"}
    return any(first <= day <= last for first, last, whose in world.closed if whose in mine)


def has_lessons(world: World, day: date) -> bool:
    """Say whether the school has lessons."""
    noted = {(own, kind) for own, kind, first, last in world.calendar if first <= day <= last}
    if day.strftime("%a") == "Sun":
        return False
    if (True, "open") in noted:
        return True
    if (True, "break") in noted or day.weekday() >= world.week_days:
        return False
    if (False, "open") not in noted and (day in HOLIDAYS_2026 or (False, "break") in noted):
        return False
    return not noted & {(True, "exam"), (False, "exam")}


def starts_of(world: World, day: date) -> list[str]:
    """Return when sessions can begin on a day."""
    for first, last, starts in world.special:
        if first <= day <= last:
            return sorted(set(starts))
    return (world.fridays or world.starts) if day.strftime("%a") == "Fri" else world.starts


def naive_problems(world: World, worker: int, day: date, start: int, length: int) -> set[Clash]:
    """Look at every minute of the day."""
    wanted = set(range(start, start + length))
    found = set()
    for other in (each for each in world.booked if each.worker == worker and each.day == day):
        if wanted & other.minutes:
            found.add(Clash.OVERLAP)
            continue
        if max(other.minutes) < start:
            between = [m for m in range(1440) if max(other.minutes) < m < start]
            way = world.ways.get((other.district, world.district), USUAL_WAY)
        else:
            between = [m for m in range(1440) if max(wanted) < m < other.minute]
            way = world.ways.get((world.district, other.district), USUAL_WAY)
        if len(between) < way:
            found.add(Clash.TRAVEL)
    away = {
        first + timedelta(days=offset)
        for first, last in world.leave[worker]
        for offset in range((last - first).days + 1)
    }
    opens, closes = world.hours[worker].get(day.weekday(), (0, 0))
    if day in away:
        found.add(Clash.LEAVE)
    elif not wanted <= set(range(opens, closes)):
        found.add(Clash.HOURS)
    if is_closed(world, day):
        found.add(Clash.BLACKOUT)
    if day < first_day(world):
        found.add(Clash.NOTICE)
    return found | naive_week(world, worker, day, start, length, away=day in away)


def naive_week(
    world: World, worker: int, day: date, start: int, length: int, *, away: bool
) -> set[Clash]:
    """Say whether the week holds a new session, and urgent work beside it.

    Whoever is away that day is told so; their week is measured as if they were there.
    """
    weekly, limit = terms_of(world, worker, day)
    left = weekly - planned_minutes(world, worker, day, start, length)
    if not away:
        left -= minutes_away(world, worker, day)
    found = set()
    if left < 0 or week_load(world, worker, day) + length > limit:
        found.add(Clash.WEEK_FULL)
    if world.urgent.get((worker, days_of_its_week(day)[0]), 0) > max(left, 0):
        found.add(Clash.STARVES)
    return found


def naive_rank(world: World, worker: int, day: date) -> tuple[int, int, int]:
    """Return how near a worker is that day, how full the week, and who it is."""
    ways = [
        world.ways.get((each.district, world.district), USUAL_WAY)
        for each in world.booked
        if each.worker == worker and each.day == day
    ]
    return min(ways or [USUAL_WAY]), week_load(world, worker, day), worker


def naive_slots(world: World) -> dict[datetime, list[int]]:
    """Return every free start with the workers who could come, the best first."""
    found = {}
    last = world.today + timedelta(days=7 * world.weeks)
    for offset in range(7 * world.weeks + 1):
        day = world.today + timedelta(days=offset)
        if not first_day(world) <= day <= last or not has_lessons(world, day):
            continue
        for text in starts_of(world, day):
            start = int(text[:2]) * 60 + int(text[3:])
            wanted = set(range(start, start + world.length))
            if day == world.today and start <= world.minute:
                continue
            if any(e.school == 0 and e.day == day and e.minutes & wanted for e in world.booked):
                continue
            free = [
                worker
                for worker in range(len(world.hours))
                if not naive_problems(world, worker, day, start, world.length)
            ]
            if len(free) >= world.crew:
                ranked = sorted(free, key=lambda each: naive_rank(world, each, day))
                found[moment(day, start)] = ranked
    return found


half_hours = st.integers(12, 34).map(lambda number: number * 30)


@st.composite
def working_hours(draw: st.DrawFn) -> dict[int, tuple[int, int]]:
    """Make a week: mostly long days, sometimes a short Friday, a Saturday, or odd hours."""
    days: dict[int, tuple[int, int]] = {}
    for day in range(7):
        kind = draw(st.sampled_from(("usual", "usual", "usual", "none", "odd")))
        if kind == "usual" and day < 6:
            days[day] = (450, 690) if day == 4 else (450, 930)
        elif kind == "odd":
            opens = draw(st.integers(360, 800))
            days[day] = (opens, opens + draw(st.integers(1, 500)))
    return days


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Make an office in 2026, often around holidays, with visits near the bookable days."""
    today = draw(
        st.one_of(
            st.dates(date(2026, 1, 1), date(2026, 12, 5)),
            st.dates(date(2026, 3, 6), date(2026, 3, 24)),
            st.dates(date(2026, 5, 8), date(2026, 5, 29)),
        )
    )
    weeks = draw(st.integers(1, 3))
    near = st.integers(0, min(7 * weeks, 12)).map(lambda number: today + timedelta(days=number))
    count = draw(st.integers(0, 3))
    booked = [
        Booked(
            worker=draw(st.integers(0, max(count - 1, 0))),
            school=draw(st.integers(0, len(SCHOOLS) - 1)),
            district=draw(st.sampled_from(DISTRICTS)),
            day=draw(near),
            minute=draw(st.one_of(half_hours, st.integers(360, 1000))),
            length=draw(st.sampled_from((30, 60, 90, 90, 120, 45))),
        )
        for _ in range(draw(st.integers(0, 12)))
    ]
    pairs = [(here, there) for here in DISTRICTS for there in DISTRICTS]
    known = draw(st.lists(st.sampled_from(pairs), unique=True))
    leave_days = st.tuples(near, st.integers(0, 5))
    spans = st.tuples(near, st.integers(0, 4)).map(
        lambda given: (given[0], given[0] + timedelta(days=given[1]))
    )
    whose = st.sampled_from(("all", "programme", "another programme", "level", "another level"))
    kinds = st.sampled_from(("break", "exam", "open"))
    anybody = st.integers(0, max(count - 1, 0))
    mondays = near.map(clock.monday_of)
    return World(
        fridays=sorted(draw(st.sets(st.sampled_from(FRIDAY_STARTS), max_size=2))),
        special=[
            (*draw(spans), draw(st.lists(st.sampled_from(SPECIAL_STARTS), min_size=1)))
            for _ in range(draw(st.sampled_from((0, 0, 1, 2))))
        ],
        terms={
            worker: draw(
                st.lists(
                    st.tuples(near, st.integers(1, 2400), st.integers(0, 900)),
                    max_size=2,
                    unique_by=lambda terms: terms[0],
                )
            )
            for worker in range(count)
            if draw(st.booleans())
        },
        casework=draw(st.dictionaries(st.tuples(anybody, near), st.integers(1, 900), max_size=3)),
        urgent=draw(st.dictionaries(st.tuples(anybody, mondays), st.integers(1, 2000), max_size=2)),
        closed=[(*draw(spans), draw(whose)) for _ in range(draw(st.sampled_from((0, 0, 1, 2))))],
        calendar=[
            (draw(st.booleans()), draw(kinds), *draw(spans))
            for _ in range(draw(st.sampled_from((0, 0, 1, 3))))
        ],
        weekly=draw(st.sampled_from((300, 900, 2250, 2250))),
        crew=draw(st.sampled_from((1, 1, 1, 2))),
        today=today,
        minute=draw(st.integers(0, 1439)),
        hours=[draw(working_hours()) for _ in range(count)],
        leave=[
            [
                (first, first + timedelta(days=more))
                for first, more in draw(st.lists(leave_days, max_size=2))
            ]
            for _ in range(count)
        ],
        booked=booked if count else [],
        ways={pair: draw(st.sampled_from((0, 10, 20, 30, 31, 60))) for pair in known},
        starts=sorted(draw(st.sets(st.sampled_from(STARTS), min_size=1, max_size=4))),
        length=draw(st.sampled_from((30, 60, 90, 90, 120))),
        limit=draw(st.sampled_from((1, 2, 3, 4, 6, 12, 12, 40))),
        notice=draw(st.integers(0, 5)),
        weeks=weeks,
        district=draw(st.sampled_from(DISTRICTS)),
        week_days=draw(st.sampled_from((5, 6))),
    )


def offered(diary: Diary, world: World) -> list[Slot]:
    """Return all slots the diary offers, asking for far more days than may be booked."""
    first, last = world.today - timedelta(days=3), world.today + timedelta(days=60)
    return list(diary.slots(world.place, world.length, first, last, crew=world.crew))


@PROPERTY
@given(worlds())
def test_the_slots_offered_are_exactly_those_found_minute_by_minute(world: World) -> None:
    with time_machine.travel(world.present, tick=False):
        answer = offered(world.diary(), world)
    expected = naive_slots(world)
    assert {slot.starts_at: [worker.id.int for worker in slot.workers] for slot in answer} == (
        expected
    )
    assert [slot.starts_at for slot in answer] == sorted(expected)
    assert all(slot.ends_at - slot.starts_at == timedelta(minutes=world.length) for slot in answer)


@PROPERTY
@given(worlds(), st.data())
def test_what_speaks_against_any_worker_and_time_is_named(
    world: World, data: st.DataObject
) -> None:
    day = world.today + timedelta(days=data.draw(st.integers(0, 20)))
    start = data.draw(st.one_of(half_hours, st.integers(300, 1200)))
    diary = world.diary()
    begin, end = moment(day, start), moment(day, start + world.length)
    free = []
    with time_machine.travel(world.present, tick=False):
        for number, worker in enumerate(diary.workers):
            expected = naive_problems(world, number, day, start, world.length)
            problems = diary.problems(worker, world.place, begin, end)
            assert {problem.kind for problem in problems} == expected
            if Clash.OVERLAP in expected:
                assert problems[0].kind is Clash.OVERLAP, "the worst comes first"
            if not expected:
                free.append(number)
        ranked = sorted(free, key=lambda each: naive_rank(world, each, day))
        assert [w.id.int for w in diary.free_workers(world.place, begin, end)] == ranked


@PROPERTY
@given(worlds())
def test_the_three_nearest_are_offered_in_order_of_time(world: World) -> None:
    with time_machine.travel(world.present, tick=False):
        diary = world.diary()
        for offset in (0, 3, 9, 40):
            wanted = moment(world.today + timedelta(days=offset), 600)
            found = diary.nearest(world.place, world.length, wanted, crew=world.crew)
            nearest = [slot.starts_at for slot in found]
            every = sorted(abs(start - wanted) for start in naive_slots(world))
            assert sorted(abs(start - wanted) for start in nearest) == every[:3]
            assert nearest == sorted(set(nearest))


@PROPERTY
@given(worlds(), st.data())
def test_a_visit_is_never_in_its_own_way(world: World, data: st.DataObject) -> None:
    if not world.booked:
        return
    number = data.draw(st.integers(0, len(world.booked) - 1))
    own = world.booked[number]
    alone = World(
        **{
            **world.__dict__,
            "district": own.district,
            "booked": [e for other, e in enumerate(world.booked) if other != number],
        }
    )
    diary = world.diary()
    place = Place(SCHOOLS[own.school], own.district, 5, UUID(int=1000 + number), "SMP", PROGRAMME)
    begin, end = moment(own.day, own.minute), moment(own.day, own.minute + own.length)
    free = []
    with time_machine.travel(world.present, tick=False):
        for index, worker in enumerate(diary.workers):
            expected = naive_problems(alone, index, own.day, own.minute, own.length)
            # It was asked for in time, whenever the office answers.
            expected.discard(Clash.NOTICE)
            problems = diary.problems(worker, place, begin, end)
            assert {problem.kind for problem in problems} == expected
            if not expected:
                free.append(index)
        free.sort(key=lambda each: naive_rank(alone, each, own.day))
        assert [w.id.int for w in diary.free_workers(place, begin, end)] == free
    assert diary.school_busy(place, begin, end) == any(
        each.school == own.school and each.day == own.day and each.minutes & own.minutes
        for each in alone.booked
    )


USUAL = dict.fromkeys(range(5), (450, 930))


def world_of(today: date, **more: Any) -> World:
    """Return an office with one worker of usual hours, and what a test changes about it."""
    values: dict[str, Any] = {
        "today": today,
        "minute": 540,
        "hours": [USUAL],
        "leave": [[]],
        "booked": [],
        "ways": {("utara", "pusat"): 20, ("pusat", "utara"): 20, ("pusat", "pusat"): 10},
        "starts": ["08:00", "10:00", "13:00"],
        "length": 90,
        "limit": 12,
        "notice": 3,
        "weeks": 4,
        "district": "pusat",
        "week_days": 5,
    }
    return World(**{**values, **more})


def days_offered(world: World) -> set[date]:
    """Return the days with a slot."""
    with time_machine.travel(world.present, tick=False):
        return {slot.day for slot in offered(world.diary(), world)}


def starts_offered(world: World, day: date) -> list[str]:
    """Return the starts of one day, as the clock shows them in WIB."""
    with time_machine.travel(world.present, tick=False):
        every = offered(world.diary(), world)
    return [f"{slot.starts_at + WIB:%H:%M}" for slot in every if slot.day == day]


@pytest.mark.parametrize(
    ("today", "closed"),
    [
        (date(2026, 12, 7), date(2026, 12, 24)),
        (date(2026, 2, 2), date(2026, 2, 16)),
        (date(2026, 5, 4), date(2026, 5, 15)),
        (date(2026, 8, 3), date(2026, 8, 17)),
    ],
    ids=["collective leave at Christmas", "before Imlek", "after Ascension", "Independence Day"],
)
def test_no_slots_on_holidays_and_collective_leave(today: date, closed: date) -> None:
    assert closed in HOLIDAYS_2026
    days = days_offered(world_of(today))
    assert closed not in days
    assert closed - timedelta(days=7) in days


def test_the_days_after_idul_fitri_are_closed() -> None:
    days = days_offered(world_of(date(2026, 3, 9)))
    assert {day for day in days if date(2026, 3, 16) <= day <= date(2026, 3, 27)} == {
        date(2026, 3, 16),
        date(2026, 3, 17),
        date(2026, 3, 25),
        date(2026, 3, 26),
        date(2026, 3, 27),
    }


def test_the_library_names_the_same_holidays_as_the_decree() -> None:
    every = (date(2026, 1, 1) + timedelta(days=number) for number in range(365))
    assert {day for day in every if clock.holiday_name(day)} == HOLIDAYS_2026


def test_friday_ends_at_half_past_eleven() -> None:
    friday = date(2026, 8, 14)
    world = world_of(date(2026, 8, 3), hours=[{**USUAL, 4: (450, 690)}])
    assert starts_offered(world, friday) == ["08:00", "10:00"]
    assert starts_offered(world_of(world.today, hours=world.hours, length=120), friday) == ["08:00"]
    assert starts_offered(world, friday - timedelta(days=1)) == ["08:00", "10:00", "13:00"]


@pytest.mark.parametrize(
    ("week_days", "weekdays", "open_on_saturday"),
    [(6, range(6), True), (6, range(5), False), (5, range(6), False)],
)
def test_saturday_is_for_six_day_schools_when_somebody_works(
    week_days: int, weekdays: range, open_on_saturday: bool
) -> None:
    hours = [dict.fromkeys(weekdays, (450, 930))]
    days = days_offered(world_of(date(2026, 8, 3), hours=hours, week_days=week_days))
    assert (date(2026, 8, 8) in days) is open_on_saturday
    assert not any(day.weekday() == 6 for day in days)


def test_notice_counts_working_days_and_the_window_calendar_weeks() -> None:
    # Friday 14 August 2026: Saturday, Sunday and Monday the 17th do not count.
    days = days_offered(world_of(date(2026, 8, 14), weeks=2))
    assert min(days) == date(2026, 8, 20)
    assert max(days) == date(2026, 8, 28)


def test_a_time_that_has_passed_is_not_offered_where_no_notice_is_asked_for() -> None:
    monday = date(2026, 8, 3)
    assert starts_offered(world_of(monday, notice=0, minute=9 * 60), monday) == ["10:00", "13:00"]
    assert starts_offered(world_of(monday, notice=0, minute=10 * 60), monday) == ["13:00"]


def test_the_way_between_districts_keeps_neighbours_apart() -> None:
    day = date(2026, 8, 10)
    near = Booked(0, 1, "utara", day, 8 * 60, 105)
    assert starts_offered(world_of(date(2026, 8, 3), booked=[near]), day) == ["13:00"]
    earlier = Booked(0, 1, "utara", day, 8 * 60, 100)
    assert starts_offered(world_of(date(2026, 8, 3), booked=[earlier]), day) == ["10:00", "13:00"]


def test_the_way_there_counts_before_and_the_way_back_after() -> None:
    day = date(2026, 8, 10)
    ways = {("pusat", "utara"): 60, ("utara", "pusat"): 10}
    later = Booked(0, 1, "utara", day, 10 * 60, 90)
    world = world_of(date(2026, 8, 3), booked=[later], ways=ways, starts=["08:00", "11:40"])
    # 08.00-09.30 here leaves 30 minutes of the 60 there; from there back ten are enough.
    assert starts_offered(world, day) == ["11:40"]


def test_a_full_week_offers_nothing_and_the_next_week_does() -> None:
    day = date(2026, 8, 10)
    booked = [Booked(0, 1, "pusat", day, 450, 90)]
    days = days_offered(world_of(date(2026, 8, 3), booked=booked, limit=2))
    assert not any(week_of(each) == week_of(day) for each in days)
    assert date(2026, 8, 18) in days


def test_the_nearest_worker_comes_first_then_the_least_loaded() -> None:
    day = date(2026, 8, 10)
    booked = [
        Booked(0, 1, "utara", day, 13 * 60, 60),  # 20 minutes away that day
        Booked(1, 2, "pusat", day, 13 * 60, 60),  # 10 minutes away that day
        Booked(2, 2, "pusat", day + timedelta(days=1), 480, 60),  # nothing that day, some load
    ]
    world = world_of(
        date(2026, 8, 3), hours=[USUAL] * 4, leave=[[], [], [], []], booked=booked, starts=["08:00"]
    )
    with time_machine.travel(world.present, tick=False):
        slot = next(s for s in offered(world.diary(), world) if s.day == day)
    assert [worker.id.int for worker in slot.workers] == [1, 3, 2, 0]


def test_two_schools_of_one_worker_do_not_share_a_day_of_leave() -> None:
    day = date(2026, 8, 10)
    world = world_of(
        date(2026, 8, 3),
        hours=[USUAL, USUAL],
        leave=[[(day, day)], [(day + timedelta(days=1), day + timedelta(days=2))]],
    )
    with time_machine.travel(world.present, tick=False):
        workers = {slot.day: slot.workers for slot in offered(world.diary(), world)}
    assert [worker.id.int for worker in workers[day]] == [1]
    assert [worker.id.int for worker in workers[day + timedelta(days=2)]] == [0]
    assert len(workers[day + timedelta(days=3)]) == 2


MONDAY = datetime(2026, 8, 3, 2, tzinfo=UTC)


@pytest.fixture
def office_day() -> Iterator[None]:
    """Stop the clock on a Monday morning."""
    with time_machine.travel(MONDAY, tick=False):
        yield


def read_diary(build: Builder, **more: Any) -> Diary:
    """Read the diary of the whole booking window."""
    first, last = slots.booking_window(Office({}))
    with build.database.reader() as reading:
        return slots.load_diary(reading, Office({}), first, last, **more)


def test_hours_leave_visits_and_holds_are_read(office_day: None, build: Builder) -> None:
    school, other = build.school(), build.school(district="18.72.02")
    principal = build.user(Role.PRINCIPAL, school)
    worker = build.worker("Sari Contoh", weekdays=range(3))
    day = date(2026, 8, 10)
    build.save(Leave(user_id=worker.id, first_day=day, last_day=day, recorded_by=worker.id))
    visit = build.requested(principal, school, clock.at_wib(day + timedelta(days=1), time(8)))
    with build.session.begin():
        hold_slot(
            build.session,
            build.actor(principal),
            school,
            build.programme(),
            clock.at_wib(day + timedelta(days=2), time(10)),
        )
    diary = read_diary(build)
    [read] = diary.workers
    assert read.hours == {number: (time(7, 30), time(15, 30)) for number in range(3)}
    assert read.away_until(day) == day
    assert diary.week_load(read, day).visit_minutes == 180
    place = Place.of(other)
    [clash] = diary.problems(read, place, visit.starts_at, visit.ends_at)
    assert (clash.kind, clash.other and clash.other.school_name) == (Clash.OVERLAP, school.name)
    assert diary.ways.between("18.72.01", "18.72.02") == 20
    assert not diary.school_busy(place, visit.starts_at, visit.ends_at)
    assert diary.school_busy(Place.of(school), visit.starts_at, visit.ends_at)
    # What the school itself holds does not count against it.
    own = read_diary(build, without_hold_of=school.id)
    assert own.week_load(read, day).visit_minutes == 90


def test_only_social_workers_in_office_are_in_the_diary(office_day: None, build: Builder) -> None:
    here = build.worker()
    build.user(Role.COORDINATOR)
    gone = build.user(Role.SOCIAL_WORKER, ends_on=date(2026, 8, 2))
    names = {worker.id for worker in read_diary(build).workers}
    assert here.id in names
    assert gone.id not in names


def test_visits_that_did_not_happen_leave_their_time_free(office_day: None, build: Builder) -> None:
    from portal.visits.states import HOLDING_TIME, VisitState

    school, worker = build.school(), build.worker()
    day = date(2026, 8, 10)
    for number, state in enumerate(sorted(VisitState)):
        build.delivered(school, worker, day + timedelta(weeks=number), state=state)
        diary = read_diary(build)
        minutes = diary.week_load(diary.workers[0], day + timedelta(weeks=number)).visit_minutes
        assert minutes == (90 if state in HOLDING_TIME else 0)


def test_the_nearest_free_slot_of_a_school(office_day: None, build: Builder) -> None:
    school, worker = build.school(), build.worker()
    first = clock.at_wib(date(2026, 8, 6), time(8))
    with build.database.reader() as reading:
        found = slots.nearest_free(reading, Office({}), school, build.programme())
    assert found is not None
    assert found.starts_at == first
    assert [each.id for each in found.workers] == [worker.id]
    build.delivered(build.school(), worker, date(2026, 8, 6))
    with build.database.reader() as reading:
        found = slots.nearest_free(reading, Office({}), school, build.programme())
    assert found is not None
    assert found.starts_at == first + timedelta(hours=2)


def test_without_any_worker_there_is_no_slot(office_day: None, build: Builder) -> None:
    with build.database.reader() as reading:
        assert slots.nearest_free(reading, Office({}), build.school(), build.programme()) is None
