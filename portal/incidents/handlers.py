"""What the desk does when something happens: a report comes in, an answer leaves, somebody goes."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import duties
from portal.core.access import Actor, Permission
from portal.core.events import on
from portal.incidents.actions.arriving import REPLY, announce
from portal.incidents.actions.conflicts import hand_over, pass_on, release
from portal.incidents.events import ReportAnswered, ReportReceived
from portal.incidents.models import Report
from portal.incidents.states import OPEN
from portal.people.events import AppointmentEnded, ConflictRecorded
from portal.people.queries.appointments import appointments_of
from portal.people.queries.confidential import kept_away


@on(ReportReceived)
def ask_for_reading(session: Session, _actor: Actor | None, happened: ReportReceived) -> None:
    """Let a report wait for whoever is on duty."""
    announce(session, session.get_one(Report, happened.subject_id))


@on(ReportAnswered)
def settle_reply(session: Session, _actor: Actor | None, happened: ReportAnswered) -> None:
    """Let the first answer wait no longer."""
    if happened.subject_id is not None:
        duties.close_duties(session, happened.subject_id, REPLY)


@on(ConflictRecorded)
def ask_others(session: Session, actor: Actor | None, happened: ConflictRecorded) -> None:
    """Take a report from somebody who must not see it, and let it wait for others."""
    report = session.get(Report, happened.record_id)
    if report is not None:
        pass_on(session, actor, report, happened.user_id)


@on(AppointmentEnded)
def hand_reports_over(session: Session, actor: Actor | None, ended: AppointmentEnded) -> None:
    """Give the open reports of somebody who may no longer handle them to the successor.

    Without one, or where the successor must not see it or reported it, the desk reads it anew.
    """
    leaving = Actor(ended.user_id, "", appointments_of(session, ended.user_id))
    if leaving.may_somewhere(Permission.REPORT_TRIAGE):
        return
    held = select(Report).where(Report.handler_id == ended.user_id, Report.state.in_(sorted(OPEN)))
    for report in session.scalars(held.with_for_update()):
        successor = ended.successor_id
        unfit = kept_away(session, report.id) | {report.filed_by}
        if successor is None or successor in unfit:
            release(session, actor, report)
        else:
            hand_over(session, actor, report, successor)
