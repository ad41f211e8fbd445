"""Scheduling a request at once where its programme says so and nothing speaks against it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import settings
from portal.schools.models import School
from portal.visits.actions import deciding
from portal.visits.actions.cells import crew_of
from portal.visits.models import NeedSide, Programme, Visit, VisitNeed
from portal.visits.queries.share import share_of
from portal.visits.states import VisitState


def consider(session: Session, visit_id: UUID) -> bool:
    """Schedule a request without anybody's answer, if its programme allows; say whether it was.

    The office looks itself at more than a school's share, at a large crew, at needs in words, and
    at what it does not have now. That worker and time are free, and the notice kept, was asked when
    the time was taken.
    """
    visit = session.get_one(Visit, visit_id)
    programme = session.get_one(Programme, visit.programme_id)
    if not programme.auto_accept or visit.state != VisitState.REQUESTED:
        return False
    if visit.needs or crew_of(session, visit.id) or _lacking(session, visit):
        return False
    office = settings.read(session)
    share = share_of(session, office, visit.school_id, programme, visit.starts_at)
    # The request itself is among those used already.
    if share.after(-1).reached:
        return False
    visit.follow(frozenset({VisitState.REQUESTED}), VisitState.SCHEDULED)
    deciding.schedule(session, None, visit, session.get_one(School, visit.school_id))
    return True


def _lacking(session: Session, visit: Visit) -> bool:
    """Say whether something is asked for that the office does not have now."""
    had = session.scalars(
        select(VisitNeed.code).where(VisitNeed.side == NeedSide.OFFICE, VisitNeed.active)
    )
    return not set(visit.bring) <= set(had)
