"""Days and hours on which sessions can begin: lessons, days without sessions, the office's starts.

Special times (the fasting month) go before Fridays, and Fridays before the usual starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from itertools import chain
from uuid import UUID

from portal.core import clock, i18n
from portal.core.clock import Week
from portal.core.settings import Office
from portal.schools.models import CalendarEntry, School
from portal.schools.policy import SchoolDays
from portal.schools.queries.calendar import days_of
from portal.visits.models import Programme

FRIDAY = 4
WEEKS = {5: Week.SCHOOL_5, 6: Week.SCHOOL_6}
A_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
HALF_HOUR = r"([01][0-9]|2[0-3]):[03]0"
SPECIAL = re.compile(rf"({A_DAY}) ({A_DAY})((?: {HALF_HOUR})+)")


@dataclass(frozen=True)
class Place:
    """Where a session would be, of which programme, and which visit it is when it exists."""

    school_id: UUID
    district: str
    week_days: int = 5
    visit_id: UUID | None = None
    level: str = ""
    programme_id: UUID | None = None
    # Working days before a session; None for the office's usual notice.
    notice: int | None = None

    @classmethod
    def of(
        cls, school: School, visit_id: UUID | None = None, programme: Programme | None = None
    ) -> Place:
        """Return a school as a place."""
        return cls(
            school.id,
            school.district_code,
            school.week_days,
            visit_id,
            school.level,
            programme.id if programme else None,
            programme.notice_working_days if programme else None,
        )


@dataclass(frozen=True)
class SpecialStarts:
    """Starts that hold for a time instead of the usual ones."""

    first_on: date
    last_on: date
    starts: tuple[str, ...]

    @classmethod
    def parse(cls, line: str) -> SpecialStarts | None:
        """Read `2027-02-08 2027-03-09 08:00 09:30`; None when it is anything else."""
        found = SPECIAL.fullmatch(line)
        if not found:
            return None
        try:
            first, last = date.fromisoformat(found[1]), date.fromisoformat(found[2])
        except ValueError:
            return None
        if not clock.YEARS.start <= first.year <= last.year < clock.YEARS.stop or last < first:
            return None
        return cls(first, last, tuple(sorted(set(found[3].split()))))

    def meets(self, other: SpecialStarts) -> bool:
        """Say whether both are about the same day."""
        return self.first_on <= other.last_on and other.first_on <= self.last_on


@lru_cache(maxsize=16)
def _special(lines: tuple[str, ...]) -> tuple[SpecialStarts, ...]:
    return tuple(known for line in lines if (known := SpecialStarts.parse(line)))


def starts_on(office: Office, day: date) -> tuple[str, ...]:
    """Return when sessions can begin on a day, as `HH:MM`, in order."""
    for special in _special(tuple(office["special_starts"])):
        if special.first_on <= day <= special.last_on:
            return special.starts
    return tuple(office["friday_starts" if day.weekday() == FRIDAY else "visit_starts"])


def every_start(office: Office) -> list[str]:
    """Return every start that some day offers, as `HH:MM`, in order."""
    special = (each.starts for each in _special(tuple(office["special_starts"])))
    return sorted({*office["visit_starts"], *office["friday_starts"], *chain(*special)})


def times_on(office: Office, day: date) -> tuple[time, ...]:
    """Return when sessions can begin on a day."""
    return tuple(time.fromisoformat(start) for start in starts_on(office, day))


def booking_window(office: Office, notice: int | None = None) -> tuple[date, date]:
    """Return the first and last day a school may book: minimum notice to end of window.

    `notice` is the programme's, in working days; None for the office's.
    """
    today = clock.today()
    wanted = office["notice_working_days"] if notice is None else notice
    first = clock.add_working_days(today, wanted)
    return first, today + timedelta(weeks=office["booking_window_weeks"])


@dataclass(frozen=True)
class ClosedDays:
    """Days without sessions, of one programme and of some levels, or of all."""

    first_on: date
    last_on: date
    name: str
    name_en: str = ""
    programme_id: UUID | None = None
    levels: tuple[str, ...] = ()

    def concern(self, place: Place, day: date) -> bool:
        """Say whether they keep a session from a place on a day."""
        return (
            self.first_on <= day <= self.last_on
            and self.programme_id in {None, place.programme_id}
            and (not self.levels or place.level in self.levels)
        )

    @property
    def title(self) -> str:
        """Return their name in the reader's language, as far as it has one."""
        return (i18n.language() == "en" and self.name_en) or self.name


class OpenDays:
    """Which days have lessons at which school, and which the office keeps free of sessions."""

    def __init__(
        self, closed: Iterable[ClosedDays] = (), entries: Iterable[CalendarEntry] = ()
    ) -> None:
        self.closed = tuple(closed)
        self._entries = tuple(entries)
        self._schools: dict[tuple[UUID, str, int], SchoolDays] = {}

    def closed_by(self, place: Place, day: date) -> ClosedDays | None:
        """Return what keeps sessions from a place on a day."""
        return next((each for each in self.closed if each.concern(place, day)), None)

    def has_lessons(self, place: Place, day: date) -> bool:
        """Say whether the school has lessons on a day, by its own calendar."""
        return self._school_of(place).is_lesson_day(day)

    def why_shut(self, place: Place, day: date) -> str | None:
        """Return what keeps sessions from a place on a day, as far as that has a name."""
        if not self.has_lessons(place, day):
            return self._school_of(place).name_of(day)
        closed = self.closed_by(place, day)
        return closed.title if closed else None

    def _school_of(self, place: Place) -> SchoolDays:
        key = place.school_id, place.level, place.week_days
        if key not in self._schools:
            self._schools[key] = self._calendar_of(place)
        return self._schools[key]

    def _calendar_of(self, place: Place) -> SchoolDays:
        general = (
            each
            for each in self._entries
            if each.school_id is None and (not each.levels or place.level in each.levels)
        )
        return SchoolDays(
            week=WEEKS[place.week_days],
            own=tuple(days_of(each) for each in self._entries if each.school_id == place.school_id),
            general=tuple(map(days_of, general)),
        )
