"""Reading what reporter and office wrote to each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.incidents.models import ReportEntry
from portal.incidents.states import EntryKind

# What the two write to each other; notes are for the office alone.
SPOKEN = (EntryKind.FROM_REPORTER, EntryKind.FROM_OFFICE)
# Within this time the same words once more are the same message, sent twice.
RETRY = timedelta(minutes=10)


def for_reporter(session: Session, report_id: UUID) -> Sequence[ReportEntry]:
    """Return what the reporter may read by now, the latest first; never a note."""
    return session.scalars(
        select(ReportEntry)
        .where(
            ReportEntry.report_id == report_id,
            ReportEntry.kind.in_(SPOKEN),
            ReportEntry.visible_from <= clock.now(),
        )
        .order_by(ReportEntry.visible_from.desc(), ReportEntry.id.desc())
    ).all()


def for_office(session: Session, report_id: UUID) -> Sequence[ReportEntry]:
    """Return the whole file of a report as it was written, notes and waiting answers included."""
    return session.scalars(
        select(ReportEntry)
        .where(ReportEntry.report_id == report_id)
        .order_by(ReportEntry.written_at, ReportEntry.id)
    ).all()


def written_today(session: Session, report_id: UUID) -> int:
    """Return how many messages the reporter wrote today."""
    begins, _ends = clock.day_bounds(clock.today(), clock.today())
    count = select(func.count()).where(
        ReportEntry.report_id == report_id,
        ReportEntry.kind == EntryKind.FROM_REPORTER,
        ReportEntry.written_at >= begins,
    )
    return session.scalar(count) or 0


def just_written(session: Session, report_id: UUID, text: str) -> bool:
    """Say whether these are the reporter's latest words, written a few minutes ago."""
    latest = session.scalar(
        select(ReportEntry)
        .where(
            ReportEntry.report_id == report_id,
            ReportEntry.kind == EntryKind.FROM_REPORTER,
            ReportEntry.written_at > clock.now() - RETRY,
        )
        .order_by(ReportEntry.written_at.desc(), ReportEntry.id.desc())
        .limit(1)
    )
    return latest is not None and latest.text == text
