"""Who may see what of the register, and which days are school days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, or_

from portal.core import clock, i18n
from portal.core.access import Actor, Permission
from portal.core.clock import SATURDAY, Week
from portal.schools.models import (
    CalendarEntry,
    CalendarKind,
    ContactAttempt,
    Mou,
    School,
    SchoolClass,
    SchoolContact,
    SchoolImport,
)

SUNDAY = SATURDAY + 1


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the schools an actor may see."""
    return actor.within(Permission.SCHOOL_READ, School.id)


def mous_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the memoranda an actor may see."""
    return actor.within(Permission.MOU_READ, Mou.school_id)


def contacts_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the contacts of schools an actor may see."""
    return actor.within(Permission.SCHOOL_CONTACTS_READ, SchoolContact.school_id)


def attempts_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the tries to reach schools an actor may see."""
    return actor.within(Permission.CONTACT_LOG_READ, ContactAttempt.school_id)


def partnerships_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for wishes to become a partner: they come to the office alone."""
    return actor.within(Permission.PARTNERSHIP_READ)


def classes_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the classes an actor may see."""
    return actor.within(Permission.CLASS_READ, SchoolClass.school_id)


def imports_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for waiting imports: nobody sees the upload of somebody else."""
    return actor.within(Permission.SCHOOL_IMPORT) & (SchoolImport.made_by == actor.user_id)


def calendar_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for calendar entries: those of all schools, and of schools in reach."""
    of_schools = actor.within(Permission.CALENDAR_READ, CalendarEntry.school_id)
    if not actor.may_somewhere(Permission.CALENDAR_READ):
        return of_schools
    return or_(CalendarEntry.school_id.is_(None), of_schools)


def calendar_kept_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the calendar entries an actor may change."""
    return actor.within(Permission.CALENDAR_WRITE, CalendarEntry.school_id)


@dataclass(frozen=True)
class Days:
    """What the calendar says of some days, both ends included."""

    kind: CalendarKind
    first_on: date
    last_on: date
    name: str = ""
    name_en: str = ""

    def covers(self, day: date) -> bool:
        """Say whether a day is one of them."""
        return self.first_on <= day <= self.last_on

    @property
    def title(self) -> str:
        """Return their name in the reader's language, as far as it has one."""
        return (i18n.language() == "en" and self.name_en) or self.name


@dataclass(frozen=True)
class SchoolDays:
    """The calendar of one school: its week, its own entries, and those of all schools.

    A school's own entries go before those of all schools, and lessons before breaks: an own OPEN
    beats everything, an own BREAK a general OPEN, a general OPEN the breaks of all schools and
    the holidays of the country. On a Sunday there is never school.
    """

    week: Week
    own: tuple[Days, ...] = ()
    general: tuple[Days, ...] = ()
    # So many lesson days make a lesson week.
    lesson_week_days: int = 3

    def kind_of(self, day: date) -> CalendarKind:
        """Return what a day is: lessons (OPEN), exams (EXAM) or no school (BREAK)."""
        own = {days.kind for days in self.own if days.covers(day)}
        general = {days.kind for days in self.general if days.covers(day)}
        if day.weekday() == SUNDAY:
            return CalendarKind.BREAK
        if CalendarKind.OPEN in own:
            return CalendarKind.OPEN
        if CalendarKind.BREAK in own or not self._in_week(day):
            return CalendarKind.BREAK
        shut = CalendarKind.BREAK in general or clock.holiday_name(day) is not None
        if shut and CalendarKind.OPEN not in general:
            return CalendarKind.BREAK
        return CalendarKind.EXAM if CalendarKind.EXAM in own | general else CalendarKind.OPEN

    def _in_week(self, day: date) -> bool:
        return day.weekday() < SATURDAY or self.week is Week.SCHOOL_6

    def is_school_day(self, day: date) -> bool:
        """Say whether pupils are there, for lessons or exams."""
        return self.kind_of(day) is not CalendarKind.BREAK

    def is_lesson_day(self, day: date) -> bool:
        """Say whether there are lessons."""
        return self.kind_of(day) is CalendarKind.OPEN

    def lesson_days(self, monday: date) -> list[date]:
        """Return the days with lessons in the week that begins on a Monday."""
        return [day for day in clock.days_of_week(monday, 6) if self.is_lesson_day(day)]

    def is_lesson_week(self, monday: date) -> bool:
        """Say whether the week that begins on a Monday has enough lesson days to count."""
        return len(self.lesson_days(monday)) >= self.lesson_week_days

    def name_of(self, day: date) -> str | None:
        """Return what makes a day special, in the reader's language; None on a usual day."""
        kind = self.kind_of(day)
        for days in (*self.own, *self.general):
            if days.kind is kind and days.covers(day):
                return days.title
        return clock.holiday_name(day, i18n.language()) if kind is CalendarKind.BREAK else None
