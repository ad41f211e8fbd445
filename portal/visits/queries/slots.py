"""Free time: whose hours, visits, travel, leave and holidays leave room for a session.

The same rule answers "which slots are free?" for the school and "what clashes?" for the office.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Role
from portal.core.prepared import NOW, prepared
from portal.core.settings import Office
from portal.people.queries import accounts as people
from portal.schools.models import School
from portal.visits.models import Hold, Leave, TravelTime, Visit, WorkingHours
from portal.visits.states import HOLDING_TIME, VisitState

WAYS = select(TravelTime.from_code, TravelTime.to_code, TravelTime.minutes)
NEAREST = 3
# Where a worker has nothing else that day, the way is taken to be of middling length.
USUAL_WAY_MINUTES = 15


class Clash(StrEnum):
    """Why a worker does not fit a time; all but OVERLAP may be overridden with a reason."""

    OVERLAP = "overlap"
    TRAVEL = "travel"
    LEAVE = "leave"
    HOURS = "hours"
    WEEK_FULL = "week_full"


@dataclass(frozen=True)
class Busy:
    """A stretch of time that a visit or a hold takes."""

    starts_at: datetime
    ends_at: datetime
    worker_id: UUID
    school_id: UUID
    school_name: str
    district: str
    visit_id: UUID | None
    # A request or a hold only pencils its worker in.
    settled: bool = False


@dataclass(frozen=True)
class Problem:
    """A clash, with what it clashes with where that is another visit."""

    kind: Clash
    other: Busy | None = None
    gap: int = 0
    way: int = 0
    until: date | None = None


@dataclass
class Worker:
    """A social worker's time."""

    id: UUID
    public_id: str
    full_name: str
    short_name: str
    hours: dict[int, tuple[time, time]] = field(default_factory=dict)
    leave: list[tuple[date, date]] = field(default_factory=list)

    def away_until(self, day: date) -> date | None:
        """Return the last day of the leave that covers a day."""
        return next((last for first, last in self.leave if first <= day <= last), None)


@dataclass(frozen=True)
class Slot:
    """A free start, with the workers who could come, the best first."""

    starts_at: datetime
    ends_at: datetime
    workers: tuple[Worker, ...]

    @property
    def day(self) -> date:
        """Return the calendar day in WIB."""
        return self.starts_at.astimezone(clock.WIB).date()


