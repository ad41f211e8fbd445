"""Reporter and office write to each other; nobody nearby can tell who wrote when."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.core import clock, duties, settings
from portal.core.access import Actor, Permission, Role
from portal.core.db import new_id
from portal.core.duties import Due
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.incidents.actions.receiving import read_until
from portal.incidents.events import ReportAnswered, ReporterWrote
from portal.incidents.models import Report, ReportEntry
from portal.incidents.queries import conversation, roster
from portal.incidents.states import OPEN, EntryKind, Urgency
from portal.people.queries.confidential import in_conflict, kept_away

READ_REPLY = "read_reply"
# More than a long story needs, and less than what fills a disk.
MOST_LETTERS = 4000
MOST_A_DAY = 20
HOUR = timedelta(hours=1)


def answer(session: Session, actor: Actor, report: Report, text: str) -> ReportEntry:
    """Write to the reporter, who reads it from the next full hour on.

    Raises Rejected("not_allowed") for whoever may not answer this report.
    """
    permitted = actor.may(Permission.REPORT_TRIAGE, assigned=report.assigned_to(actor))
    if not permitted or in_conflict(session, actor, report.id):
        raise Rejected("not_allowed")
    moment = clock.now()
    entry = ReportEntry(
        id=new_id(),
        report_id=report.id,
        kind=EntryKind.FROM_OFFICE,
        text=text,
        written_by=actor.user_id,
        written_at=moment,
        visible_from=next_full_hour(moment),
    )
    session.add(entry)
    first = report.replied_at is None
    report.replied_at = report.replied_at or moment
    _note_read(session, report.id, EntryKind.FROM_REPORTER, moment)
    duties.close_duties(session, report.id, READ_REPLY)
    emit(session, actor, ReportAnswered(report.id, first))
    return entry


def next_full_hour(moment: datetime) -> datetime:
    """Return the first full hour after a moment."""
    return moment.replace(minute=0, second=0, microsecond=0) + HOUR


def write_to_office(
    session: Session, report: Report, text: str, writer: Actor | None = None
) -> ReportEntry:
    """Write to the office as the reporter; `writer` when they are signed in.

    Raises Rejected("enough_today") after `MOST_A_DAY` messages.
    """
    if conversation.written_today(session, report.id) >= MOST_A_DAY:
        raise Rejected("enough_today", "text", most=MOST_A_DAY)
    moment = clock.now()
    entry = ReportEntry(
        id=new_id(),
        report_id=report.id,
        kind=EntryKind.FROM_REPORTER,
        text=text,
        written_by=writer.user_id if writer else None,
        written_at=moment,
        visible_from=moment,
    )
    session.add(entry)
    wait_to_be_read(session, report, moment)
    emit(session, writer, ReporterWrote(report.id))
    return entry


def wait_to_be_read(session: Session, report: Report, moment: datetime) -> None:
    """Let what the reporter sent wait for whoever handles the report, or for those on duty."""
    waits_apart = report.quarantined and report.read_at is None
    if waits_apart or duties.is_open(session, report.id, READ_REPLY):
        return
    urgency = Urgency(report.urgency)
    in_danger = urgency is Urgency.SAME_HOUR and report.state in OPEN
    for person in _readers(session, report) or [None]:
        duties.open_duty(
            session,
            Due(
                kind=READ_REPLY,
                subject_id=report.id,
                link=f"/triase/{report.public_id}",
                due_at=read_until(settings.read(session), urgency, moment),
                facts={"number": report.locator},
                person_id=person,
                role=None if person else Role.COORDINATOR,
                # Who is in danger may say so in a second message.
                alarm=in_danger and not report.quarantined,
            ),
        )


def _readers(session: Session, report: Report) -> list[UUID | None]:
    if report.handler_id is not None:
        return [report.handler_id]
    kept = kept_away(session, report.id) | {report.filed_by}
    return [each for each in roster.on_duty(session, clock.today()) if each not in kept]


def mark_read_by_reporter(session: Session, report_id: UUID) -> None:
    """Note that the reporter read every answer that shows by now."""
    _note_read(session, report_id, EntryKind.FROM_OFFICE, clock.now())


def mark_read_by_office(session: Session, report_id: UUID) -> None:
    """Note that the office read what the reporter wrote; nothing waits to be read any more."""
    _note_read(session, report_id, EntryKind.FROM_REPORTER, clock.now())
    duties.close_duties(session, report_id, READ_REPLY)


def _note_read(session: Session, report_id: UUID, kind: EntryKind, moment: datetime) -> None:
    session.execute(
        update(ReportEntry)
        .where(
            ReportEntry.report_id == report_id,
            ReportEntry.kind == kind,
            ReportEntry.visible_from <= moment,
            ReportEntry.read_at.is_(None),
        )
        .values(read_at=moment)
    )
