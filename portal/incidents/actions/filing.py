"""Reports by way of an account: school staff for themselves, the office for somebody who calls."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core import clock, files
from portal.core.access import Actor, Permission
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.files import Checked, Store
from portal.incidents.actions.conversing import wait_to_be_read
from portal.incidents.actions.receiving import Filing, TrackingCode, receive
from portal.incidents.events import EvidenceAdded
from portal.incidents.models import Report, ReportFile
from portal.incidents.states import ReportState

EVIDENCE = files.IMAGES | {files.PDF}
MOST_FILES = 5
# Names of photos tell the make of a phone, and those of documents people.
NEUTRAL_NAME = "bukti"


def file_report(session: Session, actor: Actor, filing: Filing) -> Report:
    """Report something at the own school; raises Rejected("not_allowed")."""
    if filing.school_id is None or not actor.may(Permission.REPORT_FILE, filing.school_id):
        raise Rejected("not_allowed")
    return receive(session, actor, filing)


def write_down(session: Session, actor: Actor, filing: Filing, code: TrackingCode) -> Report:
    """Write down what somebody tells by phone or in person; raises Rejected("not_allowed")."""
    if not actor.may(Permission.REPORT_TRANSCRIBE):
        raise Rejected("not_allowed")
    return receive(session, actor, filing, code)


def add_evidence(
    session: Session, actor: Actor, store: Store, report: Report, content: Checked
) -> None:
    """Keep a file that belongs to a report the actor filed or wrote down.

    Raises Rejected("not_allowed"), ("evidence_over"), ("evidence_full"), and what keeping a file
    raises.
    """
    if report.filed_by != actor.user_id:
        raise Rejected("not_allowed")
    # Two files that come at once are counted one after the other.
    session.refresh(report, with_for_update=True)
    if report.state == ReportState.CLOSED:
        raise Rejected("evidence_over", "files")
    if _count(session, report) >= MOST_FILES:
        raise Rejected("evidence_full", "files", most=MOST_FILES)
    kept = files.keep(session, store, NEUTRAL_NAME, content, EVIDENCE, actor.user_id)
    session.add(ReportFile(report_id=report.id, file_id=kept.id))
    if report.read_at is not None:
        wait_to_be_read(session, report, clock.now())
    emit(session, actor, EvidenceAdded(report.id))


def _count(session: Session, report: Report) -> int:
    count = select(func.count()).where(ReportFile.report_id == report.id)
    return session.scalar(count) or 0
