"""The second stage: the day, the start and the workers of each session, week by week.

A week takes what the first stage gave it, what earlier weeks could not hold, and sessions of the
weeks after it that can come forward; whatever does not fit goes on to the next week. First comes
which day, and which kinds of days each worker has (schools of a district count alike: that is
what keeps it small), then who goes where at what time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from itertools import permutations
from time import monotonic
from typing import Any

from portal.insight.policy.planning import engines
from portal.insight.policy.planning.cost import missing, route, wait
from portal.insight.policy.planning.instance import Instance, Item, Place, monday_of
from portal.insight.policy.planning.starts import Lane, settle
from portal.insight.policy.planning.timetable import Timetable
from portal.insight.policy.planning.weeks import fitting, open_weeks, patterns

# So many of the following weeks may give sessions to a week that has room.
AHEAD = 2


@dataclass(frozen=True)
class Limits:
    """How long may be searched, in seconds: the first stage, each week, and all in all.

    What is not found in time is placed without search. Reaching a limit depends on the machine;
    where none is reached, the same town gets the same plan.
    """

    weeks: float = 9.0
    each: float = 2.5
    whole: float = 17.0
    # The search ends where no plan can be better by more than this share.
    gap: float = 0.01


@dataclass(frozen=True)
class Kind:
    """The districts added to one worker's day, and the minutes on the way they add."""

    stops: tuple[str, ...]
    way: int


def fill(
    instance: Instance,
    weeks: dict[Item, int],
    limits: Limits,
    tell: Callable[[int], None] = lambda _week: None,
) -> dict[Item, Place]:
    """Return a plan that follows the first stage's weeks as far as days and hours let it."""
    table = Timetable(instance)
    for item, place in sorted(instance.locks.items()):
        table.put(item, place)
    last = {item: max(open_weeks(instance, item), default=-1) for item in weeks}
    until = monotonic() + limits.whole
    waiting: list[Item] = []
    for number in range(len(instance.weeks)):
        tell(number)
        now = [
            item
            for item in [*waiting, *(item for item, week in weeks.items() if week == number)]
            if item not in table.placed
        ]
        ahead = [
            item
            for item, week in weeks.items()
            if number < week <= number + AHEAD and item not in table.placed
        ]
        if now or ahead:
            seconds = min(limits.each, until - monotonic())
            _Week(table, number, now, ahead).fill(weeks, last, replace(limits, each=seconds))
        waiting = [item for item in now if item not in table.placed]
    return table.placed