class Diary:
    """Everything that decides who is free, for a stretch of days, read in a few statements."""

    def __init__(
        self,
        workers: list[Worker],
        busy: list[Busy],
        ways: dict[tuple[str, str], int],
        office: Office,
    ) -> None:
        self.workers = workers
        self.ways = ways
        self.office = office
        self._by_worker: dict[tuple[UUID, date], list[Busy]] = defaultdict(list)
        self._by_school: dict[tuple[UUID, date], list[Busy]] = defaultdict(list)
        self._week_minutes: dict[tuple[UUID, date], int] = defaultdict(int)
        for span in sorted(busy, key=lambda each: each.starts_at):
            day = span.starts_at.astimezone(clock.WIB).date()
            self._by_worker[span.worker_id, day].append(span)
            self._by_school[span.school_id, day].append(span)
            self._week_minutes[span.worker_id, clock.monday_of(day)] += _minutes(span)

    def worker(self, worker_id: UUID) -> Worker | None:
        """Return one of the workers."""
        return next((worker for worker in self.workers if worker.id == worker_id), None)

    def week_minutes(self, worker: Worker, day: date) -> int:
        """Return the minutes of visits a worker has in the week of a day."""
        return self._week_minutes[worker.id, clock.monday_of(day)]

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
        hours = worker.hours.get(day.weekday())
        if not until and not _within(hours, local.time(), end.astimezone(clock.WIB).time()):
            found.append(Problem(Clash.HOURS))
        limit = self.office["weekly_visit_hours"] * 60
        mine = sum(_minutes(span) for span in self._own(worker, place, day))
        if self.week_minutes(worker, day) - mine + _between(start, end) > limit:
            found.append(Problem(Clash.WEEK_FULL))
        return found

    def _own(self, worker: Worker, place: Place, day: date) -> list[Busy]:
        return [
            span
            for span in self._by_worker[worker.id, day]
            if place.visit_id and span.visit_id == place.visit_id
        ]

    def _neighbours(
        self, worker: Worker, place: Place, start: datetime, end: datetime
    ) -> list[Problem]:
        day = start.astimezone(clock.WIB).date()
        found = []
        for span in self._by_worker[worker.id, day]:
            if place.visit_id and span.visit_id == place.visit_id:
                continue
            if span.starts_at < end and start < span.ends_at:
                found.append(Problem(Clash.OVERLAP, other=span))
                continue
            before = span.ends_at <= start
            gap = _between(span.ends_at, start) if before else _between(end, span.starts_at)
            there, back = (span.district, place.district), (place.district, span.district)
            way = self.ways.get(there if before else back, USUAL_WAY_MINUTES)
            if gap < way:
                found.append(Problem(Clash.TRAVEL, other=span, gap=gap, way=way))
        return sorted(found, key=lambda problem: problem.kind is not Clash.OVERLAP)

    def free_workers(self, place: Place, start: datetime, end: datetime) -> tuple[Worker, ...]:
        """Return the workers nothing speaks against: nearest first, then least loaded."""
        free = [worker for worker in self.workers if not self.problems(worker, place, start, end)]
        return tuple(sorted(free, key=lambda worker: self._rank(worker, place, start)))

    def _rank(self, worker: Worker, place: Place, start: datetime) -> tuple[int, int, str]:
        day = start.astimezone(clock.WIB).date()
        own = self._own(worker, place, day)
        ways = [
            self.ways.get((span.district, place.district), USUAL_WAY_MINUTES)
            for span in self._by_worker[worker.id, day]
            if span not in own
        ]
        load = self.week_minutes(worker, day) - sum(_minutes(span) for span in own)
        return min(ways, default=USUAL_WAY_MINUTES), load, str(worker.id)

    def school_busy(self, place: Place, start: datetime, end: datetime) -> bool:
        """Say whether the school itself has another session then."""
        day = start.astimezone(clock.WIB).date()
        return any(
            span.starts_at < end and start < span.ends_at
            for span in self._by_school[place.school_id, day]
            if not (place.visit_id and span.visit_id == place.visit_id)
        )

    def slots(self, place: Place, minutes: int, first: date, last: date) -> Iterator[Slot]:
        """Yield the free slots of a stretch of days, in order."""
        earliest, latest = booking_window(self.office)
        day = max(first, earliest)
        while day <= min(last, latest):
            if day.weekday() < place.week_days and clock.holiday_name(day) is None:
                yield from self._slots_of(place, minutes, day)
            day += timedelta(days=1)

    def _slots_of(self, place: Place, minutes: int, day: date) -> Iterator[Slot]:
        for text in self.office["visit_starts"]:
            start = clock.at_wib(day, time.fromisoformat(text))
            end = start + timedelta(minutes=minutes)
            if start <= clock.now() or self.school_busy(place, start, end):
                continue
            workers = self.free_workers(place, start, end)
            if workers:
                yield Slot(start, end, workers)

    def nearest(self, place: Place, minutes: int, wanted: datetime) -> list[Slot]:
        """Return the three free slots nearest to a moment, in order of time."""
        earliest, latest = booking_window(self.office)
        every = self.slots(place, minutes, earliest, latest)
        close = sorted(every, key=lambda slot: abs(slot.starts_at - wanted))[:NEAREST]
        return sorted(close, key=lambda slot: slot.starts_at)


@dataclass(frozen=True)
class Place:
    """Where a session would be, and which visit it is when it exists already."""

    school_id: UUID
    district: str
    week_days: int = 5
    visit_id: UUID | None = None

    @classmethod
    def of(cls, school: School, visit_id: UUID | None = None) -> Place:
        """Return a school as a place."""
        return cls(school.id, school.district_code, school.week_days, visit_id)


