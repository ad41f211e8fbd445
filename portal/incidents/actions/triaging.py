"""Sorting reports: how urgent, which belong together, what lies apart, what the school learns."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.core import clock, codes, settings
from portal.core.access import Actor, Permission
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.incidents.actions.arriving import (
    announce,
    close_reading,
    settle_quarantine,
    wait_for_step,
)
from portal.incidents.actions.deciding import begin, check_open, write_note
from portal.incidents.actions.receiving import read_until
from portal.incidents.events import (
    LinkRemoved,
    QuarantineLifted,
    ReporterAgreed,
    ReportQuarantined,
    ReportsLinked,
    SchoolBypassed,
    SchoolTold,
    UrgencySet,
)
from portal.incidents.models import Report, ReportLink
from portal.incidents.queries import desk, files
from portal.incidents.states import Relation, Urgency


def set_urgency(
    session: Session, actor: Actor, report: Report, urgency: Urgency, reason: str
) -> None:
    """Find a report more urgent than it was, or (for the trained, with a reason) less.

    Raises what `begin` raises, Rejected("lower_trained"), Rejected("reason_lower") or, once it is
    finished, Rejected("state_changed").
    """
    begin(session, actor, report)
    check_open(report)
    before = Urgency(report.urgency)
    if urgency is before:
        return
    if urgency.rank > before.rank:
        if not actor.may(Permission.REPORT_LOWER):
            raise Rejected("lower_trained", "urgency")
        if not reason:
            raise Rejected("reason_lower", "urgency_reason")
    report.urgency, report.urgency_reason = urgency, reason
    if report.read_at is None:
        report.read_until = read_until(settings.read(session), urgency, report.received_at)
    # Ring again where nobody has it in hand: the danger is new.
    rings = urgency is Urgency.SAME_HOUR and report.handler_id is None
    if report.read_at is None or rings:
        close_reading(session, report.id)
        announce(session, report)
    emit(session, actor, UrgencySet(report.id, before, urgency))


def quarantine(session: Session, actor: Actor, report: Report) -> None:
    """Put a report last, since it seems to be none; raises what `begin` raises."""
    begin(session, actor, report)
    check_open(report)
    if report.quarantined:
        return
    report.quarantined = True
    close_reading(session, report.id)
    wait_for_step(session, report, actor.user_id)
    settle_quarantine(session)
    emit(session, actor, ReportQuarantined(report.id))


def lift_quarantine(session: Session, actor: Actor, report: Report) -> None:
    """Look at a report like any other after all; raises what `begin` raises."""
    begin(session, actor, report)
    check_open(report)
    if not report.quarantined:
        return
    report.quarantined = False
    settle_quarantine(session)
    if report.read_at is None:
        announce(session, report)
    else:
        wait_for_step(session, report, report.handler_id or actor.user_id)
    emit(session, actor, QuarantineLifted(report.id))


def link(session: Session, actor: Actor, report: Report, typed: str, relation: Relation) -> None:
    """Note that another report, named by its number, belongs to this one.

    Raises what `begin` raises, and Rejected at "number": "report_unknown", "same_report" or
    "linked_already".
    """
    begin(session, actor, report)
    other = desk.find_number(session, actor, codes.normal_code(typed))
    if other is None:
        raise Rejected("report_unknown", "number")
    if other.id == report.id:
        raise Rejected("same_report", "number")
    if files.link_between(session, report.id, other.id) is not None:
        raise Rejected("linked_already", "number")
    first, second = sorted((report.id, other.id))
    session.add(
        ReportLink(
            report_id=first,
            other_id=second,
            relation=relation,
            linked_by=actor.user_id,
            linked_at=clock.now(),
        )
    )
    emit(session, actor, ReportsLinked(report.id, other.id, relation))


def unlink(session: Session, actor: Actor, report: Report, other: Report) -> None:
    """Take back that two reports belong together; raises what `begin` raises."""
    begin(session, actor, report)
    found = files.link_between(session, report.id, other.id)
    if found is not None:
        session.delete(found)
        emit(session, actor, LinkRemoved(report.id, other.id))


def bypass_school(session: Session, actor: Actor, report: Report) -> None:
    """Let the school hear of nothing; only people set this, and nothing takes it back."""
    begin(session, actor, report)
    if not report.bypass_school:
        report.bypass_school = True
        emit(session, actor, SchoolBypassed(report.id))


def reporter_agreed(session: Session, actor: Actor, report: Report, words: str) -> None:
    """Note that the reporter wants the school to know after all, and how they said so."""
    begin(session, actor, report)
    if report.keep_from_school:
        report.keep_from_school = False
        write_note(session, actor, report, words)
        emit(session, actor, ReporterAgreed(report.id))


def tell_school(session: Session, actor: Actor, report: Report, words: str) -> None:
    """Note what the school was told.

    Raises what `begin` raises, Rejected("no_school"), Rejected("school_bypassed") or
    Rejected("kept_from_school").
    """
    begin(session, actor, report)
    if report.school_id is None:
        raise Rejected("no_school", "school_told")
    if report.bypass_school:
        raise Rejected("school_bypassed", "school_told")
    if report.keep_from_school:
        raise Rejected("kept_from_school", "school_told")
    report.school_told, report.school_told_at = words, clock.now()
    emit(session, actor, SchoolTold(report.id))
