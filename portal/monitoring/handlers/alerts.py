"""Alerts and answers follow what happens: forms come or stay away, cases change hands or end."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from portal.cases.actions.file import lock
from portal.cases.events import (
    CaseAssigned,
    CaseClosed,
    CaseOpened,
    CaseReleased,
    CaseReopened,
)
from portal.cases.models import Case
from portal.cases.queries.sentences import explain
from portal.cases.states import CaseState, EntryKind
from portal.core import duties
from portal.core.access import Actor, Permission, Role
from portal.core.duties import AlarmTaken
from portal.core.events import on
from portal.monitoring.actions import alerting, settling
from portal.monitoring.actions.waiting import ANSWER, URGENT, wait_for_answer
from portal.monitoring.events import FormMissed, FormSent
from portal.monitoring.models import FollowUp, MonitoringForm
from portal.monitoring.queries import alerts, inbox
from portal.monitoring.queries.words import ALERT_STEPS, ALERTS
from portal.monitoring.states import AlertKind
from portal.people.events import ConflictLifted, ConflictRecorded

explain(EntryKind.ALERT, "step", ALERT_STEPS)
explain(EntryKind.ALERT, "alert", ALERTS)


def _lock_case(session: Session, case_id: UUID) -> None:
    lock(session, session.get_one(Case, case_id))


duties.lock_first(URGENT, _lock_case)


@on(FormSent)
def follow_form(session: Session, _actor: Actor | None, happened: FormSent) -> None:
    """Raise what a form asks for, and let it wait for an answer."""
    form = session.get_one(MonitoringForm, happened.subject_id)
    session.flush()
    alerting.follow_form(session, form)
    follow_up = session.get_one(FollowUp, form.follow_up_id)
    case = session.get_one(Case, follow_up.case_id)
    # Where another body goes on, nobody here could answer a correction.
    if case.state != CaseState.TRANSFERRED:
        wait_for_answer(session, case, form)


@on(FormMissed)
def follow_silence(session: Session, _actor: Actor | None, happened: FormMissed) -> None:
    """Raise an alert when a school is silent."""
    session.flush()
    alerting.follow_silence(session, session.get_one(MonitoringForm, happened.subject_id))


@on(AlarmTaken)
def take_alarm(session: Session, actor: Actor | None, happened: AlarmTaken) -> None:
    """Take on the alert behind an alarm that somebody said they take care of."""
    if actor is None or happened.kind != URGENT or happened.subject_id is None:
        return
    # An admin is asked where nobody else is there: the bell is theirs, the alert is not.
    if actor.may_somewhere(Permission.MONITORING_ALERT):
        settling.take_alarm(session, actor, happened.subject_id)


@on(CaseAssigned)
@on(CaseReleased)
def follow_workers(
    session: Session, _actor: Actor | None, happened: CaseAssigned | CaseReleased
) -> None:
    """Let what waits about a child at school wait for whoever manages its case now."""
    session.flush()
    case = session.get_one(Case, happened.subject_id)
    duties.ask_instead(session, case.id, (ANSWER,), case.manager_id, Role.COORDINATOR)
    if isinstance(happened, CaseReleased):
        settling.let_go(session, case, happened.user_id)
    settling.look_again(session, case)


@on(ConflictRecorded)
@on(ConflictLifted)
def ask_others(
    session: Session, _actor: Actor | None, happened: ConflictRecorded | ConflictLifted
) -> None:
    """Ask others about alerts, now that somebody must not see a case, or may again."""
    case = session.get(Case, happened.record_id)
    if case is not None:
        session.flush()
        settling.look_again(session, case)


@on(CaseClosed)
def keep_waiting(session: Session, actor: Actor | None, happened: CaseClosed) -> None:
    """Let alerts and unanswered forms outlive a closure; another body takes them on with it."""
    case = session.get_one(Case, happened.subject_id)
    if happened.transferred:
        settling.close_all(session, actor, case)
        return
    session.flush()
    settling.look_again(session, case)
    for form in inbox.unanswered_of(session, case.id):
        wait_for_answer(session, case, form)


@on(CaseReopened)
def go_on(session: Session, _actor: Actor | None, happened: CaseReopened) -> None:
    """Let what a later check told wait as what any other form of an open case does."""
    session.flush()
    settling.look_again(session, session.get_one(Case, happened.subject_id))


@on(CaseOpened)
def see_relapse(session: Session, _actor: Actor | None, happened: CaseOpened) -> None:
    """Tell whoever managed a closed case that the child needs the office again."""
    session.flush()
    case = session.get_one(Case, happened.subject_id)
    for earlier in alerts.followed_before(session, case):
        lock(session, session.get_one(Case, earlier.case_id))
        alerting.raise_alert(session, earlier, AlertKind.RELAPSE)
