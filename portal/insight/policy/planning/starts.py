"""Who goes to which session of a day, and when: small enough to be solved to the end, by CP-SAT."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from itertools import chain, permutations, product
from typing import Any

from portal.insight.policy.planning import engines
from portal.insight.policy.planning.cost import points
from portal.insight.policy.planning.instance import Item, Place, Worker
from portal.insight.policy.planning.timetable import Timetable

# In the solver's own time; a day has a handful of sessions.
EFFORT = 0.5


@dataclass(frozen=True)
class Lane:
    """A worker's day, with the districts it leads to."""

    worker: Worker
    stops: Counter[str]


@dataclass(frozen=True)
class _Going:
    """A worker who goes to a session at a start."""

    item: Item
    start: int
    worker: str


def settle(table: Timetable, day: date, items: list[Item], lanes: list[Lane]) -> None:
    """Put sessions into a day, as many as there are people and starts for."""
    if not items:
        return
    found = _solve(table, day, items, lanes)
    for item in sorted(found, key=lambda item: (found[item].start, item)):
        if table.fits(item, found[item]):
            table.put(item, found[item])
    for lane in lanes:
        straighten(table, lane.worker, day)


def starts_of(table: Timetable, day: date, workers: list[Worker]) -> list[int]:
    """Return the starts that matter: as early as a worker's day or a session before it allows.

    Whatever is planned for a day can be moved to these without anybody meeting anybody new.
    """
    instance = table.instance
    grid, length = instance.starts[day], instance.minutes
    free = {worker.hours[day.weekday()][0] for worker in workers if day.weekday() in worker.hours}
    pauses = {max(instance.pause, way) for way in instance.ways.values()}
    for worker in workers:
        spans = table.days.get((worker.id, day), [])
        free |= {span.end + pause for span, pause in product(spans, pauses)}
    found: set[int] = set()
    while free:
        moment = free.pop()
        start = next((each for each in grid if each >= moment), None)
        if start is not None and start not in found:
            found.add(start)
            free |= {start + length + pause for pause in pauses}
    return sorted(found)


def _solve(table: Timetable, day: date, items: list[Item], lanes: list[Lane]) -> dict[Item, Place]:
    cp_model = engines.constraints()
    instance, model = table.instance, cp_model.CpModel()
    starts = starts_of(table, day, [lane.worker for lane in lanes])
    at: dict[tuple[Item, int], Any] = {}
    going: dict[_Going, Any] = {}
    for item, start in product(items, starts):
        school = instance.school[item.school]
        able = [
            lane.worker.id
            for lane in lanes
            if lane.stops[school.district]
            and table.added(lane.worker, school.district, day, start) is not None
        ]
        if len(able) >= school.crew:
            at[item, start] = model.new_bool_var("")
            team = {worker: model.new_bool_var("") for worker in able}
            going |= {_Going(item, start, worker): one for worker, one in team.items()}
            model.add(sum(team.values()) == school.crew * at[item, start])
    for item in items:
        model.add_at_most_one(one for (each, _start), one in at.items() if each == item)
    for lane in lanes:
        _one_at_a_time(table, model, lane, going)
    model.maximize(
        sum(
            (1000 * (1 + points(instance, item)) - number) * one
            for number, ((item, _start), one) in enumerate(at.items())
        )
    )
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = EFFORT
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return {}
    teams: dict[tuple[Item, int], list[str]] = defaultdict(list)
    for each, one in going.items():
        if solver.boolean_value(one):
            teams[each.item, each.start].append(each.worker)
    return {item: Place(day, start, tuple(team)) for (item, start), team in teams.items()}


def _one_at_a_time(table: Timetable, model: Any, lane: Lane, going: dict[_Going, Any]) -> None:
    """Keep a worker's sessions apart by the way between them, and within what the lane holds."""
    instance, length = table.instance, table.instance.minutes
    mine = [(each, one) for each, one in going.items() if each.worker == lane.worker.id]
    by_stop: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for each, one in mine:
        by_stop[each.start, instance.school[each.item.school].district].append(one)
    for district, most in lane.stops.items():
        here = [ones for (_start, where), ones in by_stop.items() if where == district]
        model.add(sum(chain.from_iterable(here)) <= most)
    busy: dict[tuple[int, str], Any] = {}
    for stop, ones in by_stop.items():
        busy[stop] = model.new_bool_var("")
        model.add(sum(ones) == busy[stop])
    stops = sorted(busy)
    for number, (start, district) in enumerate(stops):
        for later, other in stops[number + 1 :]:
            if later - start - length < max(instance.pause, instance.ways[district, other]):
                model.add_bool_or(~busy[start, district], ~busy[later, other])


def straighten(table: Timetable, worker: Worker, day: date) -> None:
    """Let a worker's sessions of a day, where nobody else goes along, follow the shortest way."""
    mine = {
        item: place
        for item, place in table.placed.items()
        if place.day == day
        and place.workers == (worker.id,)
        and item not in table.instance.locks
        and item not in table.instance.before
    }
    if len(mine) < 2:
        return
    items, best = list(mine), dict(mine)
    for item in items:
        table.take(item)
    least = None
    for order in permutations(mine.values()):
        tried = dict(zip(items, order, strict=True))
        ways = _put_all(table, tried)
        if ways is not None and (least is None or ways < least):
            least, best = ways, tried
        for item in items:
            if item in table.placed:
                table.take(item)
    for item, place in best.items():
        table.put(item, place)


def _put_all(table: Timetable, places: dict[Item, Place]) -> int | None:
    """Put sessions of one worker and return the minutes on the way; None where one does not fit."""
    ways = 0
    for item, place in places.items():
        if not table.fits(item, place):
            return None
        worker = table.instance.worker[place.workers[0]]
        district = table.instance.school[item.school].district
        ways += table.added(worker, district, place.day, place.start) or 0
        table.put(item, place)
    return ways
