"""An invented town to plan for: as large and as uneven as wanted, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portal.core import clock
from portal.insight.policy.planning.cost import points_of
from portal.insight.policy.planning.instance import Instance, School, Worker

FIRST_MONDAY = date(2027, 1, 4)
WEEKS = 25
MINUTES, PAUSE, GAP_WEEKS = 90, 30, 6
# Five districts in a cross, the office in the middle of it.
TILES = {"centre": (1, 1), "north": (0, 1), "west": (1, 0), "east": (1, 2), "south": (2, 1)}
# Of 184 schools, so many in each district.
SHARES = {"centre": 53, "west": 45, "east": 39, "north": 25, "south": 22}
HALF_HOURS = tuple(range(450, 721, 30))
FRIDAY = tuple(range(450, 571, 30))
RAMADAN = (date(2027, 2, 8), date(2027, 3, 9))
EXAMS = ((date(2027, 3, 29), date(2027, 4, 3)), (date(2027, 6, 7), date(2027, 6, 30)))
BREAKS = ((date(2027, 2, 8), date(2027, 2, 10)), (date(2027, 3, 4), date(2027, 3, 20)))


@dataclass(frozen=True)
class Size:
    """How large a town is and how much time its workers have."""

    schools: int = 184
    workers: int = 6
    weekly_hours: int = 12
    seed: int = 1


def ways() -> dict[tuple[str, str], int]:
    """Return the minutes between districts: ten within one, ten more for each tile."""
    return {
        (one, two): 10 + 10 * (abs(a[0] - b[0]) + abs(a[1] - b[1]))
        for one, a in TILES.items()
        for two, b in TILES.items()
    }


def starts() -> dict[date, tuple[int, ...]]:
    """Return when sessions may start: shorter on Fridays, fewer in the fasting month."""
    found = {}
    for offset in range(WEEKS * 7):
        day = FIRST_MONDAY + timedelta(days=offset)
        if day.weekday() > 5 or clock.holiday_name(day):
            continue
        grid = FRIDAY if day.weekday() == 4 else HALF_HOURS
        if RAMADAN[0] <= day <= RAMADAN[1]:
            grid = tuple(start for start in grid if 480 <= start <= 630)
        found[day] = grid
    return found


def town(size: Size, districts: Sequence[str] | None = None) -> Instance:
    """Return a town of this size; `districts` says where its schools are."""
    chance = random.Random(size.seed)
    grid = starts()
    days = [day for day in grid if not any(a <= day <= b for a, b in (*EXAMS, *BREAKS))]
    places = list(districts or _spread(size.schools))
    chance.shuffle(places)
    return Instance(
        weeks=tuple(FIRST_MONDAY + timedelta(weeks=number) for number in range(WEEKS)),
        starts=grid,
        minutes=MINUTES,
        pause=PAUSE,
        gap_weeks=GAP_WEEKS,
        base="centre",
        ways=ways(),
        workers=tuple(_worker(chance, number, size) for number in range(size.workers)),
        schools=tuple(_school(chance, number, place, days) for number, place in enumerate(places)),
    )


def _spread(count: int) -> list[str]:
    every = [name for name, share in SHARES.items() for _one in range(share)]
    return [every[number * len(every) // count % len(every)] for number in range(count)]


def _worker(chance: random.Random, number: int, size: Size) -> Worker:
    away = FIRST_MONDAY + timedelta(days=chance.randrange(120))
    leave = ((away, away + timedelta(days=chance.choice((1, 4, 11)))),)
    minutes = {
        FIRST_MONDAY + timedelta(weeks=week): size.weekly_hours * 60 for week in range(WEEKS)
    }
    hours = dict.fromkeys(range(5), (450, 840))
    if number % 3 == 0:
        hours[5] = (450, 720)
    return Worker(f"w{number:02}", hours, minutes, leave)


def _school(chance: random.Random, number: int, district: str, days: list[date]) -> School:
    six = chance.random() < 0.25
    shut = FIRST_MONDAY + timedelta(days=chance.randrange(150))
    weekdays = set(range(6 if six else 5)) - (
        {chance.randrange(5)} if chance.random() < 0.5 else set()
    )
    never = chance.random() < 0.4
    months = None if never else chance.randrange(1, 25)
    return School(
        id=f"s{number:04}",
        district=district,
        days=frozenset(
            day
            for day in days
            if day.weekday() in weekdays and not shut <= day <= shut + timedelta(days=4)
        ),
        points=points_of(months, chance.choice((0, 0, 0, 1, 2))),
        wanted=2 if chance.random() < 0.25 else 1,
        crew=2 if chance.random() < 0.2 else 1,
        never_served=never,
    )
