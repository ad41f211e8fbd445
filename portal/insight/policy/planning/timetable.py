"""A plan in the making: who is where, so that the next session can be placed without reading all.

Those who make plans share it; whoever judges them (`checking`) does not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from portal.insight.policy.planning.cost import route
from portal.insight.policy.planning.instance import (
    Instance,
    Item,
    Place,
    Worker,
    monday_of,
)


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of a worker's day at a school."""

    start: int
    end: int
    district: str


class Timetable:
    """Sessions placed so far, each fitting all that was there before it."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.placed: dict[Item, Place] = {}
        self.days: dict[tuple[str, date], list[Span]] = defaultdict(list)
        self.left: dict[tuple[str, date], int] = {}
        self.load: dict[str, int] = {}
        for worker in instance.workers:
            self.load[worker.id] = 0
            for monday, minutes in worker.minutes.items():
                self.left[worker.id, monday] = minutes
            for stop in worker.booked:
                self.days[worker.id, stop.day].append(Span(stop.start, stop.end, stop.district))

    def added(self, worker: Worker, district: str, day: date, start: int) -> int | None:
        """Return the minutes on the way a session adds to a worker's day; None if it cannot be.

        Within the hours, away from other sessions and their ways, and within the week.
        """
        instance, end = self.instance, start + self.instance.minutes
        hours = worker.hours.get(day.weekday())
        if hours is None or start < hours[0] or end > hours[1] or worker.is_away(day):
            return None
        spans = self.days.get((worker.id, day), [])
        for span in spans:
            if span.start < start:
                gap, way = start - span.end, instance.ways[span.district, district]
            else:
                gap, way = span.start - end, instance.ways[district, span.district]
            if gap < max(way, instance.pause):
                return None
        more = self._way([*spans, Span(start, end, district)]) - self._way(spans)
        if instance.minutes + more > self.left.get((worker.id, monday_of(day)), 0):
            return None
        return more

    def _way(self, spans: Iterable[Span]) -> int:
        return route(self.instance, [span.district for span in sorted(spans)])

    def crews(self, item: Item, day: date, start: int) -> list[tuple[int, Worker]]:
        """Return who can come to a session, each with the minutes on the way, the cheapest first.

        Among equals whoever has the smallest share of their hours planned.
        """
        district = self.instance.school[item.school].district
        able = (
            (minutes, worker)
            for worker in self.instance.workers
            if (minutes := self.added(worker, district, day, start)) is not None
        )
        return sorted(able, key=lambda each: (each[0], self._share(each[1]), each[1].id))

    def _share(self, worker: Worker) -> float:
        have = sum(worker.minutes.values())
        return self.load[worker.id] / have if have else 1.0

    def fits(self, item: Item, place: Place) -> bool:
        """Say whether a session can be put there as it is."""
        school = self.instance.school[item.school]
        return (
            place.day in school.days
            and place.start in self.instance.starts.get(place.day, ())
            and len(set(place.workers)) == school.crew
            and self.keeps_gap(item, place.day)
            and all(
                (worker := self.instance.worker.get(name)) is not None
                and self.added(worker, school.district, place.day, place.start) is not None
                for name in place.workers
            )
        )

    def keeps_gap(self, item: Item, day: date) -> bool:
        """Say whether a day is far enough from the school's other sessions, and in their order."""
        week, gap = monday_of(day), self.instance.gap_weeks
        school = self.instance.school[item.school]
        if any(abs((week - monday_of(stop.day)).days) < gap * 7 for stop in school.booked):
            return False
        before = self.placed.get(Item(item.school, item.ordinal - 1))
        if item.ordinal > 1 and (before is None or (week - monday_of(before.day)).days < gap * 7):
            return False
        after = self.placed.get(Item(item.school, item.ordinal + 1))
        return after is None or (monday_of(after.day) - week).days >= gap * 7

    def put(self, item: Item, place: Place) -> None:
        """Place a session that fits."""
        self._move(item, place, -1)
        self.placed[item] = place

    def take(self, item: Item) -> Place:
        """Take a session out again and return where it was."""
        place = self.placed.pop(item)
        self._move(item, place, 1)
        return place

    def _move(self, item: Item, place: Place, sign: int) -> None:
        length = self.instance.minutes
        district = self.instance.school[item.school].district
        span = Span(place.start, place.start + length, district)
        for name in place.workers:
            spans = self.days[name, place.day]
            before = self._way(spans)
            if sign < 0:
                spans.append(span)
            else:
                spans.remove(span)
            change = abs(self._way(spans) - before)
            self.left[name, monday_of(place.day)] += sign * (length + change)
            self.load[name] -= sign * length

    def earliest(self, item: Item, days: Iterable[date]) -> Place | None:
        """Return the first time of some days at which enough workers can come, the cheapest."""
        crew = self.instance.school[item.school].crew
        for day in days:
            for start in self.instance.starts.get(day, ()):
                able = self.crews(item, day, start)
                if len(able) >= crew:
                    return Place(day, start, tuple(worker.id for _way, worker in able[:crew]))
        return None

    def days_for(self, item: Item) -> Iterator[date]:
        """Yield the days on which a session may be, in order."""
        for day in sorted(self.instance.school[item.school].days):
            if monday_of(day) in self.instance.week_number and self.keeps_gap(item, day):
                yield day
