"""Letting go of pictures and papers of sessions whose time is over, with their bytes."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import files
from portal.core.files import Store, StoredFile
from portal.visits.models import Letter, VisitPhoto


def forget_photos(session: Session, store: Store, photo_ids: Sequence[UUID]) -> int:
    """Delete photographs with what was written about them; return how many went."""
    rows = session.execute(
        select(VisitPhoto, StoredFile)
        .join(StoredFile, StoredFile.id == VisitPhoto.file_id)
        .where(VisitPhoto.id.in_(photo_ids))
    ).all()
    for photo, _file in rows:
        session.delete(photo)
    _discard(session, store, [file for _photo, file in rows])
    return len(rows)


def forget_signed(session: Session, store: Store, letter_ids: Sequence[UUID]) -> int:
    """Delete signed copies; the letters stay, with who handed them in and when."""
    rows = session.execute(
        select(Letter, StoredFile)
        .join(StoredFile, StoredFile.id == Letter.signed_file_id)
        .where(Letter.id.in_(letter_ids))
    ).all()
    for letter, _file in rows:
        letter.signed_file_id = None
    _discard(session, store, [file for _letter, file in rows])
    return len(rows)


def _discard(session: Session, store: Store, kept: Sequence[StoredFile]) -> None:
    # The row that points at a file goes before the file's own.
    session.flush()
    for file in kept:
        files.discard(session, store, file)
