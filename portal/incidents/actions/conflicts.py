"""Keeping people away from a report, and giving back what somebody can handle no longer."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import duties
from portal.core.access import Actor, Permission, Role
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.incidents.actions.arriving import (
    SUBJECT,
    announce,
    close_reading,
    link_of,
    wait_for_step,
)
from portal.incidents.actions.deciding import begin
from portal.incidents.events import ReportReleased, ReportTaken
from portal.incidents.models import Report
from portal.incidents.queries import files
from portal.incidents.states import OPEN
from portal.people.actions import confidential
from portal.people.actions.confidential import Record
from portal.people.models import Conflict, User
from portal.people.queries.appointments import holders
from portal.people.queries.confidential import kept_away


def record_of(report: Report) -> Record:
    """Return a report as conflict lists and emergency accesses name it."""
    return Record(SUBJECT, report.id, report.locator, link_of(report))


def keep_away(session: Session, actor: Actor, report: Report, person: User, reason: str) -> None:
    """Keep somebody away from a report, also its handler, who then no longer handles it.

    Raises what `begin` raises, Rejected("conflict_known"), or Rejected("nobody_left") when no
    coordinator could open it any more.
    """
    begin(session, actor, report)
    kept = kept_away(session, report.id) | {person.id}
    if kept.issuperset(holders(session, Role.COORDINATOR)):
        raise Rejected("nobody_left", "person")
    confidential.record_conflict(session, actor, record_of(report), person.id, reason)


def pass_on(session: Session, actor: Actor | None, report: Report, user_id: UUID) -> None:
    """Let a report wait for others than somebody who must not see it from now on."""
    # Whoever was asked by name may have been the only one.
    working = actor.user_id if actor and files.works_on(session, actor, report.id) else None
    others = [each for each in (report.handler_id, working) if each and each != user_id]
    if report.handler_id == user_id or (not others and report.state in OPEN):
        release(session, actor, report)
    elif not others:
        duties.close_duties(session, report.id)
    elif report.read_at is None:
        close_reading(session, report.id)
        announce(session, report)
    else:
        wait_for_step(session, report, others[0])


def lift(session: Session, actor: Actor, report: Report, conflict: Conflict) -> None:
    """Let somebody see a report again.

    Raises what `begin` raises, Rejected("not_allowed") for all but the coordinators, or
    Rejected("own_rights").
    """
    begin(session, actor, report)
    if not actor.may(Permission.REPORT_TRIAGE):
        raise Rejected("not_allowed")
    confidential.lift_conflict(session, actor, conflict)


def release(session: Session, actor: Actor | None, report: Report) -> None:
    """Take a report from its handler, who left or must not see it; the desk reads it anew."""
    duties.close_duties(session, report.id)
    report.handler_id = None
    emit(session, actor, ReportReleased(report.id))
    if report.state in OPEN:
        announce(session, report)


def hand_over(session: Session, actor: Actor | None, report: Report, to_id: UUID) -> None:
    """Give a report of somebody who leaves to a successor."""
    before = report.handler_id
    report.handler_id = to_id
    if before is not None:
        duties.hand_over(session, before, to_id, subject_id=report.id)
    wait_for_step(session, report, to_id)
    emit(session, actor, ReportTaken(report.id, to_id, before))
