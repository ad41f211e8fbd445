"""Letting go of what a school told of a child; that something was told stays, for the figures."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.actions.forgetting import blank
from portal.monitoring.models import Alert, FollowUp, FormAnswers, MonitoringForm, Reply
from portal.monitoring.policy.scoring import Filled, Result
from portal.monitoring.states import Band

# Answers nobody can read any more say nothing: not even that nothing was seen.
UNKNOWN = Filled(frozenset(), {}).to_json()
NOTHING = Result(0, None, None, Band.TOO_LITTLE).to_json()


def forget(session: Session, case_id: UUID) -> None:
    """Forget answers, notes, replies, initials and what was done about alerts of a case."""
    follow_ups = session.scalars(select(FollowUp).where(FollowUp.case_id == case_id)).all()
    ids = [each.id for each in follow_ups]
    forms = select(MonitoringForm.id).where(MonitoringForm.follow_up_id.in_(ids))
    blank(follow_ups)
    blank(session.scalars(select(Alert).where(Alert.follow_up_id.in_(ids))))
    blank(session.scalars(select(Reply).where(Reply.form_id.in_(forms))))
    answers = session.scalars(select(FormAnswers).where(FormAnswers.form_id.in_(forms))).all()
    blank(answers)
    for each in answers:
        each.answers, each.result = UNKNOWN, NOTHING
