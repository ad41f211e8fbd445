"""The independent judge of a plan: shares nothing with those who make plans but the plain data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import combinations

from portal.insight.policy.planning.instance import Instance, Item, Place, Solution, Worker


class Rule(StrEnum):
    """What a plan must keep to."""

    UNKNOWN = "unknown"
    CALENDAR = "calendar"
    START = "start"
    CREW = "crew"
    HOURS = "hours"
    LEAVE = "leave"
    OVERLAP = "overlap"
    TRAVEL = "travel"
    WEEK = "week"
    GAP = "gap"
    ORDER = "order"
    LOCK = "lock"


@dataclass(frozen=True)
class Violation:
    """A rule a plan breaks: for which session, and by whom and when as far as it is about them."""

    rule: Rule
    school: str
    ordinal: int
    worker: str | None = None
    day: date | None = None
    # Of a session it meets, the school; None where that is booked outside the plan.
    other: str | None = None


@dataclass(frozen=True)
class _Visit:
    """A stretch of somebody's day, planned or booked."""

    day: date
    start: int
    end: int
    district: str
    item: Item | None = None

    @property
    def monday(self) -> date:
        return self.day - timedelta(days=self.day.weekday())


def check(instance: Instance, solution: Solution) -> list[Violation]:
    """Return every rule a plan breaks; none means that it can be carried out as it stands."""
    known = {
        item: place
        for item, place in solution.items()
        if item in instance.items and set(place.workers) <= set(instance.worker)
    }
    strange = [
        Violation(Rule.UNKNOWN, item.school, item.ordinal, day=place.day)
        for item, place in solution.items()
        if item not in known
    ]
    return [
        *strange,
        *_of_schools(instance, known),
        *_of_gaps(instance, known),
        *_of_locks(instance, solution),
        *(each for worker in instance.workers for each in _of_worker(instance, known, worker)),
    ]


def clashes(instance: Instance) -> list[Violation]:
    """Return what keeps the locks of a plan from holding, before anything is solved."""
    return check(instance, instance.locks)


def _of_schools(instance: Instance, solution: Solution) -> Iterator[Violation]:
    for (name, ordinal), place in solution.items():
        school = next(each for each in instance.schools if each.id == name)
        monday = place.day - timedelta(days=place.day.weekday())
        if place.day not in school.days or monday not in instance.weeks:
            yield Violation(Rule.CALENDAR, name, ordinal, day=place.day)
        if place.start not in instance.starts.get(place.day, ()):
            yield Violation(Rule.START, name, ordinal, day=place.day)
        if len(set(place.workers)) != school.crew or len(place.workers) != school.crew:
            yield Violation(Rule.CREW, name, ordinal, day=place.day)


def _of_gaps(instance: Instance, solution: Solution) -> Iterator[Violation]:
    for school in instance.schools:
        held = {
            ordinal: solution[Item(school.id, ordinal)].day
            for ordinal in range(1, school.wanted + 1)
            if Item(school.id, ordinal) in solution
        }
        for ordinal, day in held.items():
            alone = ordinal > 1 and ordinal - 1 not in held
            if alone and Item(school.id, ordinal) not in instance.locks:
                yield Violation(Rule.ORDER, school.id, ordinal, day=day)
        for (_first, day), (second, later) in combinations(sorted(held.items()), 2):
            if _weeks(day, later) < instance.gap_weeks:
                yield Violation(Rule.GAP, school.id, second, day=later, other=school.id)
        for ordinal, day in held.items():
            if any(abs(_weeks(stop.day, day)) < instance.gap_weeks for stop in school.booked):
                yield Violation(Rule.GAP, school.id, ordinal, day=day)


def _weeks(day: date, later: date) -> int:
    between = (later - timedelta(days=later.weekday())) - (day - timedelta(days=day.weekday()))
    return between.days // 7


def _of_locks(instance: Instance, solution: Solution) -> Iterator[Violation]:
    for item, place in instance.locks.items():
        found = solution.get(item)
        if found is None or _same(found) != _same(place):
            yield Violation(Rule.LOCK, item.school, item.ordinal, day=place.day)


def _same(place: Place) -> tuple[date, int, frozenset[str]]:
    return place.day, place.start, frozenset(place.workers)


def _of_worker(instance: Instance, solution: Solution, worker: Worker) -> Iterator[Violation]:
    mine = [
        _Visit(
            place.day,
            place.start,
            place.start + instance.minutes,
            next(each.district for each in instance.schools if each.id == item.school),
            item,
        )
        for item, place in solution.items()
        if worker.id in place.workers
    ]
    booked = [_Visit(stop.day, stop.start, stop.end, stop.district) for stop in worker.booked]
    yield from _of_presence(worker, mine)
    days: dict[date, list[_Visit]] = defaultdict(list)
    for visit in sorted([*mine, *booked], key=lambda each: (each.day, each.start, each.end)):
        days[visit.day].append(visit)
    weeks: dict[date, int] = defaultdict(int)
    for visits in days.values():
        yield from _of_day(instance, worker, visits)
        weeks[visits[0].monday] += _added(instance, visits)
    for monday, minutes in weeks.items():
        if minutes > worker.minutes.get(monday, 0):
            last = max((each for each in mine if each.monday == monday), key=lambda each: each.day)
            yield _about(Rule.WEEK, worker, last)


def _of_presence(worker: Worker, mine: list[_Visit]) -> Iterator[Violation]:
    for visit in mine:
        if any(first <= visit.day <= last for first, last in worker.leave):
            yield _about(Rule.LEAVE, worker, visit)
        begins, ends = worker.hours.get(visit.day.weekday(), (0, 0))
        if visit.start < begins or visit.end > ends:
            yield _about(Rule.HOURS, worker, visit)


def _of_day(instance: Instance, worker: Worker, visits: list[_Visit]) -> Iterator[Violation]:
    for one, two in combinations(visits, 2):
        mine, other = (two, one) if two.item else (one, two)
        if not mine.item:
            continue
        if one.start < two.end and two.start < one.end:
            yield _about(Rule.OVERLAP, worker, mine, other)
        elif two.start - one.end < max(instance.pause, instance.ways[one.district, two.district]):
            yield _about(Rule.TRAVEL, worker, mine, other)


def _added(instance: Instance, visits: list[_Visit]) -> int:
    """Return what the planned visits of a day add to the worker's week, with their ways."""
    planned = [visit for visit in visits if visit.item]
    booked = [visit for visit in visits if not visit.item]
    if not planned:
        return 0
    ways = _way(instance, visits) - _way(instance, booked)
    return ways + sum(visit.end - visit.start for visit in planned)


def _way(instance: Instance, visits: list[_Visit]) -> int:
    here, minutes = instance.base, 0
    for visit in visits:
        minutes += instance.ways[here, visit.district]
        here = visit.district
    return minutes + (instance.ways[here, instance.base] if visits else 0)


def _about(rule: Rule, worker: Worker, visit: _Visit, other: _Visit | None = None) -> Violation:
    item = visit.item or Item("", 0)
    met = other.item.school if other and other.item else None
    return Violation(rule, item.school, item.ordinal, worker.id, visit.day, met)
