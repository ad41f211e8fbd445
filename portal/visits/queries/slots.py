"""Reading the diary: workers with their hours, leave and terms, and what takes their time.

The rule itself is in `diary` (free slots, clashes), `load` (weeks) and `days` (starts, lessons).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Role
from portal.core.prepared import NOW, prepared
from portal.core.settings import Office
from portal.people.queries import accounts as people
from portal.schools.models import CalendarEntry, School
from portal.visits.models import (
    Blackout,
    BookingCell,
    Hold,
    Leave,
    LedgerEntry,
    Programme,
    Resource,
    TravelTime,
    Visit,
    VisitChange,
    VisitWorker,
    WorkerTerms,
    WorkingHours,
    WorkKind,
)
from portal.visits.queries import urgent
from portal.visits.queries.days import (
    ClosedDays,
    OpenDays,
    Place,
    booking_window,
    every_start,
    starts_on,
    times_on,
)
from portal.visits.queries.diary import Clash, Diary, Problem, Slot, crew_size
from portal.visits.queries.load import Busy, Ledger, Load, Terms, Worker
from portal.visits.states import HOLDING_TIME, ChangeState, VisitState

__all__ = [
    "Busy",
    "Clash",
    "ClosedDays",
    "Diary",
    "Load",
    "Place",
    "Problem",
    "Slot",
    "Terms",
    "Worker",
    "booking_window",
    "crew_size",
    "every_start",
    "load_diary",
    "load_workers",
    "nearest_free",
    "starts_on",
    "times_on",
    "working_week",
]

WAYS = select(TravelTime.from_code, TravelTime.to_code, TravelTime.minutes)


def load_diary(
    session: Session,
    office: Office,
    first: date,
    last: date,
    *,
    without_hold_of: UUID | None = None,
) -> Diary:
    """Read whole weeks around a stretch of days; a school's own hold does not block itself."""
    monday, sunday = clock.monday_of(first), clock.monday_of(last) + timedelta(days=6)
    start, end = clock.day_bounds(monday, sunday)
    busy = [
        *_visits(session, start, end),
        *_changes(session, start, end),
        *_holds(session, start, end, without_hold_of),
    ]
    workers = load_workers(session, monday)
    return Diary(
        workers,
        busy,
        {(origin, target): minutes for origin, target, minutes in session.execute(WAYS)},
        office,
        days=_open_days(session, monday, sunday),
        ledger=_ledger(session, monday, sunday),
        urgent=urgent.minutes_by_week(
            session, [worker.id for worker in workers], office["urgent_work_minutes"]
        ),
    )


def working_week() -> date:
    """Return the Monday of the week the office looks at: this one, or on a weekend the next."""
    return clock.monday_of(clock.add_working_days(clock.today() - timedelta(days=1), 1))


def load_workers(session: Session, first: date) -> list[Worker]:
    """Read the social workers of today with their hours, terms and the leave from a day on."""
    workers = {
        user.id: Worker(user.id, user.public_id, user.full_name, user.short_name)
        for user in people.people_with_role(session, Role.SOCIAL_WORKER)
    }
    for hours in session.scalars(*_hours_of(workers=list(workers))):
        workers[hours.user_id].hours[hours.weekday] = (hours.starts, hours.ends)
    for leave in session.scalars(*_leave_of(workers=list(workers), first=first)):
        workers[leave.user_id].leave.append((leave.first_day, leave.last_day))
    for terms in session.scalars(*_terms_of(workers=list(workers))):
        known = Terms(terms.from_on, terms.weekly_minutes, terms.visit_minutes)
        workers[terms.user_id].terms.append(known)
    return list(workers.values())


@prepared
def _hours_of(*, workers: list[UUID]) -> Select[WorkingHours]:
    return select(WorkingHours).where(WorkingHours.user_id.in_(workers))


@prepared
def _leave_of(*, workers: list[UUID], first: date) -> Select[Leave]:
    return select(Leave).where(Leave.user_id.in_(workers), Leave.last_day >= first)


@prepared
def _terms_of(*, workers: list[UUID]) -> Select[WorkerTerms]:
    return select(WorkerTerms).where(WorkerTerms.user_id.in_(workers))


def _visits(session: Session, start: datetime, end: datetime) -> Iterator[Busy]:
    """Yield each visit for its leader, and for everybody who goes along."""
    query, values = _held(start=start, end=end)
    seen: set[UUID | None] = set()
    for row in session.execute(query, values):
        led = Busy(*row[:-1])
        if led.visit_id not in seen:
            seen.add(led.visit_id)
            yield led
        if row.user_id:
            yield replace(led, worker_id=row.user_id)


