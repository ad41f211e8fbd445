"""When a school becomes part of another: whoever manages a case says where its child goes now."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.cases.actions.waiting import wait_for_school
from portal.cases.models import Case
from portal.cases.states import CaseState
from portal.schools.models import School
from portal.schools.queries.above import Effect, Foresight


def foresee(session: Session, school: School, _successor: School) -> Foresight:
    """Return about how many children somebody is asked; never about whom."""
    asked = select(func.count()).select_from(_open_at(school.id).subquery())
    return Foresight({Effect.CASES_ASK: session.scalar(asked) or 0})


def ask_managers(session: Session, school_id: UUID, successor_id: UUID) -> None:
    """Ask where the children of a school go now; what the file says of them stays until then."""
    successor = session.get_one(School, successor_id)
    for case in session.scalars(_open_at(school_id)).all():
        wait_for_school(session, case, successor.name)


def _open_at(school_id: UUID) -> Select[Case]:
    return (
        select(Case)
        .where(Case.school_id == school_id, Case.state == CaseState.OPEN)
        .order_by(Case.id)
    )
