"""The follow-ups of a case, and who fills in their forms."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.monitoring.models import FollowUp, Watcher
from portal.monitoring.states import FollowUpState


def current(session: Session, case_id: UUID) -> FollowUp | None:
    """Return the follow-up of a case that is not ended; a case has one at most."""
    return session.scalars(
        select(FollowUp).where(FollowUp.case_id == case_id, FollowUp.state != FollowUpState.ENDED)
    ).first()


def of_case(session: Session, case_id: UUID) -> list[FollowUp]:
    """Return all follow-ups of a case, the newest first."""
    return list(
        session.scalars(
            select(FollowUp)
            .where(FollowUp.case_id == case_id)
            .order_by(FollowUp.began_on.desc(), FollowUp.id.desc())
        )
    )


def watchers(session: Session, follow_up_id: UUID) -> list[Watcher]:
    """Return who is asked for the forms now; a substitute stands before the regular teacher."""
    return list(
        session.scalars(
            select(Watcher)
            .where(Watcher.follow_up_id == follow_up_id, Watcher.ended_at.is_(None))
            .order_by(Watcher.substitute.desc(), Watcher.since)
        )
    )
