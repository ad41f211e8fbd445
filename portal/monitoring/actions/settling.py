"""What becomes of alerts: taken on, handed on to the division head, settled.

What one form asks for is one matter: its alerts are taken on and settled together.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.actions.file import lock, write_entry
from portal.cases.actions.tasks import end_automatic
from portal.cases.models import Case
from portal.cases.queries.tasks import VISIT_SILENT
from portal.cases.states import EntryKind
from portal.core import clock, duties
from portal.core.access import Actor
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.monitoring.actions.alerting import due_by
from portal.monitoring.actions.waiting import link_of, may_go_on, wait_for
from portal.monitoring.events import AlertMoved
from portal.monitoring.models import Alert, FollowUp
from portal.monitoring.policy.access import reaches_duty
from portal.monitoring.queries import alerts as queries
from portal.monitoring.states import AlertKind, AlertState
from portal.people.models import User

# How long the others still read who takes care of what rang for them.
TOLD = timedelta(minutes=15)


def take(session: Session, actor: Actor, alert: Alert) -> None:
    """Take on an alert and what else its form asks for; it rings for nobody any more.

    Raises Rejected("alert_taken", name=...) when a colleague was faster, Rejected("alert_over").
    """
    case = _lock(session, alert)
    if alert.state == AlertState.TAKEN:
        if alert.taken_by != actor.user_id:
            taker = session.get_one(User, alert.taken_by)
            raise Rejected("alert_taken", name=taker.full_name)
        return
    matter = queries.matter_of(session, alert)
    rang = any(each.rings for each in matter)
    for each in matter:
        if each.state == AlertState.OPEN:
            each.state, each.taken_at, each.taken_by = (
                AlertState.TAKEN,
                clock.now(),
                actor.user_id,
            )
            _tell(session, actor, case, each, "taken")
    session.flush()
    lead = queries.most_pressing(matter)
    waiting = queries.waiting_on(session, case.id, link_of(lead)) if lead else []
    if rang and waiting:
        # The others read for a while who takes care of it; see `look_again`.
        duties.acknowledge(session, actor, waiting[0])
    else:
        wait_for(session, case, matter)


def take_alarm(session: Session, actor: Actor, case_id: UUID) -> None:
    """Take on all that rings about a case, because somebody said so where it rang."""
    rings = queries.unsettled(
        session, FollowUp.case_id == case_id, Alert.rings, Alert.state == AlertState.OPEN
    )
    for each in rings:
        if each.state == AlertState.OPEN:
            take(session, actor, each)


def close(
    session: Session, actor: Actor, alert: Alert, done: str, *, guardian_settled: bool = False
) -> None:
    """Settle an alert and what else its form asks for, with what was done.

    Raises Rejected("alert_over"), Rejected("alert_done_needed", "done"), or for a red flag no
    guardian may hear of Rejected("guardian_open", "guardian_settled") before people decided that.
    """
    case = _lock(session, alert)
    if not done:
        raise Rejected("alert_done_needed", "done")
    matter = queries.matter_of(session, alert)
    if queries.any_keeps_guardian_out(session, matter) and not guardian_settled:
        raise Rejected("guardian_open", "guardian_settled")
    for each in matter:
        if each.state != AlertState.CLOSED:
            _close(session, actor, case, each, done)
    if any(each.kind == AlertKind.SILENT for each in matter):
        end_automatic(session, actor, case, VISIT_SILENT)


def close_all(session: Session, actor: Actor | None, case: Case) -> None:
    """Settle what is open about a case with which another body goes on."""
    for each in queries.unsettled(session, FollowUp.case_id == case.id):
        _close(session, actor, case, each, "")


def let_go(session: Session, case: Case, user_id: UUID) -> None:
    """Let what somebody took on, who works on a case no longer, be taken on by others."""
    for each in queries.unsettled(session, FollowUp.case_id == case.id, Alert.taken_by == user_id):
        _open_again(session, each)


def look_again(session: Session, case: Case) -> int:
    """Let every unsettled alert of a case wait for those who must look at it now.

    What nobody took on in time goes to the division head as well; whoever took it on and left, or
    must not see the case, has it no longer. Returns how many the division head is asked about anew.
    """
    moment, handed_on = clock.now(), 0
    for each in queries.unsettled(session, FollowUp.case_id == case.id):
        if each.taken_by is not None and not may_go_on(session, case, each.taken_by):
            _open_again(session, each)
        late = each.state == AlertState.OPEN and each.rings and each.due_at <= moment
        if late and each.handed_on_at is None:
            each.handed_on_at = moment
            handed_on += 1
            _tell(session, None, case, each, "handed_on")
        # The others still read who takes care of what rang for them.
        just_taken = each.rings and each.taken_at is not None and moment < each.taken_at + TOLD
        if not just_taken:
            wait_for(session, case, queries.matter_of(session, each))
    return handed_on


def _open_again(session: Session, alert: Alert) -> None:
    """Let nobody have an alert; whoever is asked now has as long as those before them had."""
    alert.state, alert.taken_at, alert.taken_by = AlertState.OPEN, None, None
    due_at = due_by(AlertKind(alert.kind), queries.hours_of(session, alert), clock.now())
    alert.due_at = max(alert.due_at, due_at)


def _lock(session: Session, alert: Alert) -> Case:
    """Lock an alert and read it as it stands; its case first, as whoever sends a form does."""
    case = session.get_one(Case, session.get_one(FollowUp, alert.follow_up_id).case_id)
    lock(session, case)
    session.refresh(alert, with_for_update=True)
    if alert.state == AlertState.CLOSED:
        raise Rejected("alert_over")
    return case


def _close(session: Session, actor: Actor | None, case: Case, alert: Alert, done: str) -> None:
    alert.state, alert.done = AlertState.CLOSED, done
    alert.closed_at, alert.closed_by = clock.now(), actor.user_id if actor else None
    duties.close_duties(session, case.id, link=link_of(alert))
    _tell(session, actor, case, alert, "closed")


def _tell(session: Session, actor: Actor | None, case: Case, alert: Alert, step: str) -> None:
    facts = {"step": step, "alert": str(alert.kind)}
    write_entry(session, actor, case, EntryKind.ALERT, facts=facts, record_id=alert.id)
    emit(session, actor, AlertMoved(alert.id, step))


def look_at_alarms(session: Session) -> dict[str, int]:
    """Look again at red flags nobody settled: whom they wait for changes with roster and time.

    Returns how many of them the division head is asked about from now on (`handed_on`).
    """
    pressing = (
        select(FollowUp.case_id)
        .join(Alert, Alert.follow_up_id == FollowUp.id)
        .where(reaches_duty(), Alert.state != AlertState.CLOSED)
    )
    cases = session.scalars(
        select(Case)
        .where(Case.id.in_(pressing))
        .order_by(Case.id)
        # Whoever does something in one at this moment goes first; the next look sees it.
        .with_for_update(skip_locked=True)
    ).all()
    return {"handed_on": sum(look_again(session, case) for case in cases)}
