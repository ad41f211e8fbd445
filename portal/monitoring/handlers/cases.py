"""What monitoring does when a case goes on or is forgotten, and what it adds to its ending."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.cases.events import CaseForgotten, CaseReopened
from portal.cases.models import Case
from portal.cases.queries.closure import hear_with, look_with
from portal.cases.queries.header import keep_from_guardian_with
from portal.core.access import Actor
from portal.core.events import on
from portal.monitoring.actions import sentinels
from portal.monitoring.actions.forgetting import forget
from portal.monitoring.events import FormMissed
from portal.monitoring.models import MonitoringForm
from portal.monitoring.queries import ending
from portal.monitoring.queries.alerts import guardian_must_not_hear
from portal.monitoring.states import FormKind

look_with(ending.SIGNS, ending.signs)
hear_with(ending.heard)
keep_from_guardian_with(guardian_must_not_hear)


@on(CaseReopened)
def ask_no_school(session: Session, _actor: Actor | None, happened: CaseReopened) -> None:
    """Ask no school how the child is since: the case goes on."""
    sentinels.withdraw(session, session.get_one(Case, happened.subject_id))


@on(FormMissed)
def end_later_check(session: Session, _actor: Actor | None, happened: FormMissed) -> None:
    """Let nobody at the school see anything once a later check did not come."""
    form = session.get_one(MonitoringForm, happened.subject_id)
    if form.kind == FormKind.SENTINEL:
        sentinels.look_after(session, form.follow_up_id)


@on(CaseForgotten)
def forget_answers(session: Session, _actor: Actor | None, happened: CaseForgotten) -> None:
    """Forget what a school told of a child whose time is over."""
    if happened.subject_id is not None:
        forget(session, happened.subject_id)
