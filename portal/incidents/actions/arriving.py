"""Who must read a report and by when, who must answer it, and what reading it settles.

Whoever is on duty is asked by name, with the coordinators and the division head above them. What
lies in quarantine is one to-do altogether and never rings: five hundred of them at once must not
drown a single real one.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import audit, clock, duties, settings
from portal.core.access import Actor, Role
from portal.core.duties import Due
from portal.incidents import policy
from portal.incidents.actions.conversing import mark_read_by_office
from portal.incidents.actions.receiving import read_until
from portal.incidents.models import Report
from portal.incidents.queries import desk, files, roster
from portal.incidents.states import OPEN, ReportState, Urgency
from portal.people.queries.confidential import kept_away

SUBJECT = "report"
URGENT, READ = "urgent_report", "read_report"
REPLY, DECIDE = "reply_report", "decide_report"
QUARANTINE = "report_quarantine"
UNDECIDED = (ReportState.RECEIVED, ReportState.REVIEWING)
# The quarantine as a whole is no record of its own; its to-do goes by this id.
QUARANTINE_ID = UUID("7ac3f6f1-5f0e-4d0b-9a35-2b6f0f6f1e50")
QUARANTINE_LINK = "/triase?tampil=karantina"


def link_of(report: Report) -> str:
    """Return the address of a report's page at the desk."""
    return f"/triase/{report.public_id}"


def announce(session: Session, report: Report) -> None:
    """Let a report wait to be read: ring for the most urgent, and go by the deadline."""
    if report.quarantined:
        settle_quarantine(session)
        return
    rings = report.urgency == Urgency.SAME_HOUR
    until = report.read_until
    if report.read_at is not None:
        # Read before, and now by somebody else: their time begins now.
        until = read_until(settings.read(session), Urgency(report.urgency), clock.now())
    # Minutes count only for the most urgent; of others they would tell when it was sent.
    read_by = until if rings else until.replace(minute=0, second=0, microsecond=0)
    for person in _readers(session, report) or [None]:
        duties.open_duty(
            session,
            Due(
                kind=URGENT if rings else READ,
                subject_id=report.id,
                link=link_of(report),
                due_at=until,
                facts={"number": report.locator, "read_by": read_by.isoformat()},
                person_id=person,
                role=None if person else Role.COORDINATOR,
                alarm=rings,
            ),
        )


def _readers(session: Session, report: Report) -> list[UUID | None]:
    """Return who is on duty and may decide; empty when the coordinators must."""
    kept = kept_away(session, report.id)
    if report.door not in policy.WRITTEN_DOWN and report.filed_by is not None:
        kept |= {report.filed_by}
    return [each for each in roster.on_duty(session, clock.today()) if each not in kept]


def settle_quarantine(session: Session) -> None:
    """Keep one to-do as long as something in quarantine is unread, due when the first of it is."""
    session.flush()
    until = desk.quarantine_until(session)
    if until is None:
        duties.close_duties(session, QUARANTINE_ID)
        return
    due_at = duties.due_of(session, QUARANTINE_ID, QUARANTINE)
    if due_at is not None:
        if until < due_at:
            duties.move(session, QUARANTINE_ID, QUARANTINE, due_at=until)
        return
    duties.open_duty(
        session,
        Due(
            kind=QUARANTINE,
            subject_id=QUARANTINE_ID,
            link=QUARANTINE_LINK,
            due_at=until,
            facts={},
            role=Role.COORDINATOR,
        ),
    )


def record_reading(session: Session, actor: Actor, report_id: UUID, **facts: str | bool) -> None:
    """Write down who reads a report's file, and what that settles; comes before it is shown.

    Reading in an emergency settles nothing: whoever may not act on a report has not taken note of
    it for the office.
    """
    audit.record_read(session, actor, SUBJECT, report_id, **facts)
    if not files.works_on(session, actor, report_id):
        return
    # Locked, since two who open it at once are both right.
    report = session.get_one(Report, report_id, with_for_update=True)
    if policy.told_by(actor, report):
        return
    mark_read_by_office(session, report_id)
    waits = any(duties.is_open(session, report_id, kind) for kind in (URGENT, READ))
    if report.read_at is None or waits:
        report.read_at = report.read_at or clock.now()
        close_reading(session, report_id)
        settle_quarantine(session)
        wait_for_step(session, report, report.handler_id or actor.user_id)


def close_reading(session: Session, report_id: UUID) -> None:
    """Let nobody wait for a report to be read any more."""
    for kind in (URGENT, READ):
        duties.close_duties(session, report_id, kind)


def wait_for_step(session: Session, report: Report, person_id: UUID) -> None:
    """Let the next step wait for somebody: the first answer, or a decision that nobody made yet."""
    for settled in (REPLY, DECIDE):
        duties.close_duties(session, report.id, settled)
    if report.quarantined or report.state not in OPEN:
        return
    if report.replied_at is None and policy.has_inbox(report):
        _ask(session, report, person_id, REPLY)
    elif report.handler_id is None or (report.state in UNDECIDED and not policy.has_inbox(report)):
        _ask(session, report, person_id, DECIDE)


def _ask(session: Session, report: Report, person_id: UUID, kind: str) -> None:
    days = settings.read(session)["reply_working_days"]
    begins = report.received_at if kind == REPLY else clock.now()
    day = clock.add_working_days(clock.day_of(begins), days)
    duties.open_duty(
        session,
        Due(
            kind=kind,
            subject_id=report.id,
            link=link_of(report),
            due_at=clock.at_wib(day, clock.OFFICE_CLOSES),
            facts={"number": report.locator},
            person_id=person_id,
        ),
    )
