"""The one change of a session that waits for an answer, and what ends it unanswered."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, duties
from portal.core.access import Actor
from portal.core.events import emit
from portal.visits.actions import about
from portal.visits.actions.cells import settle, stay_of
from portal.visits.events import ChangeDropped
from portal.visits.models import Visit, VisitChange
from portal.visits.states import ASKED, ChangeState


def open_change(session: Session, visit: Visit) -> VisitChange | None:
    """Return the change of a visit that waits for an answer."""
    return session.scalars(
        select(VisitChange).where(
            VisitChange.visit_id == visit.id, VisitChange.state == ChangeState.ASKED
        )
    ).one_or_none()


def forget(session: Session, actor: Actor | None, visit: Visit) -> VisitChange | None:
    """End a change because of what became of the visit; its cells are the caller's business."""
    change = open_change(session, visit)
    if change is None:
        return None
    change.follow(ASKED, ChangeState.WITHDRAWN)
    change.answered_at = clock.now()
    change.answered_by = actor.user_id if actor else None
    duties.close_duties(session, visit.id, about.ANSWER_CHANGE)
    session.flush()
    emit(session, actor, ChangeDropped(visit.id, visit.school_id, change.by_office))
    return change


def drop(session: Session, actor: Actor | None, visit: Visit) -> VisitChange | None:
    """End a change and give back the time it held; the visit keeps its own."""
    change = forget(session, actor, visit)
    if change is not None:
        settle(session, visit, stay_of(session, visit))
    return change