class _Week:
    """One week around what the timetable holds already."""

    def __init__(self, table: Timetable, number: int, now: list[Item], ahead: list[Item]) -> None:
        self.table, self.instance = table, table.instance
        self.number, self.monday = number, table.instance.weeks[number]
        self.now = now
        self.days = [
            day
            for day in sorted(self.instance.starts)
            if monday_of(day) == self.monday and self.instance.starts[day]
        ]
        self.days_of = {item: self._open_days(item) for item in [*now, *ahead]}

    def _open_days(self, item: Item) -> list[date]:
        school = self.instance.school[item.school]
        return [day for day in self.days if day in school.days and self.table.keeps_gap(item, day)]

    def fill(self, weeks: dict[Item, int], last: dict[Item, int], limits: Limits) -> None:
        """Put as many sessions into the timetable as is worth it."""
        found = _Days({}, {})
        if limits.each > 0:
            found = self._choose_days(weeks, last, limits)
        for day in self.days:
            items = [item for item, chosen in found.days.items() if chosen == day]
            settle(self.table, day, items, found.lanes.get(day, []))
        # What the kinds of days promised and the starts could not keep.
        for item in [*self.now, *found.days]:
            if item not in self.table.placed:
                place = self.table.earliest(item, self.days_of[item])
                if place is not None:
                    self.table.put(item, place)

    def _choose_days(self, weeks: dict[Item, int], last: dict[Item, int], limits: Limits) -> _Days:
        self.model, self.sum = engines.programme().Model(name="days"), engines.programme().fast_sum
        self.price: list[Any] = []
        self.chosen: dict[tuple[Item, date], Any] = {}
        self.kinds: dict[tuple[str, date], list[tuple[Kind, Any]]] = {}
        self._place_sessions(weeks, last)
        self._send_workers()
        self._cover()
        self._even_out()
        self.model.minimize(self.sum(self.price))
        result = engines.solved(self.model, limits.each, limits.gap)
        return self._read(result)

    def _place_sessions(self, weeks: dict[Item, int], last: dict[Item, int]) -> None:
        for item, days in self.days_of.items():
            saved = self._saved(item, weeks[item], last[item])
            for day in days:
                chosen = self.model.add_binary_variable()
                self.chosen[item, day] = chosen
                self.price.append(-saved * chosen)
            if days:
                here = self.sum(self.chosen[item, day] for day in days)
                self.model.add_linear_constraint(here <= 1)

    def _saved(self, item: Item, week: int, last: int) -> int:
        """Return what it saves to place a session now rather than later, or never."""
        instance = self.instance
        if last <= self.number:
            return missing(instance, item)
        if week <= self.number:
            # Ways must not make a session wait that was given to this week, nor one that takes
            # two workers before two that take one.
            crew = instance.school[item.school].crew
            ways = 2 * instance.weights.travel * instance.minutes * crew
            return wait(instance, item, 1) - wait(instance, item, 0) + ways
        return wait(instance, item, week) - wait(instance, item, self.number)

    def _send_workers(self) -> None:
        """Give each worker's day at most one kind, and each worker's week no more than it holds."""
        instance = self.instance
        known: dict[tuple[int, tuple[str, ...]], list[Kind]] = {}
        for worker in instance.workers:
            taken = []
            for day in self.days:
                spans = sorted(self.table.days.get((worker.id, day), []))
                booked = tuple(span.district for span in spans)
                most = fitting(instance, worker, day)
                if (most, booked) not in known:
                    known[most, booked] = _kinds(instance, most, booked)
                kinds = [(kind, self.model.add_binary_variable()) for kind in known[most, booked]]
                self.kinds[worker.id, day] = kinds
                if not kinds:
                    continue
                self.model.add_linear_constraint(self.sum(one for _kind, one in kinds) <= 1)
                for kind, one in kinds:
                    self.price.append(instance.weights.travel * kind.way * one)
                    taken.append((kind.way + len(kind.stops) * instance.minutes) * one)
            left = self.table.left.get((worker.id, self.monday), 0)
            self.model.add_linear_constraint(self.sum(taken) <= left)

    def _cover(self) -> None:
        """Let the kinds of a day be just what its sessions need, with two people where two go."""
        instance = self.instance
        for day in self.days:
            here: dict[str, list[tuple[Item, Any]]] = defaultdict(list)
            for item in self.days_of:
                if (item, day) in self.chosen:
                    district = instance.school[item.school].district
                    here[district].append((item, self.chosen[item, day]))
            kinds = [each for worker in instance.workers for each in self.kinds[worker.id, day]]
            for district in sorted(
                {stop for kind, _one in kinds for stop in kind.stops} | set(here)
            ):
                sent = self.sum(
                    instance.school[item.school].crew * one for item, one in here[district]
                )
                held = self.sum(
                    kind.stops.count(district) * one
                    for kind, one in kinds
                    if district in kind.stops
                )
                self.model.add_linear_constraint(sent == held)
                people = self.sum(one for kind, one in kinds if district in kind.stops)
                for item, one in here[district]:
                    crew = instance.school[item.school].crew
                    if crew > 1:
                        self.model.add_linear_constraint(people >= crew * one)

    def _even_out(self) -> None:
        instance = self.instance
        have = {worker.id: sum(worker.minutes.values()) for worker in instance.workers}
        sharing = [worker for worker in instance.workers if have[worker.id]]
        if not sharing or not instance.weights.balance:
            return
        usual = sum(have.values()) / len(sharing)
        most, least = self.model.add_variable(), self.model.add_variable()
        for worker in sharing:
            per_minute = usual / have[worker.id]
            sessions = self.sum(
                len(kind.stops) * one
                for day in self.days
                for kind, one in self.kinds[worker.id, day]
            )
            share = per_minute * (self.table.load[worker.id] + instance.minutes * sessions)
            self.model.add_linear_constraint(most >= share)
            self.model.add_linear_constraint(least <= share)
        # Uneven loads even out later; a week minds them less than the whole does.
        self.price.append(instance.weights.balance / 4 * (most - least))

    def _read(self, result: Any) -> _Days:
        if not result.has_primal_feasible_solution():
            return _Days({}, {})
        values = result.variable_values()
        days = {item: day for (item, day), one in self.chosen.items() if values[one] > 1 / 2}
        lanes: dict[date, list[Lane]] = {day: [] for day in self.days}
        for (worker, day), kinds in self.kinds.items():
            for kind, one in kinds:
                if values[one] > 1 / 2:
                    lanes[day].append(Lane(self.instance.worker[worker], Counter(kind.stops)))
        return _Days(days, lanes)


@dataclass(frozen=True)
class _Days:
    """The day of each session a week has room for, and where each worker goes on each day."""

    days: dict[Item, date]
    lanes: dict[date, list[Lane]]


def _kinds(instance: Instance, most: int, booked: tuple[str, ...]) -> list[Kind]:
    """Return the kinds of days around what is booked, each with the least way it can add."""
    known = route(instance, booked)
    return [
        Kind(
            kind.stops,
            min(route(instance, order) for order in set(permutations([*kind.stops, *booked])))
            - known,
        )
        for kind in patterns(instance, max(0, most - len(booked)))
    ]