@prepared
def _held(
    *, start: datetime, end: datetime
) -> Select[datetime, datetime, UUID, UUID, str, str, UUID, bool, UUID]:
    return (
        select(
            Visit.starts_at,
            Visit.ends_at,
            Visit.social_worker_id,
            Visit.school_id,
            School.name,
            School.district_code,
            Visit.id,
            Visit.state.not_in((VisitState.REQUESTED, VisitState.OFFERED)),
            VisitWorker.user_id,
        )
        .join(School, School.id == Visit.school_id)
        .outerjoin(VisitWorker, VisitWorker.visit_id == Visit.id)
        .where(
            Visit.starts_at >= start, Visit.starts_at < end, Visit.state.in_(sorted(HOLDING_TIME))
        )
    )


def _changes(session: Session, start: datetime, end: datetime) -> Iterator[Busy]:
    """Yield the times open changes ask for, which are taken beside those of their visits."""
    query, values = _asked_for(start=start, end=end)
    seen: set[tuple[UUID | None, UUID]] = set()
    for row in session.execute(query, values):
        asked = Busy(*row[:-2])
        # Where somebody of the crew shall lead, the leader of today goes along.
        other = row.leader if row.user_id == asked.worker_id else row.user_id
        for worker_id in filter(None, (asked.worker_id, other)):
            if (asked.visit_id, worker_id) not in seen:
                seen.add((asked.visit_id, worker_id))
                yield replace(asked, worker_id=worker_id)


@prepared
def _asked_for(
    *, start: datetime, end: datetime
) -> Select[datetime, datetime, UUID, UUID, str, str, UUID, UUID, UUID]:
    return (
        select(
            VisitChange.starts_at,
            VisitChange.ends_at,
            VisitChange.social_worker_id,
            Visit.school_id,
            School.name,
            School.district_code,
            Visit.id,
            Visit.social_worker_id.label("leader"),
            VisitWorker.user_id,
        )
        .join(Visit, Visit.id == VisitChange.visit_id)
        .join(School, School.id == Visit.school_id)
        .outerjoin(VisitWorker, VisitWorker.visit_id == Visit.id)
        .where(
            VisitChange.state == ChangeState.ASKED,
            VisitChange.starts_at >= start,
            VisitChange.starts_at < end,
        )
    )


def _holds(
    session: Session, start: datetime, end: datetime, without: UUID | None
) -> Iterator[Busy]:
    """Yield each hold for every worker whose cells it keeps."""
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
            BookingCell.resource_id,
            Hold.school_id,
            School.name,
            School.district_code,
        )
        .join(School, School.id == Hold.school_id)
        .join(
            BookingCell,
            and_(BookingCell.hold_id == Hold.id, BookingCell.resource == Resource.WORKER),
        )
        .where(Hold.starts_at >= start, Hold.starts_at < end, Hold.expires_at > NOW)
        .distinct()
    )


def _open_days(session: Session, first: date, last: date) -> OpenDays:
    closed = session.scalars(*_closed(first=first, last=last))
    entries = session.scalars(*_calendar(first=first, last=last))
    return OpenDays(
        (
            ClosedDays(
                each.first_on,
                each.last_on,
                each.name,
                each.name_en,
                each.programme_id,
                tuple(each.levels),
            )
            for each in closed
        ),
        entries,
    )


@prepared
def _closed(*, first: date, last: date) -> Select[Blackout]:
    return select(Blackout).where(Blackout.last_on >= first, Blackout.first_on <= last)


@prepared
def _calendar(*, first: date, last: date) -> Select[CalendarEntry]:
    return (
        select(CalendarEntry)
        .where(CalendarEntry.last_on >= first, CalendarEntry.first_on <= last)
        .order_by(CalendarEntry.first_on, CalendarEntry.id)
    )


def _ledger(session: Session, first: date, last: date) -> Ledger:
    minutes: Counter[tuple[UUID, date, WorkKind]] = Counter()
    for user_id, day, kind, sum_of_day in session.execute(*_work(first=first, last=last)):
        minutes[user_id, clock.monday_of(day), WorkKind(kind)] += int(sum_of_day)
    return dict(minutes)


@prepared
def _work(*, first: date, last: date) -> Select[UUID, date, str, int]:
    return (
        select(
            LedgerEntry.user_id, LedgerEntry.day, LedgerEntry.kind, func.sum(LedgerEntry.minutes)
        )
        .where(LedgerEntry.day >= first, LedgerEntry.day <= last)
        .group_by(LedgerEntry.user_id, LedgerEntry.day, LedgerEntry.kind)
    )


def nearest_free(
    session: Session, office: Office, school: School, programme: Programme
) -> Slot | None:
    """Return the first slot of a programme a school could book."""
    first, last = booking_window(office, programme.notice_working_days)
    diary = load_diary(session, office, first, last, without_hold_of=school.id)
    place = Place.of(school, programme=programme)
    return next(diary.slots(place, programme.minutes, first, last), None)
