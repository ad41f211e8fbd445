"""Forgetting reports that were none, with everything that hangs on them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from portal.core import duties, files
from portal.core.files import Store, StoredFile
from portal.incidents.models import Report, ReportEntry, ReportFile, ReportLink


def discard_evidence(session: Session, store: Store, keys: Sequence[UUID]) -> int:
    """Forget the files handed in with some reports; return how many."""
    these = ReportFile.report_id.in_(keys)
    kept = session.scalars(
        select(StoredFile).join(ReportFile, ReportFile.file_id == StoredFile.id).where(these)
    ).all()
    # The row that points at a file goes before the file's own.
    session.execute(delete(ReportFile).where(these))
    for file in kept:
        files.discard(session, store, file)
    return len(kept)


def forget_reports(session: Session, keys: Sequence[UUID]) -> int:
    """Delete some reports without evidence; return how many."""
    for key in keys:
        duties.close_duties(session, key)
    session.execute(delete(ReportEntry).where(ReportEntry.report_id.in_(keys)))
    session.execute(
        delete(ReportLink).where(or_(ReportLink.report_id.in_(keys), ReportLink.other_id.in_(keys)))
    )
    gone = session.execute(delete(Report).where(Report.id.in_(keys)).returning(Report.id))
    return len(gone.all())
