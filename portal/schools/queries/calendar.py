"""Reading the school calendar: what holds for a school, and what its pages show."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID

from sqlalchemy import false, or_, select
from sqlalchemy.orm import Session

from portal.core import clock, i18n, settings
from portal.core.access import Actor
from portal.core.clock import SchoolYear
from portal.schools import policy
from portal.schools.models import CalendarEntry, CalendarKind, School
from portal.schools.policy import SUNDAY, Days, SchoolDays


def school_days(session: Session, school: School) -> SchoolDays:
    """Return the calendar of a school."""
    return school_days_of(session, [school])[school.id]


def school_days_of(session: Session, schools: Collection[School]) -> dict[UUID, SchoolDays]:
    """Return the calendars of schools by their ids; as many statements for one as for all."""
    ids = [school.id for school in schools]
    least = settings.read(session)["lesson_week_days"]
    entries = session.scalars(
        select(CalendarEntry)
        .where(or_(CalendarEntry.school_id.is_(None), CalendarEntry.school_id.in_(ids)))
        .order_by(CalendarEntry.first_on, CalendarEntry.id)
    ).all()
    return {
        school.id: SchoolDays(
            week=school.week,
            own=tuple(days_of(entry) for entry in entries if entry.school_id == school.id),
            general=tuple(
                days_of(entry)
                for entry in entries
                if entry.school_id is None and concerns(entry, school)
            ),
            lesson_week_days=least,
        )
        for school in schools
    }


def days_of(entry: CalendarEntry) -> Days:
    """Return what an entry says, apart from the database."""
    return Days(CalendarKind(entry.kind), entry.first_on, entry.last_on, entry.name, entry.name_en)


def concerns(entry: CalendarEntry, school: School) -> bool:
    """Say whether an entry holds for a school: its own, or one of all schools of its level."""
    if entry.school_id is not None:
        return entry.school_id == school.id
    return not entry.levels or school.level in entry.levels


def get_entry(session: Session, actor: Actor, public_id: str) -> CalendarEntry | None:
    """Return an entry the actor may change."""
    return session.scalar(
        select(CalendarEntry).where(
            CalendarEntry.public_id == public_id, policy.calendar_kept_by(actor)
        )
    )


def school_of(session: Session, entry: CalendarEntry) -> School | None:
    """Return the school an entry belongs to; None for one of all schools."""
    return session.get(School, entry.school_id) if entry.school_id else None


@dataclass(frozen=True)
class Line:
    """One line of a calendar's page: an entry, or a holiday of the country (without one)."""

    days: Days
    # The day it stands under: its first, or today where it has begun and is not over.
    shown_on: date
    entry: CalendarEntry | None = None
    # What else is noted for some of these days.
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Year:
    """The lines of one school year, month by month; quiet months are left out."""

    year: SchoolYear
    months: tuple[tuple[date, tuple[Line, ...]], ...]

    @property
    def has_entries(self) -> bool:
        """Say whether there is more to read than holidays of the country."""
        return any(line.entry for _month, lines in self.months for line in lines)


def entries_for(session: Session, actor: Actor, school: School | None) -> list[CalendarEntry]:
    """Return the entries an actor may see that hold for a school, or (without one) for all."""
    own = CalendarEntry.school_id == school.id if school is not None else false()
    entries = session.scalars(
        select(CalendarEntry)
        .where(or_(CalendarEntry.school_id.is_(None), own), policy.calendar_visible_to(actor))
        .order_by(CalendarEntry.first_on, CalendarEntry.last_on, CalendarEntry.id)
    )
    return [entry for entry in entries if school is None or concerns(entry, school)]


def outlook(entries: Sequence[CalendarEntry], today: date) -> tuple[list[Year], list[Year]]:
    """Return what is to come and what is over, entries and holidays, by school years.

    No entry is left out. Holidays are those of this school year and the next, except where there
    is no school anyway: on Sundays and within a break.
    """
    this = SchoolYear.of(today)
    breaks = [days_of(entry) for entry in entries if entry.kind == CalendarKind.BREAK]
    holidays = [
        days
        for days in _holidays(this.first_day, SchoolYear(this.start_year + 1).last_day)
        if not any(each.covers(days.first_on) for each in breaks)
    ]
    lines = [
        *(_line(days_of(entry), today, entry, _beside(entry, entries)) for entry in entries),
        *(_line(days, today) for days in holidays),
    ]
    lines.sort(key=lambda line: (line.shown_on, line.days.last_on, line.entry is None))
    coming = [line for line in lines if line.days.last_on >= today]
    return _by_year(coming), _by_year([line for line in lines if line.days.last_on < today])


def _line(
    days: Days, today: date, entry: CalendarEntry | None = None, beside: tuple[str, ...] = ()
) -> Line:
    under_way = days.first_on < today <= days.last_on
    return Line(days, today if under_way else days.first_on, entry, beside)


def _by_year(lines: Sequence[Line]) -> list[Year]:
    return [
        Year(year, tuple((month, tuple(group)) for month, group in groupby(rows, _month)))
        for year, rows in groupby(lines, lambda line: SchoolYear.of(line.shown_on))
    ]


def _month(line: Line) -> date:
    return line.shown_on.replace(day=1)


def _beside(entry: CalendarEntry, entries: Sequence[CalendarEntry]) -> tuple[str, ...]:
    titles = (
        days_of(other).title
        for other in entries
        if other is not entry
        and other.first_on <= entry.last_on
        and entry.first_on <= other.last_on
    )
    return tuple(dict.fromkeys(titles))


def _holidays(first: date, last: date) -> Iterator[Days]:
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        name = clock.holiday_name(day, i18n.language())
        if name is not None and day.weekday() != SUNDAY:
            yield Days(CalendarKind.BREAK, day, day, name)
