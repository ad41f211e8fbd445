"""Which schools are asked how a child is, some months after its case was closed."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from portal.cases.models import Case, Sentinel
from portal.cases.states import CaseState
from portal.core import clock
from portal.monitoring.models import FollowUp, MonitoringForm, Watcher
from portal.monitoring.policy import access
from portal.monitoring.states import FollowUpState, FormKind

# A look back is near when its week has come, and past when no break lasts as long.
AHEAD = timedelta(days=6)
BEHIND = timedelta(weeks=10)


def near(session: Session) -> list[UUID]:
    """Return the looks back for which a school that knew the child may have to be asked now."""
    today = clock.today()
    followed = exists().where(FollowUp.case_id == Sentinel.case_id)
    return list(
        session.scalars(
            select(Sentinel.id)
            .join(Case, Case.id == Sentinel.case_id)
            .where(
                Case.state == CaseState.CLOSED,
                Sentinel.cancelled_at.is_(None),
                Sentinel.due_on.between(today - BEHIND, today + AHEAD),
                followed,
            )
            .order_by(Sentinel.id)
        )
    )


def to_look_after(session: Session) -> list[UUID]:
    """Return the ended follow-ups with a later check that waits, or somebody who still sees one."""
    watched = exists().where(Watcher.follow_up_id == FollowUp.id, Watcher.ended_at.is_(None))
    ended = FollowUp.state == FollowUpState.ENDED
    found = select(FollowUp.id).where(ended, or_(access.asked_later(), watched))
    return list(session.scalars(found.order_by(FollowUp.id)))


def asked_about(session: Session, case_id: UUID) -> list[UUID]:
    """Return the follow-ups of a case on which later checks hang."""
    check = exists().where(
        MonitoringForm.follow_up_id == FollowUp.id, MonitoringForm.kind == FormKind.SENTINEL
    )
    found = select(FollowUp.id).where(
        FollowUp.case_id == case_id, FollowUp.state == FollowUpState.ENDED, check
    )
    return list(session.scalars(found.order_by(FollowUp.id)))


def is_asked(session: Session, follow_up_id: UUID) -> bool:
    """Say whether a later check of a follow-up that is over can still be sent."""
    found = select(FollowUp.id).where(FollowUp.id == follow_up_id, access.asked_later())
    return session.scalar(found) is not None


def watched_last(session: Session, follow_up: FollowUp) -> list[Watcher]:
    """Return who filled in the forms when they were asked for last; substitutes come last."""
    watchers = session.scalars(
        select(Watcher)
        .where(Watcher.follow_up_id == follow_up.id, Watcher.ended_at >= follow_up.ended_at)
        .order_by(Watcher.ended_at.desc(), Watcher.substitute)
    )
    return list(watchers)
