"""Reading what a reporter comes back to: how far it is, and what was written to and fro."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Row, or_, select
from sqlalchemy.orm import Session

from portal.core import clock, settings, tokens
from portal.core.settings import Office
from portal.hotline.models import CHILDREN, Opened
from portal.incidents.actions.receiving import read_until
from portal.incidents.models import Report, ReportEntry
from portal.incidents.queries import conversation
from portal.incidents.states import EntryKind, ReportState, Urgency


@dataclass(frozen=True)
class Inbox:
    """A report as its reporter reads it; all moments are shown as days only."""

    state: ReportState
    by_child: bool
    received_at: datetime
    # Until when somebody reads it; None once somebody did.
    read_by: datetime | None
    # Until which day the office answers; None once it did.
    answer_by: date | None
    # Until when something written now is read, and what the reporter wrote last.
    next_read_by: datetime
    latest_read_by: datetime | None
    outcome_words: str
    # Of a finished report: the moment its messages go.
    open_until: datetime | None
    entries: Sequence[ReportEntry]

    @property
    def latest(self) -> ReportEntry | None:
        """Return what was written last."""
        return self.entries[0] if self.entries else None

    @property
    def answer_is_late(self) -> bool:
        """Say whether the office should have answered by now."""
        return self.answer_by is not None and self.answer_by < clock.today()

    @property
    def waits_for_answer(self) -> bool:
        """Say whether the office had the last word."""
        return self.latest is not None and self.latest.kind == EntryKind.FROM_OFFICE


def kept_under(session: Session, locator: str) -> Row[UUID, str] | None:
    """Return `id` and `secret_hash` of the report of a number, if it can still be opened."""
    return session.execute(
        select(Report.id, Report.secret_hash).where(
            Report.locator == locator, _readable(settings.read(session))
        )
    ).one_or_none()


def _readable(office: Office) -> ColumnElement[bool]:
    days = timedelta(days=office["keep_report_inbox_days"])
    return or_(
        Report.state != ReportState.CLOSED,
        Report.closed_at.is_(None),
        Report.closed_at > clock.now() - days,
    )


def find_opened(session: Session, token: str | None) -> Opened | None:
    """Return what this token opens, unless it was idle too long."""
    if not token:
        return None
    return session.scalar(
        select(Opened).where(
            Opened.token_hash == tokens.token_hash(token), Opened.expires_at > clock.now()
        )
    )


def inbox(session: Session, opened: Opened) -> Inbox:
    """Return the report that was opened, with its conversation, the latest first."""
    report = session.get_one(Report, opened.report_id)
    office = settings.read(session)
    closed = report.closed_at if report.state == ReportState.CLOSED else None
    entries = conversation.for_reporter(session, report.id)
    own = next((each for each in entries if each.kind == EntryKind.FROM_REPORTER), None)
    urgency = Urgency(report.urgency)
    answered = any(each.kind == EntryKind.FROM_OFFICE for each in entries)
    read = report.read_at is not None or report.state != ReportState.RECEIVED
    days = office["reply_working_days"]
    return Inbox(
        state=ReportState(report.state),
        by_child=not CHILDREN.isdisjoint(json.loads(report.answers).get("teller", ())),
        received_at=report.received_at,
        read_by=None if read else report.read_until,
        answer_by=None if answered else _working_days_after(report.read_at, days),
        next_read_by=read_until(office, urgency, clock.now()),
        latest_read_by=read_until(office, urgency, own.written_at) if own else None,
        outcome_words=report.outcome_words,
        open_until=closed and closed + timedelta(days=office["keep_report_inbox_days"]),
        entries=entries,
    )


def _working_days_after(moment: datetime | None, days: int) -> date | None:
    return moment and clock.add_working_days(clock.day_of(moment), days)
