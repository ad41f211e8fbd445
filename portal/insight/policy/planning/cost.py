"""What a plan costs: one sum, in minutes on the way, for whoever makes or compares plans.

Each week of waiting costs a session's points once for every worker it takes, so that schools that
need two are not put off for being dearer. The points of `points_of` are ordered as the office's
rule is: never served, then longest ago, then need; no sum of a later reason reaches the one
before. What stays without a session costs more than any wait, way and uneven load it could save.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from portal.insight.policy.planning.instance import Instance, Item, Place, Solution

NEVER_SERVED = 80
SERVED = 8
# For each month since the last session, up to a year; more than all that need can add.
MONTH = 3
MOST_MONTHS = 12
MOST_NEED = 2
# A second session of the semester waits behind every first one.
AGAIN = 4
FIRST = 1000
CHANGED = 30
CHANGED_WEEK = 60


@dataclass(frozen=True)
class Cost:
    """What a plan costs, part by part."""

    lateness: int = 0
    travel: int = 0
    spread: int = 0
    unreached: int = 0
    changes: int = 0

    @property
    def total(self) -> int:
        """Return the sum that plans are compared by."""
        return self.lateness + self.travel + self.spread + self.unreached + self.changes


def points_of(months_since: int | None, need: int) -> int:
    """Return what a week of waiting weighs for a school; None months: it never had a session."""
    worry = min(need, MOST_NEED)
    if months_since is None:
        return NEVER_SERVED + worry
    return SERVED + MONTH * min(months_since, MOST_MONTHS) + worry


def points(instance: Instance, item: Item) -> int:
    """Return what a week of waiting weighs for a session."""
    return instance.school[item.school].points if item.ordinal == 1 else AGAIN


def wait(instance: Instance, item: Item, week: int) -> int:
    """Return what it costs that a session waits for so many weeks; in week 0 it does not wait."""
    return points(instance, item) * instance.school[item.school].crew * week


def missing(instance: Instance, item: Item) -> int:
    """Return what it costs that there is no time for a session."""
    weights = instance.weights
    ways = 2 * weights.travel * longest_way(instance)
    saved = points(instance, item) * len(instance.weeks) + ways
    first = FIRST if item.ordinal == 1 else 0
    return instance.school[item.school].crew * (
        saved + first + 2 * weights.balance * instance.minutes
    )


def longest_way(instance: Instance) -> int:
    """Return the longest way from the office to a district and back."""
    ways = instance.ways
    return max(
        (ways[instance.base, each] + ways[each, instance.base] for each in districts(instance)),
        default=0,
    )


def districts(instance: Instance) -> list[str]:
    """Return the districts there are schools in, in order."""
    return sorted({school.district for school in instance.schools})


def route(instance: Instance, stops: Sequence[str]) -> int:
    """Return the minutes from the office along districts and back; 0 without a stop."""
    if not stops:
        return 0
    way = (instance.base, *stops, instance.base)
    return sum(instance.ways[pair] for pair in pairwise(way))


def change(instance: Instance, item: Item, place: Place | None) -> int:
    """Return what it costs that a session is no longer where it was in the plan before."""
    was = instance.before.get(item)
    if was is None or was == place:
        return 0
    moved = place is None or instance.week_of(place.day) != instance.week_of(was.day)
    return CHANGED + CHANGED_WEEK * moved


def cost(instance: Instance, solution: Solution) -> Cost:
    """Return what a plan costs."""
    return Cost(
        lateness=sum(
            wait(instance, item, instance.week_of(place.day)) for item, place in solution.items()
        ),
        travel=instance.weights.travel * sum(added_ways(instance, solution)),
        spread=instance.weights.balance * spread(instance, loads(instance, solution)),
        unreached=sum(missing(instance, item) for item in instance.items if item not in solution),
        changes=sum(change(instance, item, solution.get(item)) for item in instance.before),
    )


def added_ways(instance: Instance, solution: Solution) -> Iterator[int]:
    """Yield, for each worker's day, the minutes on the way that the plan adds."""
    planned: dict[tuple[str, date], list[tuple[int, str]]] = defaultdict(list)
    for item, place in solution.items():
        for worker in place.workers:
            district = instance.school[item.school].district
            planned[worker, place.day].append((place.start, district))
    for (worker, day), stops in planned.items():
        known = [
            (stop.start, stop.district)
            for stop in instance.worker[worker].booked
            if stop.day == day
        ]
        yield _route(instance, [*known, *stops]) - _route(instance, known)


def _route(instance: Instance, stops: Iterable[tuple[int, str]]) -> int:
    return route(instance, [district for _start, district in sorted(stops)])


def loads(instance: Instance, solution: Solution) -> dict[str, int]:
    """Return the minutes of planned sessions of each worker."""
    found = dict.fromkeys(instance.worker, 0)
    for place in solution.values():
        for worker in place.workers:
            found[worker] += instance.minutes
    return found


def spread(instance: Instance, held: dict[str, int]) -> int:
    """Return how far the fullest worker is from the emptiest, measured against their hours."""
    have = {worker.id: sum(worker.minutes.values()) for worker in instance.workers}
    sharing = [worker for worker, minutes in have.items() if minutes]
    if not sharing:
        return 0
    usual = sum(have.values()) // len(sharing)
    shares = [held[worker] * usual // have[worker] for worker in sharing]
    return max(shares) - min(shares)