def _between(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds() // 60)


def _minutes(span: Busy) -> int:
    return _between(span.starts_at, span.ends_at)


def _within(hours: tuple[time, time] | None, start: time, end: time) -> bool:
    return hours is not None and hours[0] <= start and end <= hours[1] and start < end


def booking_window(office: Office) -> tuple[date, date]:
    """Return the first and last day a school may book: minimum notice to end of window."""
    today = clock.today()
    first = clock.add_working_days(today, office["notice_working_days"])
    return first, today + timedelta(weeks=office["booking_window_weeks"])


def load_diary(
    session: Session,
    office: Office,
    first: date,
    last: date,
    *,
    without_hold_of: UUID | None = None,
) -> Diary:
    """Read whole weeks around a stretch of days; a school's own hold does not block itself."""
    start, _ = clock.day_bounds(clock.monday_of(first), first)
    _, end = clock.day_bounds(last, clock.monday_of(last) + timedelta(days=6))
    busy = [*_visits(session, start, end), *_holds(session, start, end, without_hold_of)]
    rows = session.execute(WAYS)
    ways = {(origin, target): minutes for origin, target, minutes in rows}
    return Diary(load_workers(session, first), busy, ways, office)


def working_week() -> date:
    """Return the Monday of the week the office looks at: this one, or on a weekend the next."""
    return clock.monday_of(clock.add_working_days(clock.today() - timedelta(days=1), 1))


def load_workers(session: Session, first: date) -> list[Worker]:
    """Read the social workers of today with their hours and the leave from a day on."""
    workers = {
        user.id: Worker(user.id, user.public_id, user.full_name, user.short_name)
        for user in people.people_with_role(session, Role.SOCIAL_WORKER)
    }
    for hours in session.scalars(*_hours_of(workers=list(workers))):
        workers[hours.user_id].hours[hours.weekday] = (hours.starts, hours.ends)
    for leave in session.scalars(*_leave_of(workers=list(workers), first=first)):
        workers[leave.user_id].leave.append((leave.first_day, leave.last_day))
    return list(workers.values())


@prepared
def _hours_of(*, workers: list[UUID]) -> Select[WorkingHours]:
    return select(WorkingHours).where(WorkingHours.user_id.in_(workers))


@prepared
def _leave_of(*, workers: list[UUID], first: date) -> Select[Leave]:
    return select(Leave).where(Leave.user_id.in_(workers), Leave.last_day >= first)


def _visits(session: Session, start: datetime, end: datetime) -> Iterator[Busy]:
    query, values = _held(start=start, end=end)
    return (Busy(*row) for row in session.execute(query, values))


@prepared
def _held(
    *, start: datetime, end: datetime
) -> Select[datetime, datetime, UUID, UUID, str, str, UUID, bool]:
    return (
        select(
            Visit.starts_at,
            Visit.ends_at,
            Visit.social_worker_id,
            Visit.school_id,
            School.name,
            School.district_code,
            Visit.id,
            Visit.state != VisitState.REQUESTED,
        )
        .join(School, School.id == Visit.school_id)
        .where(
            Visit.starts_at >= start, Visit.starts_at < end, Visit.state.in_(sorted(HOLDING_TIME))
        )
    )


def _holds(
    session: Session, start: datetime, end: datetime, without: UUID | None
) -> Iterator[Busy]:
    query, values = _kept_free(start=start, end=end)
    rows = session.execute(query, values)
    return (Busy(*row, None) for row in rows if row.school_id != without)


@prepared
def _kept_free(
    *, start: datetime, end: datetime
) -> Select[datetime, datetime, UUID, UUID, str, str]:
    return (
        select(
            Hold.starts_at,
            Hold.ends_at,
            Hold.social_worker_id,
            Hold.school_id,
            School.name,
            School.district_code,
        )
        .join(School, School.id == Hold.school_id)
        .where(Hold.starts_at >= start, Hold.starts_at < end, Hold.expires_at > NOW)
    )


def nearest_free(session: Session, office: Office, school: School, minutes: int) -> Slot | None:
    """Return the first slot a school could book."""
    first, last = booking_window(office)
    diary = load_diary(session, office, first, last, without_hold_of=school.id)
    return next(diary.slots(Place.of(school), minutes, first, last), None)
