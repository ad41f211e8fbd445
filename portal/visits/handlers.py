"""What visits do when something happens elsewhere: a social worker leaves."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, duties
from portal.core.access import Actor, Role
from portal.core.events import emit, on
from portal.people.events import AppointmentEnded
from portal.schools.models import School
from portal.visits.actions import about, leaving
from portal.visits.events import VisitHandedOver
from portal.visits.models import Visit
from portal.visits.states import VisitState


@on(AppointmentEnded)
def hand_over_visits(session: Session, actor: Actor | None, ended: AppointmentEnded) -> None:
    """Give a leaving social worker's coming sessions to the successor, where their time is free.

    What does not fit, or has no successor, waits for a coordinator; the school notices nothing yet.
    """
    if ended.role != Role.SOCIAL_WORKER:
        return
    coming = session.execute(
        select(Visit, School)
        .join(School, School.id == Visit.school_id)
        .where(
            Visit.social_worker_id == ended.user_id,
            Visit.state.in_([VisitState.SCHEDULED, VisitState.REQUESTED]),
            Visit.starts_at > clock.now(),
        )
        .order_by(Visit.starts_at, Visit.id)
    ).all()
    for visit, school in coming:
        _hand_over(session, actor, visit, school, ended.successor_id)


def _hand_over(
    session: Session, actor: Actor | None, visit: Visit, school: School, to: UUID | None
) -> None:
    before = visit.social_worker_id
    taken = to is not None and leaving.take_over(session, visit, school, to)
    if taken and to is not None:
        duties.hand_over(session, before, to, subject_id=visit.id)
    emit(session, actor, VisitHandedOver(visit.id, to if taken else None))
    if not taken and visit.state == VisitState.SCHEDULED:
        duties.close_duties(session, visit.id, "record_delivery")
        about.open_duty(
            session,
            visit,
            school,
            "find_worker",
            about.Whom(role=Role.COORDINATOR),
            due_at=visit.starts_at,
        )
