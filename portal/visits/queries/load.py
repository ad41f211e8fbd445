"""What fills a social worker's week: sessions, ways, work on cases, days away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from portal.core import clock
from portal.core.settings import Office
from portal.visits.models import WorkKind

# Where nobody wrote down how far it is, the way is taken to be of middling length.
USUAL_WAY_MINUTES = 15
OFFICE_DAYS = range(5)

# Minutes of a worker's week (its Monday) by kind of work, and open urgent work due in it.
Ledger = Mapping[tuple[UUID, date, WorkKind], int]
UrgentWork = Mapping[tuple[UUID, date], int]


@dataclass(frozen=True)
class Busy:
    """A stretch of time that a visit, a change of one, or a hold takes from one worker."""

    starts_at: datetime
    ends_at: datetime
    worker_id: UUID
    school_id: UUID
    school_name: str
    district: str
    visit_id: UUID | None
    # A request, a hold or a change only pencils its worker in.
    settled: bool = False

    @property
    def day(self) -> date:
        """Return the calendar day in WIB."""
        return clock.day_of(self.starts_at)

    @property
    def minutes(self) -> int:
        """Return how long it takes."""
        return between(self.starts_at, self.ends_at)


@dataclass(frozen=True, order=True)
class Terms:
    """How much of a week a worker has, from a day on."""

    from_on: date
    weekly_minutes: int
    visit_minutes: int


@dataclass
class Worker:
    """A social worker's time."""

    id: UUID
    public_id: str
    full_name: str
    short_name: str
    hours: dict[int, tuple[time, time]] = field(default_factory=dict)
    leave: list[tuple[date, date]] = field(default_factory=list)
    terms: list[Terms] = field(default_factory=list)

    def away_until(self, day: date) -> date | None:
        """Return the last day of the leave that covers a day."""
        return next((last for first, last in self.leave if first <= day <= last), None)

    def terms_of(self, monday: date) -> Terms | None:
        """Return the terms of a week: the newest that begin before it ends."""
        begun = [each for each in self.terms if each.from_on <= monday + timedelta(days=6)]
        return max(begun, default=None)

    def minutes_away(self, monday: date, weekly_minutes: int) -> int:
        """Return the share of a week's minutes that leave and holidays take."""
        days = self.hours or OFFICE_DAYS
        away = [
            day
            for day in (monday + timedelta(days=number) for number in days)
            if self.away_until(day) or clock.holiday_name(day)
        ]
        return weekly_minutes * len(away) // len(days)


@dataclass(frozen=True)
class Load:
    """What fills one week of a worker, in minutes, and how much it holds."""

    visit_minutes: int
    travel_minutes: int
    casework_minutes: int
    other_minutes: int
    away_minutes: int
    # Open work with high risk that is due in the week and not done yet.
    urgent_minutes: int
    visit_limit: int
    weekly_minutes: int

    @property
    def planned(self) -> int:
        """Return what is written down: sessions, ways, casework and other work."""
        return self.visit_minutes + self.travel_minutes + self.casework_minutes + self.other_minutes

    @property
    def free(self) -> int:
        """Return what is left of the week; less than nothing where it is overfull."""
        return self.weekly_minutes - self.away_minutes - self.planned

    @property
    def full(self) -> bool:
        """Say whether sessions, or all work, go beyond what the week holds."""
        return self.visit_minutes > self.visit_limit or self.free < 0

    @property
    def starved(self) -> bool:
        """Say whether urgent work finds no time beside what is planned."""
        return self.urgent_minutes > max(self.free, 0)


def between(start: datetime, end: datetime) -> int:
    """Return the whole minutes from one moment to another."""
    return int((end - start).total_seconds() // 60)


class Ways:
    """How long the ways take, between schools and from the office."""

    def __init__(self, minutes: Mapping[tuple[str, str], int], office: Office) -> None:
        self.minutes = minutes
        self._home = str(office["office_district"])

    def between(self, here: str, there: str) -> int:
        """Return the minutes from one kecamatan to another."""
        return self.minutes.get((here, there), USUAL_WAY_MINUTES)

    def of_day(self, stops: Sequence[str]) -> int:
        """Return the minutes on the road of a day: from the office, by its stops, and back."""
        if not stops:
            return 0
        legs = zip((self._home, *stops), (*stops, self._home), strict=True)
        return sum(self.between(here, there) for here, there in legs)


class Weeks:
    """What visits and holds take of whose days and weeks."""

    def __init__(self, busy: Iterable[Busy], ways: Ways) -> None:
        self._ways = ways
        self._days: dict[tuple[UUID, date], list[Busy]] = defaultdict(list)
        self._weeks: dict[tuple[UUID, date], list[Busy]] = defaultdict(list)
        for span in sorted(busy, key=lambda each: each.starts_at):
            self._days[span.worker_id, span.day].append(span)
            self._weeks[span.worker_id, clock.monday_of(span.day)].append(span)

    def of_day(self, worker_id: UUID, day: date, without: UUID | None = None) -> list[Busy]:
        """Return what a worker has on a day, in order; `without` is a visit left out."""
        return list(_others(self._days.get((worker_id, day), ()), without))

    def visit_minutes(self, worker_id: UUID, monday: date, without: UUID | None = None) -> int:
        """Return the minutes of sessions in a week.

        A session and the change asked for it count once, as long as the longer of them.
        """
        longest: dict[object, int] = {}
        for span in _others(self._weeks.get((worker_id, monday), ()), without):
            key = span.visit_id or span
            longest[key] = max(longest.get(key, 0), span.minutes)
        return sum(longest.values())

    def travel_minutes(self, worker_id: UUID, monday: date, without: UUID | None = None) -> int:
        """Return the minutes on the road in a week."""
        stops: dict[date, list[str]] = defaultdict(list)
        for span in _others(self._weeks.get((worker_id, monday), ()), without):
            stops[span.day].append(span.district)
        return sum(map(self._ways.of_day, stops.values()))

    def more_way(
        self, worker_id: UUID, district: str, start: datetime, without: UUID | None = None
    ) -> int:
        """Return how much longer the ways of a day become with another session."""
        day = clock.day_of(start)
        others = self.of_day(worker_id, day, without)
        before = [span.district for span in others if span.starts_at <= start]
        after = [span.district for span in others if span.starts_at > start]
        longer = self._ways.of_day([*before, district, *after])
        return longer - self._ways.of_day([*before, *after])


def _others(spans: Iterable[Busy], without: UUID | None) -> Iterator[Busy]:
    return (span for span in spans if without is None or span.visit_id != without)
