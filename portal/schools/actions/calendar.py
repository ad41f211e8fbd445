"""Keeping the school calendar: days without school, of exams, of lessons after all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Permission
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.schools.events import CalendarChanged
from portal.schools.models import CalendarEntry, CalendarKind

# Longer than any break: a slip in the year, not a holiday.
MOST_DAYS = 120


@dataclass(frozen=True)
class CalendarDays:
    """Days of the calendar as somebody wants them; without levels they hold for all."""

    kind: CalendarKind
    name: str
    name_en: str
    first_on: date
    last_on: date
    levels: tuple[str, ...]
    source: str


def add_days(
    session: Session, actor: Actor, school_id: UUID | None, wanted: CalendarDays
) -> CalendarEntry:
    """Write down days of one school, or (without a school) of all.

    Raises Rejected("not_allowed"), "calendar_years", "calendar_order" or "calendar_long".
    """
    _check(actor, school_id, wanted)
    entry = CalendarEntry(school_id=school_id, recorded_by=actor.user_id)
    _write(entry, wanted)
    session.add(entry)
    session.flush()
    _tell(session, actor, entry, "added")
    return entry


def change_days(session: Session, actor: Actor, entry: CalendarEntry, wanted: CalendarDays) -> None:
    """Correct days of the calendar; raises what `add_days` raises."""
    _check(actor, entry.school_id, wanted)
    _write(entry, wanted)
    session.flush()
    _tell(session, actor, entry, "changed")


def remove_days(session: Session, actor: Actor, entry: CalendarEntry) -> None:
    """Take days out of the calendar; raises Rejected("not_allowed")."""
    _check_right(actor, entry.school_id)
    session.delete(entry)
    session.flush()
    # Listeners read the calendar as it stands without them.
    _tell(session, actor, entry, "removed")


def _tell(session: Session, actor: Actor, entry: CalendarEntry, step: str) -> None:
    kind = CalendarKind(entry.kind).value
    emit(session, actor, CalendarChanged(entry.id, entry.school_id, kind, step))


def _check_right(actor: Actor, school_id: UUID | None) -> None:
    if not actor.may(Permission.CALENDAR_WRITE, school_id):
        raise Rejected("not_allowed")


def _check(actor: Actor, school_id: UUID | None, wanted: CalendarDays) -> None:
    _check_right(actor, school_id)
    for field in ("first_on", "last_on"):
        if getattr(wanted, field).year not in clock.YEARS:
            raise Rejected(
                "calendar_years", field, first=str(clock.YEARS[0]), last=str(clock.YEARS[-1])
            )
    if wanted.last_on < wanted.first_on:
        raise Rejected("calendar_order", "last_on")
    if (wanted.last_on - wanted.first_on).days >= MOST_DAYS:
        raise Rejected("calendar_long", "last_on", most=MOST_DAYS)


def _write(entry: CalendarEntry, wanted: CalendarDays) -> None:
    entry.kind = wanted.kind
    entry.name = wanted.name
    entry.name_en = wanted.name_en
    entry.first_on = wanted.first_on
    entry.last_on = wanted.last_on
    entry.levels = [] if entry.school_id else list(wanted.levels)
    entry.source = wanted.source
    entry.recorded_at = clock.now()
