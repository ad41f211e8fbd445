"""When a school becomes part of another: its teachers fill in their forms there without a gap.

The return-to-school plan stays with the school it was shared with, until whoever manages the case
says where the child goes now.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.core import duties
from portal.monitoring.actions import scheduling
from portal.monitoring.actions.form_waiting import OF_FOLLOW_UP
from portal.monitoring.models import FollowUp
from portal.monitoring.states import FollowUpState
from portal.schools.models import School
from portal.schools.queries.above import Effect, Foresight


def foresee(session: Session, school: School, _successor: School) -> Foresight:
    """Return how many children are looked after at a school; never which."""
    watched = select(func.count()).select_from(_going_on(school.id).subquery())
    return Foresight({Effect.FORMS_MOVE: session.scalar(watched) or 0})


def follow_merger(session: Session, school_id: UUID, successor_id: UUID) -> None:
    """Let what goes on at a school go on at its successor, where its teachers are now."""
    successor = session.get_one(School, successor_id)
    for follow_up in session.scalars(_going_on(school_id)).all():
        follow_up.school_id = successor_id
        duties.move_school(
            session, follow_up.case_id, school_id, successor_id, successor.name, OF_FOLLOW_UP
        )
    session.flush()
    scheduling.follow_calendar(session, successor_id)


def _going_on(school_id: UUID) -> Select[FollowUp]:
    return (
        select(FollowUp)
        .where(FollowUp.school_id == school_id, FollowUp.state != FollowUpState.ENDED)
        .order_by(FollowUp.id)
    )
