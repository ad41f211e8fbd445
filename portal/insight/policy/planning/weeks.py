"""The first stage: which week each session is in, and how many days of which kind that takes.

It relaxes the real problem (workers of a week are counted, not named; a day is a set of districts
on the shortest way), so no plan can cost less than its bound. Solved by HiGHS, which OR-Tools
carries: one thread, and the same answer every time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations_with_replacement, pairwise, permutations, product
from typing import Any

from portal.insight.policy.planning import engines
from portal.insight.policy.planning.cost import districts, missing, wait
from portal.insight.policy.planning.instance import Instance, Item, Worker, monday_of

WEEK = 7
# The search ends where no plan can be better by more than this share.
GAP = 0.002


@dataclass(frozen=True)
class WeekPlan:
    """A week's number for each session that has one, and what no plan can cost less than."""

    weeks: dict[Item, int]
    bound: int


@dataclass(frozen=True)
class Pattern:
    """The districts of one worker's day, and the minutes of the shortest way along them."""

    stops: tuple[str, ...]
    way: int

    def minutes(self, instance: Instance) -> int:
        """Return what it takes of a worker's week."""
        return len(self.stops) * instance.minutes + self.way


@dataclass(frozen=True)
class Room:
    """What a week holds: workers' days by the sessions that fit into them, hours, sessions."""

    days: Counter[int]
    minutes: int
    sessions: int


def patterns(instance: Instance, most: int) -> list[Pattern]:
    """Return all kinds of days with at most so many sessions."""
    ways = shortest(instance)
    found = []
    for size in range(1, most + 1):
        for stops in combinations_with_replacement(districts(instance), size):
            way = min(_along(instance.base, order, ways) for order in set(permutations(stops)))
            found.append(Pattern(stops, way))
    return found


def _along(base: str, stops: Sequence[str], ways: dict[tuple[str, str], int]) -> int:
    way = (base, *stops, base)
    return sum(ways[pair] for pair in pairwise(way))


def shortest(instance: Instance) -> dict[tuple[str, str], int]:
    """Return the ways, each by way of others where that is shorter, as estimates may have it."""
    places = sorted({place for pair in instance.ways for place in pair})
    ways = {
        (one, two): instance.ways.get((one, two), 10**6) for one, two in product(places, places)
    }
    for over, one, two in product(places, places, places):
        ways[one, two] = min(ways[one, two], ways[one, over] + ways[over, two])
    return ways


def room(instance: Instance, monday: date, kinds: Iterable[Pattern]) -> Room:
    """Return what a week holds at most."""
    cheapest = _cheapest(instance, kinds)
    days: Counter[int] = Counter()
    minutes = sessions = 0
    for worker in instance.workers:
        held = [fitting(instance, worker, day) for day in _days(instance, monday)]
        budget = worker.minutes.get(monday, 0) + _ways_booked(instance, worker, monday)
        for count in held:
            days.update(range(1, count + 1))
        minutes += budget
        sessions += _most(budget, held, cheapest)
    return Room(days, minutes, sessions)


def _cheapest(instance: Instance, kinds: Iterable[Pattern]) -> dict[int, int]:
    """Return the least minutes a day with so many sessions takes."""
    found: dict[int, int] = {}
    for kind in kinds:
        size = len(kind.stops)
        found[size] = min(found.get(size, kind.minutes(instance)), kind.minutes(instance))
    return found


def _days(instance: Instance, monday: date) -> list[date]:
    week = (monday + timedelta(days=offset) for offset in range(WEEK))
    return [day for day in week if instance.starts.get(day)]


def fitting(instance: Instance, worker: Worker, day: date) -> int:
    """Return how many sessions a worker's day holds at most, whatever is booked on it."""
    hours = worker.hours.get(day.weekday())
    if hours is None or worker.is_away(day):
        return 0
    count, free = 0, hours[0]
    for start in instance.starts.get(day, ()):
        if start >= free and start + instance.minutes <= hours[1]:
            count += 1
            free = start + instance.minutes + instance.pause
    return count


def _ways_booked(instance: Instance, worker: Worker, monday: date) -> int:
    """Return the ways to what is booked: the plan may use them too, and is charged for the rest."""
    by_day: dict[date, list[tuple[int, str]]] = defaultdict(list)
    for stop in worker.booked:
        if monday_of(stop.day) == monday:
            by_day[stop.day].append((stop.start, stop.district))
    return sum(
        _along(instance.base, [district for _start, district in sorted(stops)], dict(instance.ways))
        for stops in by_day.values()
    )


def _most(budget: int, held: list[int], cheapest: dict[int, int]) -> int:
    """Return how many sessions fit into a worker's week by the minutes alone."""
    best = {0: 0}
    for count in held:
        step = dict(best)
        for size in range(1, count + 1):
            for sessions, minutes in best.items():
                taken = minutes + cheapest.get(size, 10**6)
                if taken <= min(budget, step.get(sessions + size, budget)):
                    step[sessions + size] = taken
        best = step
    return max(best)


def open_weeks(instance: Instance, item: Item) -> list[int]:
    """Return the numbers of the weeks in which a session can be."""
    school = instance.school[item.school]
    if item in instance.locks:
        return [instance.week_of(instance.locks[item].day)]
    near = {
        instance.week_number.get(monday_of(stop.day) + timedelta(weeks=offset))
        for stop in school.booked
        for offset in range(1 - instance.gap_weeks, instance.gap_weeks)
    }
    found = {
        number
        for day in school.days
        if (number := instance.week_number.get(monday_of(day))) is not None
        and number not in near
        and _able(instance, day) >= school.crew
    }
    return sorted(found)


