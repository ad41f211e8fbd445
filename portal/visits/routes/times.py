"""The week of free times that offers and changes choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from flask import request

from portal.core import clock
from portal.schools.models import School
from portal.visits.models import Programme, Visit
from portal.visits.queries import slots
from portal.visits.queries.slots import Diary, Place, Slot
from portal.web.database import db, office


@dataclass(frozen=True)
class Day:
    """One day of the week on show."""

    day: date
    slots: list[Slot]
    closed: str | None


@dataclass(frozen=True)
class Week:
    """A week of free times, and where the arrows lead."""

    days: list[Day]
    previous: date | None
    following: date | None
    next_free: date | None

    @property
    def free(self) -> int:
        """Return how many times are free."""
        return sum(len(day.slots) for day in self.days)


@dataclass(frozen=True)
class Matter:
    """What a time is looked for: a programme at a school, for so many; perhaps a visit moves."""

    school: School
    programme: Programme
    heads: int
    visit: Visit | None = None

    @property
    def minutes(self) -> int:
        """Return how long it takes."""
        if self.visit:
            return int((self.visit.ends_at - self.visit.starts_at).total_seconds() // 60)
        return self.programme.minutes

    def place(self) -> Place:
        """Return where it is."""
        return Place.of(self.school, self.visit.id if self.visit else None, self.programme)


def turning() -> bool:
    """Say whether the press only turned the page to another week."""
    return bool(request.form.get("pekan"))


def week_of(matter: Matter, chosen: datetime | None) -> Week:
    """Return the week asked for, else that of the chosen time, else the first with a free one."""
    place = matter.place()
    first, last = slots.booking_window(office(), place.notice)
    diary = slots.load_diary(db(), office(), first, last, without_hold_of=matter.school.id)
    crew = slots.crew_size(matter.programme, matter.heads)
    free = list(diary.slots(place, matter.minutes, first, last, crew=crew))
    return week_among(diary, place, free, chosen)


def week_among(
    diary: Diary, place: Place, free: Sequence[Slot], chosen: datetime | None = None
) -> Week:
    """Return a week of these free times, by the same rule."""
    first, last = diary.window(place)
    begins = free[0].day if free else first
    if chosen and first <= clock.day_of(chosen) <= last:
        begins = clock.day_of(chosen)
    monday = clock.monday_of(_asked(first, last) or begins)
    by_day = {day: list(group) for day, group in groupby(free, key=lambda slot: slot.day)}
    days = [
        Day(day, by_day.get(day, []), diary.days.why_shut(place, day))
        for day in clock.days_of_week(monday, place.week_days)
    ]
    later = next((slot.day for slot in free if slot.day > days[-1].day), None)
    return Week(
        days,
        monday - timedelta(weeks=1) if monday > clock.monday_of(first) else None,
        monday + timedelta(weeks=1) if monday < clock.monday_of(last) else None,
        clock.monday_of(later) if later else None,
    )


def _asked(first: date, last: date) -> date | None:
    try:
        asked = date.fromisoformat(request.values.get("pekan", ""))
    except ValueError:
        return None
    return min(max(asked, first), last)
