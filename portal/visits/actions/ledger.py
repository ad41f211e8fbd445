"""Minutes of work that are neither a session nor the way to it, written by the features above."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.visits.models import LedgerEntry, WorkKind


def record(
    session: Session, user_id: UUID, day: date, minutes: int, kind: WorkKind, subject_id: UUID
) -> None:
    """Write down, or put right, how long somebody works on a record on a day; 0 takes it back."""
    entry = session.scalars(
        select(LedgerEntry).where(
            LedgerEntry.subject_id == subject_id, LedgerEntry.user_id == user_id
        )
    ).first()
    if minutes <= 0:
        if entry:
            session.delete(entry)
            session.flush()
        return
    if entry is None:
        entry = LedgerEntry(subject_id=subject_id, user_id=user_id)
        session.add(entry)
    entry.day, entry.minutes, entry.kind = day, minutes, kind
    session.flush()


def forget(session: Session, subject_id: UUID) -> None:
    """Take back all minutes of a record, of everybody."""
    session.execute(delete(LedgerEntry).where(LedgerEntry.subject_id == subject_id))
