"""Sessions as a calendar shows them, with leave, holidays and days without sessions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from portal.core import clock, i18n
from portal.core.access import Actor, Permission
from portal.people.models import User
from portal.schools.models import CalendarKind, District, School
from portal.schools.queries.calendar import days_of, entries_for
from portal.visits.models import Blackout, Leave, Programme, Topic, Visit, VisitChange
from portal.visits.policy.calendars import goes_there
from portal.visits.policy.visits import visible_to
from portal.visits.states import HOLDING_TIME

Entry = Row[*tuple[Any, ...]]


class MarkKind(StrEnum):
    """Why a day is not like others."""

    HOLIDAY = "holiday"
    BREAK = "break"
    EXAM = "exam"
    CLOSED = "closed"
    LEAVE = "leave"


@dataclass(frozen=True)
class Mark:
    """What is noted for some days, both ends included; leave has no title of its own."""

    kind: MarkKind
    title: str
    first_on: date
    last_on: date


@dataclass(frozen=True)
class Day:
    """One day: its sessions in order, what is noted for it, and what of that begins with it."""

    day: date
    visits: tuple[Entry, ...]
    marks: tuple[Mark, ...]
    begins: tuple[Mark, ...]


@dataclass(frozen=True)
class Wanted:
    """Which sessions are shown; `school` and `district` by public id and slug, empty for all."""

    mine: bool = False
    school: str = ""
    district: str = ""


# When the last change of a session was answered; its new time stands since then.
_CHANGED_AT = (
    select(func.max(VisitChange.answered_at))
    .where(VisitChange.visit_id == Visit.id)
    .scalar_subquery()
)


def entries() -> Select[*tuple[Any, ...]]:
    """Return the statement for sessions with what calendars show of them."""
    return (
        select(
            Visit.id,
            Visit.public_id,
            Visit.reference,
            Visit.state,
            Visit.starts_at,
            Visit.ends_at,
            Visit.room,
            Visit.own_topic,
            Visit.version,
            Visit.requested_at,
            Visit.offered_at,
            Visit.decided_at,
            Visit.room_ready_at,
            Visit.delivered_at,
            Visit.school_confirmed_at,
            _CHANGED_AT.label("changed_at"),
            School.name.label("school_name"),
            District.name.label("district_name"),
            Programme.name_id.label("programme_id_name"),
            Programme.name_en.label("programme_en_name"),
            Topic.title_id,
            Topic.title_en,
            User.full_name.label("worker_name"),
            User.called.label("worker_called"),
        )
        .join(School, School.id == Visit.school_id)
        .join(District, District.code == School.district_code)
        .join(Programme, Programme.id == Visit.programme_id)
        .join(User, User.id == Visit.social_worker_id)
        .outerjoin(Topic, Topic.id == Visit.topic_id)
        .order_by(Visit.starts_at, Visit.id)
    )


def days(
    session: Session, actor: Actor, wanted: Wanted, school: School | None, first: date, last: date
) -> list[Day]:
    """Return some days, both ends included, with what an actor may see of them.

    `school` is the one whose calendar is noted beside that of all schools.
    """
    marks = list(_marks(session, actor, school, first, last))
    by_day: dict[date, list[Entry]] = {}
    for row in _visits(session, actor, wanted, first, last):
        by_day.setdefault(clock.day_of(row.starts_at), []).append(row)
    return [
        _day(first + timedelta(days=number), first, by_day, marks)
        for number in range((last - first).days + 1)
    ]


def _day(day: date, first: date, visits: dict[date, list[Entry]], marks: Sequence[Mark]) -> Day:
    over_it = tuple(mark for mark in marks if mark.first_on <= day <= mark.last_on)
    begins = tuple(mark for mark in over_it if day == max(mark.first_on, first))
    return Day(day, tuple(visits.get(day, ())), over_it, begins)


def _visits(
    session: Session, actor: Actor, wanted: Wanted, first: date, last: date
) -> Sequence[Entry]:
    start, end = clock.day_bounds(first, last)
    found = entries().where(
        visible_to(actor),
        Visit.state.in_(sorted(HOLDING_TIME)),
        Visit.starts_at >= start,
        Visit.starts_at < end,
    )
    if wanted.mine:
        found = found.where(goes_there(actor.user_id))
    if wanted.school:
        found = found.where(School.public_id == wanted.school)
    if wanted.district:
        found = found.where(District.slug == wanted.district)
    return session.execute(found).all()


def _marks(
    session: Session, actor: Actor, school: School | None, first: date, last: date
) -> Iterator[Mark]:
    """Yield what is noted for these days, what hinders sessions most coming first."""
    leave = select(Leave).where(
        Leave.user_id == actor.user_id, Leave.first_day <= last, Leave.last_day >= first
    )
    for away in session.scalars(leave.order_by(Leave.first_day)):
        yield Mark(MarkKind.LEAVE, "", away.first_day, away.last_day)
    yield from _holidays(first, last)
    if actor.may_somewhere(Permission.CALENDAR_READ):
        for entry in entries_for(session, actor, school):
            noted = days_of(entry)
            if noted.kind is not CalendarKind.OPEN and _meets(
                noted.first_on, noted.last_on, first, last
            ):
                yield Mark(MarkKind(noted.kind), noted.title, noted.first_on, noted.last_on)
    closed = select(Blackout).where(Blackout.first_on <= last, Blackout.last_on >= first)
    for each in session.scalars(closed.order_by(Blackout.first_on)):
        title = (i18n.language() == "en" and each.name_en) or each.name
        yield Mark(MarkKind.CLOSED, title, each.first_on, each.last_on)


def _meets(first: date, last: date, other_first: date, other_last: date) -> bool:
    return first <= other_last and last >= other_first


def _holidays(first: date, last: date) -> Iterator[Mark]:
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        name = clock.holiday_name(day, i18n.language())
        if name is not None:
            yield Mark(MarkKind.HOLIDAY, name, day, day)


def touched_at(entry: Entry) -> datetime:
    """Return when a session last took a step that people see."""
    moments = (
        entry.requested_at,
        entry.offered_at,
        entry.decided_at,
        entry.room_ready_at,
        entry.delivered_at,
        entry.school_confirmed_at,
        entry.changed_at,
    )
    latest: datetime = max(moment for moment in moments if moment is not None)
    return latest