def _able(instance: Instance, day: date) -> int:
    return sum(1 for worker in instance.workers if fitting(instance, worker, day))


def solve(instance: Instance, seconds: float) -> WeekPlan | None:
    """Return a week for each session that can have one; None when none was found in time."""
    model = _Model(instance)
    result = engines.solved(model.model, seconds, GAP)
    if not result.has_primal_feasible_solution():
        return None
    values = result.variable_values()
    weeks = {item: week for (item, week), chosen in model.chosen.items() if values[chosen] > 1 / 2}
    # Costs are whole, so what lies between two of them cannot be reached.
    bound = int(-(-(result.best_objective_bound() - 1e-6) // 1))
    return WeekPlan(weeks, bound)


class _Model:
    """The first stage as a mixed integer programme."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.model = engines.programme().Model(name="weeks")
        self.sum = engines.programme().fast_sum
        self.chosen: dict[tuple[Item, int], Any] = {}
        self.costs: list[Any] = []
        self._choose_weeks()
        self._order_sessions()
        self._fill_weeks()
        self.model.minimize(self.sum(self.costs))

    def _choose_weeks(self) -> None:
        instance = self.instance
        self.weeks_of: dict[Item, list[int]] = defaultdict(list)
        for item in instance.items:
            weeks = open_weeks(instance, item)
            self.weeks_of[item] = weeks
            none = missing(instance, item)
            self.costs.append(none)
            for week in weeks:
                chosen = self.model.add_binary_variable()
                self.chosen[item, week] = chosen
                self.costs.append((wait(instance, item, week) - none) * chosen)
            here = self.sum(self.chosen[item, week] for week in weeks)
            if item in instance.locks:
                self.model.add_linear_constraint(here == 1)
            elif weeks:
                self.model.add_linear_constraint(here <= 1)

    def _order_sessions(self) -> None:
        gap = self.instance.gap_weeks
        for item in self.instance.items:
            if item.ordinal == 1:
                continue
            before = Item(item.school, item.ordinal - 1)
            if item in self.instance.locks:
                self._stay_before(before, self.weeks_of[item][0] - gap)
                continue
            for last in self.weeks_of[item]:
                self.model.add_linear_constraint(
                    self.sum(self.chosen[item, w] for w in self.weeks_of[item] if w <= last)
                    <= self.sum(
                        self.chosen[before, w] for w in self.weeks_of[before] if w <= last - gap
                    )
                )

    def _stay_before(self, item: Item, last: int) -> None:
        for week in self.weeks_of[item]:
            if week > last and item not in self.instance.locks:
                self.model.add_linear_constraint(self.chosen[item, week] == 0)

    def _fill_weeks(self) -> None:
        instance = self.instance
        most = max(
            (fitting(instance, worker, day) for worker, day in _worker_days(instance)), default=0
        )
        kinds = patterns(instance, most)
        for number, monday in enumerate(instance.weeks):
            held = room(instance, monday, kinds)
            days = [
                self.model.add_integer_variable(lb=0, ub=held.days[len(kind.stops)])
                for kind in kinds
            ]
            self._cover(number, kinds, days)
            for size in range(1, most + 1):
                large = (
                    day for kind, day in zip(kinds, days, strict=True) if len(kind.stops) >= size
                )
                self.model.add_linear_constraint(self.sum(large) <= held.days[size])
            taken = [kind.minutes(instance) for kind in kinds]
            self.model.add_linear_constraint(
                self.sum(m * day for m, day in zip(taken, days, strict=True)) <= held.minutes
            )
            self.model.add_linear_constraint(
                self.sum(len(k.stops) * day for k, day in zip(kinds, days, strict=True))
                <= held.sessions
            )
            self._charge_ways(monday, kinds, days)

    def _cover(self, number: int, kinds: list[Pattern], days: list[Any]) -> None:
        for district in districts(self.instance):
            held = self.sum(
                kind.stops.count(district) * day
                for kind, day in zip(kinds, days, strict=True)
                if district in kind.stops
            )
            sent = self.sum(
                self.instance.school[item.school].crew * self.chosen[item, number]
                for item in self.instance.items
                if self.instance.school[item.school].district == district
                and (item, number) in self.chosen
            )
            self.model.add_linear_constraint(sent == held)

    def _charge_ways(self, monday: date, kinds: list[Pattern], days: list[Any]) -> None:
        travel = self.instance.weights.travel
        ways = self.sum(kind.way * day for kind, day in zip(kinds, days, strict=True))
        known = sum(_ways_booked(self.instance, each, monday) for each in self.instance.workers)
        if not known:
            self.costs.append(travel * ways)
            return
        # What is booked is driven to anyway; at best the plan only uses those ways.
        honest = shortest(self.instance) == dict(self.instance.ways)
        more = self.model.add_variable(lb=0 if honest else -known)
        self.model.add_linear_constraint(more >= ways - known)
        self.costs.append(travel * more)


def _worker_days(instance: Instance) -> Iterator[tuple[Worker, date]]:
    return product(instance.workers, instance.starts)
