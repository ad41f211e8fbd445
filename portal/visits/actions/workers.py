"""Social workers' hours, terms and leave."""

from __future__ import annotations

from datetime import date, time
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.visits.events import HoursChanged, LeaveAdded, LeaveRemoved, TermsChanged
from portal.visits.models import Leave, WorkerTerms, WorkingHours
from portal.visits.queries.load import Terms


def set_hours(
    session: Session, actor: Actor, user_id: UUID, hours: dict[int, tuple[time, time]]
) -> None:
    """Replace a worker's weekly hours; raises Rejected("hours_order") when one ends too soon."""
    for weekday, (starts, ends) in hours.items():
        if ends <= starts:
            raise Rejected("hours_order", f"ends_{weekday}")
    session.execute(delete(WorkingHours).where(WorkingHours.user_id == user_id))
    session.add_all(
        WorkingHours(user_id=user_id, weekday=weekday, starts=starts, ends=ends)
        for weekday, (starts, ends) in sorted(hours.items())
    )
    minutes = sum(_minute_of(ends) - _minute_of(starts) for starts, ends in hours.values())
    emit(session, actor, HoursChanged(user_id, days=len(hours), minutes=minutes))


def _minute_of(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def set_terms(session: Session, actor: Actor, user_id: UUID, terms: Terms) -> None:
    """Write down how much of a week a worker has from a day on; earlier terms stay as they were.

    The same day again puts its terms right. Raises Rejected("terms_order") where sessions would
    take more than the whole week.
    """
    if terms.visit_minutes > terms.weekly_minutes:
        raise Rejected("terms_order", "visit_hours")
    known = session.scalars(
        select(WorkerTerms).where(
            WorkerTerms.user_id == user_id, WorkerTerms.from_on == terms.from_on
        )
    ).one_or_none()
    row = known or WorkerTerms(user_id=user_id, from_on=terms.from_on)
    row.weekly_minutes, row.visit_minutes = terms.weekly_minutes, terms.visit_minutes
    row.recorded_by, row.recorded_at = actor.user_id, clock.now()
    session.add(row)
    session.flush()
    changed = TermsChanged(user_id, terms.from_on, terms.weekly_minutes, terms.visit_minutes)
    emit(session, actor, changed)


def add_leave(
    session: Session, actor: Actor, user_id: UUID, first_day: date, last_day: date
) -> Leave:
    """Write down that a worker is away; raises Rejected("leave_order") or ("leave_twice")."""
    if last_day < first_day:
        raise Rejected("leave_order", "last_day")
    overlapping = select(Leave).where(
        Leave.user_id == user_id, Leave.first_day <= last_day, Leave.last_day >= first_day
    )
    if session.scalars(overlapping).first():
        raise Rejected("leave_twice", "first_day")
    leave = Leave(
        user_id=user_id, first_day=first_day, last_day=last_day, recorded_by=actor.user_id
    )
    session.add(leave)
    session.flush()
    emit(session, actor, LeaveAdded(leave.id, user_id, first_day, last_day))
    return leave


def remove_leave(session: Session, actor: Actor, leave: Leave) -> None:
    """Take an entry of leave back."""
    session.delete(leave)
    emit(session, actor, LeaveRemoved(leave.id, leave.user_id, leave.first_day, leave.last_day))
