"""Free time: whose hours, visits, travel, leave and holidays leave room for a session.

The same rule answers "which slots are free?" for the school and "what clashes?" for the office.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from portal.core import clock
from portal.core.settings import Office
from portal.visits.models import Programme, WorkKind
from portal.visits.queries.days import (
    ClosedDays,
    OpenDays,
    Place,
    booking_window,
    times_on,
)
from portal.visits.queries.load import (
    USUAL_WAY_MINUTES,
    Busy,
    Ledger,
    Load,
    UrgentWork,
    Ways,
    Weeks,
    Worker,
    between,
)

NEAREST = 3


class Clash(StrEnum):
    """Why a worker does not fit a time; all but OVERLAP may be overridden with a reason."""

    OVERLAP = "overlap"
    TRAVEL = "travel"
    LEAVE = "leave"
    HOURS = "hours"
    BLACKOUT = "blackout"
    NOTICE = "notice"
    WEEK_FULL = "week_full"
    # Urgent work that is due that week would find no time any more.
    STARVES = "starves"


@dataclass(frozen=True)
class Problem:
    """A clash, with what it clashes with: another visit, leave, closed days, urgent work."""

    kind: Clash
    other: Busy | None = None
    gap: int = 0
    way: int = 0
    until: date | None = None
    closed: ClosedDays | None = None
    # Minutes of urgent work that would not fit beside this session.
    urgent: int = 0


@dataclass(frozen=True)
class Slot:
    """A free start, with the workers who could come, the best first."""

    starts_at: datetime
    ends_at: datetime
    workers: tuple[Worker, ...]

    @property
    def day(self) -> date:
        """Return the calendar day in WIB."""
        return clock.day_of(self.starts_at)


def crew_size(programme: Programme, heads: int) -> int:
    """Return how many social workers a session needs: one for each so many people begun."""
    if not programme.people_per_worker:
        return 1
    return max(1, -(-heads // programme.people_per_worker))


class Diary:
    """Everything that decides who is free, for a stretch of days, read in a few statements."""

    def __init__(
        self,
        workers: list[Worker],
        busy: list[Busy],
        ways: Mapping[tuple[str, str], int],
        office: Office,
        *,
        days: OpenDays | None = None,
        ledger: Ledger | None = None,
        urgent: UrgentWork | None = None,
    ) -> None:
        self.workers = workers
        self.ways = Ways(ways, office)
        self.office = office
        self.days = days or OpenDays()
        self.weeks = Weeks(busy, self.ways)
        self._ledger = ledger or {}
        self._urgent = urgent or {}
        self._windows: dict[int | None, tuple[date, date]] = {}
        self._by_school: dict[tuple[UUID, date], list[Busy]] = defaultdict(list)
        for span in busy:
            self._by_school[span.school_id, span.day].append(span)

    def worker(self, worker_id: UUID) -> Worker | None:
        """Return one of the workers."""
        return next((worker for worker in self.workers if worker.id == worker_id), None)

    def week_load(self, worker: Worker, day: date, without: UUID | None = None) -> Load:
        """Return what fills the week of a day; `without` is a visit that does not count."""
        monday = clock.monday_of(day)
        terms = worker.terms_of(monday)
        weekly = terms.weekly_minutes if terms else self.office["worker_weekly_minutes"]
        limit = terms.visit_minutes if terms else self.office["weekly_visit_hours"] * 60
        return Load(
            visit_minutes=self.weeks.visit_minutes(worker.id, monday, without),
            travel_minutes=self.weeks.travel_minutes(worker.id, monday, without),
            casework_minutes=self._ledger.get((worker.id, monday, WorkKind.CASEWORK), 0),
            other_minutes=self._ledger.get((worker.id, monday, WorkKind.OTHER), 0),
            away_minutes=worker.minutes_away(monday, weekly),
            urgent_minutes=self._urgent.get((worker.id, monday), 0),
            visit_limit=limit,
            weekly_minutes=weekly,
        )

    def problems(
        self, worker: Worker, place: Place, start: datetime, end: datetime
    ) -> list[Problem]:
        """Return what speaks against a worker for a time, the worst first."""
        local = start.astimezone(clock.WIB)
        day = local.date()
        found = self._neighbours(worker, place, start, end)
        until = worker.away_until(day)
        if until:
            found.append(Problem(Clash.LEAVE, until=until))
        elif not _within(
            worker.hours.get(day.weekday()), local.time(), end.astimezone(clock.WIB).time()
        ):
            found.append(Problem(Clash.HOURS))
        closed = self.days.closed_by(place, day)
        if closed:
            found.append(Problem(Clash.BLACKOUT, closed=closed, until=closed.last_on))
        if self._too_soon(place, day, start):
            found.append(Problem(Clash.NOTICE))
        return [*found, *self._overfull(worker, place, start, end)]

    def _too_soon(self, place: Place, day: date, start: datetime) -> bool:
        """Say whether a new time comes too soon; one that was asked for in time stays in time."""
        if day >= self.window(place)[0]:
            return False
        spans = self._by_school.get((place.school_id, day), ())
        return not any(
            place.visit_id and span.visit_id == place.visit_id and span.starts_at == start
            for span in spans
        )

    def window(self, place: Place) -> tuple[date, date]:
        """Return the first and the last day a school may book."""
        if place.notice not in self._windows:
            self._windows[place.notice] = booking_window(self.office, place.notice)
        return self._windows[place.notice]

    def _overfull(
        self, worker: Worker, place: Place, start: datetime, end: datetime
    ) -> Iterator[Problem]:
        day = clock.day_of(start)
        before = self.week_load(worker, day, place.visit_id)
        way = self.weeks.more_way(worker.id, place.district, start, place.visit_id)
        after = replace(
            before,
            visit_minutes=before.visit_minutes + between(start, end),
            travel_minutes=before.travel_minutes + way,
        )
        # That somebody is away is said already, and need not be said as a full week too.
        if worker.away_until(day):
            after = replace(after, away_minutes=0)
        if after.full:
            yield Problem(Clash.WEEK_FULL)
        if after.starved:
            yield Problem(Clash.STARVES, urgent=after.urgent_minutes)

    def _neighbours(
        self, worker: Worker, place: Place, start: datetime, end: datetime
    ) -> list[Problem]:
        day = clock.day_of(start)
        found = []
        for span in self.weeks.of_day(worker.id, day, place.visit_id):
            if span.starts_at < end and start < span.ends_at:
                found.append(Problem(Clash.OVERLAP, other=span))
                continue
            before = span.ends_at <= start
            gap = between(span.ends_at, start) if before else between(end, span.starts_at)
            there, back = (span.district, place.district), (place.district, span.district)
            way = self.ways.between(*(there if before else back))
            if gap < way:
                found.append(Problem(Clash.TRAVEL, other=span, gap=gap, way=way))
        return sorted(found, key=lambda problem: problem.kind is not Clash.OVERLAP)

    def free_workers(self, place: Place, start: datetime, end: datetime) -> tuple[Worker, ...]:
        """Return the workers nothing speaks against: nearest first, then least loaded."""
        free = [worker for worker in self.workers if not self.problems(worker, place, start, end)]
        return tuple(sorted(free, key=lambda worker: self._rank(worker, place, start)))

    def _rank(self, worker: Worker, place: Place, start: datetime) -> tuple[int, int, str]:
        day = clock.day_of(start)
        spans = self.weeks.of_day(worker.id, day, place.visit_id)
        near = [self.ways.between(span.district, place.district) for span in spans]
        minutes = self.weeks.visit_minutes(worker.id, clock.monday_of(day), place.visit_id)
        return min(near, default=USUAL_WAY_MINUTES), minutes, str(worker.id)

    def school_busy(self, place: Place, start: datetime, end: datetime) -> bool:
        """Say whether the school itself has another session then."""
        day = clock.day_of(start)
        return any(
            span.starts_at < end and start < span.ends_at
            for span in self._by_school.get((place.school_id, day), ())
            if not (place.visit_id and span.visit_id == place.visit_id)
        )

    def is_start(self, place: Place, start: datetime) -> bool:
        """Say whether sessions can begin at a moment: the office's starts, on a lesson day."""
        local = start.astimezone(clock.WIB)
        offered = local.time() in times_on(self.office, local.date())
        return offered and self.days.has_lessons(place, local.date())

    def slots(
        self, place: Place, minutes: int, first: date, last: date, *, crew: int = 1
    ) -> Iterator[Slot]:
        """Yield the free slots of a stretch of days, in order.

        Free is what so many workers (`crew`) are free for, on days with lessons at the school.
        """
        earliest, latest = self.window(place)
        day = max(first, earliest)
        while day <= min(last, latest):
            if self.days.has_lessons(place, day) and not self.days.closed_by(place, day):
                yield from self._slots_of(place, minutes, day, crew)
            day += timedelta(days=1)

    def _slots_of(self, place: Place, minutes: int, day: date, crew: int) -> Iterator[Slot]:
        for starts in times_on(self.office, day):
            start = clock.at_wib(day, starts)
            end = start + timedelta(minutes=minutes)
            if start <= clock.now() or self.school_busy(place, start, end):
                continue
            workers = self.free_workers(place, start, end)
            if workers and len(workers) >= crew:
                yield Slot(start, end, workers)

    def nearest(self, place: Place, minutes: int, wanted: datetime, *, crew: int = 1) -> list[Slot]:
        """Return the three free slots nearest to a moment, in order of time."""
        earliest, latest = self.window(place)
        every = self.slots(place, minutes, earliest, latest, crew=crew)
        close = sorted(every, key=lambda slot: abs(slot.starts_at - wanted))[:NEAREST]
        return sorted(close, key=lambda slot: slot.starts_at)


def _within(hours: tuple[time, time] | None, start: time, end: time) -> bool:
    return hours is not None and hours[0] <= start and end <= hours[1] and start < end
