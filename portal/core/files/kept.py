"""Files in a store: encrypted, under random names, gone when the transaction is undone."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import String, event, select
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from portal.core import clock, crypto
from portal.core.db import Base, Public
from portal.core.files.checks import CSV, JPEG, KIND_NAMES, PDF, PNG, WEBP, XLSX, check
from portal.core.files.outage import StoreUnavailableError
from portal.core.files.stores import Store
from portal.core.types import Encrypted

NAME_LENGTH = 160
BATCH = 200
# The usual ending comes first.
SUFFIXES = {
    PDF: (".pdf",),
    CSV: (".csv", ".txt", ".tsv"),
    XLSX: (".xlsx",),
    JPEG: (".jpg", ".jpeg", ".jpe"),
    PNG: (".png",),
    WEBP: (".webp",),
}

_KEPT = "files kept in this transaction"
_FORGOTTEN = "files forgotten in this transaction"
_COMMITTING = "the commit is under way"

_log = logging.getLogger(__name__)


class StoredFile(Public, Base):
    """What is known of a kept file; its bytes lie in a store under its public id."""

    __tablename__ = "stored_file"

    name: Mapped[str] = mapped_column(Encrypted())
    media_type: Mapped[str] = mapped_column(String(100))
    # Of the content, before it is encrypted.
    size: Mapped[int]
    stored_at: Mapped[datetime]
    stored_by: Mapped[UUID | None]

    @property
    def kind(self) -> str:
        """Return the kind as people call it."""
        return KIND_NAMES[self.media_type]


@dataclass(frozen=True)
class _Step:
    """Bytes that were put or are to go, and the transaction or savepoint that decides it."""

    within: SessionTransaction | None
    store: Store
    name: str

    def lies_within(self, undone: SessionTransaction) -> bool:
        """Say whether this step is undone with a transaction."""
        made_in = self.within
        while made_in is not None and made_in is not undone:
            made_in = made_in.parent
        return made_in is undone


def keep(
    session: Session,
    store: Store,
    name: str,
    content: bytes,
    allowed: frozenset[str],
    stored_by: UUID | None = None,
) -> StoredFile:
    """Keep a file, encrypted.

    Raises StoreUnavailableError, and what `check` raises unless that has been done before.
    """
    checked = check(content, allowed)
    record = StoredFile(
        name=_plain_name(name, checked.media_type),
        media_type=checked.media_type,
        size=len(checked),
        stored_at=clock.now(),
        stored_by=stored_by,
    )
    session.add(record)
    session.flush()
    # The bytes are in the store before the row commits; a row never points at nothing.
    store.put(record.public_id, crypto.ring().encrypt(_place(record), checked))
    _note(session, _KEPT, store, record)
    # On this session, and so after what every session does before it commits.
    event.listen(session, "before_commit", _begin_commit)
    return record


def _plain_name(name: str, media_type: str) -> str:
    """Return a name with the ending of its kind, without folders or anything a header can't hold.

    Whoever fetches the file opens it by its ending, so that is never left to the sender.
    """
    printable = "".join(letter for letter in name if letter.isprintable())
    last = Path(printable.replace("\\", "/")).name
    stem, dot, ending = last.rpartition(".")
    suffix = f"{dot}{ending}"
    if suffix.lower() not in SUFFIXES[media_type]:
        known = any(suffix.lower() in endings for endings in SUFFIXES.values())
        stem, suffix = (stem if known else last), SUFFIXES[media_type][0]
    stem = stem[: NAME_LENGTH - len(suffix)].strip(" .")
    return f"{stem or 'file'}{suffix}"


def every(session: Session) -> Iterator[StoredFile]:
    """Yield what tells where each file lies and how large it is; their names stay sealed."""
    last: UUID | None = None
    while True:
        found = select(StoredFile.id, StoredFile.public_id, StoredFile.size)
        found = found.order_by(StoredFile.id).limit(BATCH)
        rows = session.execute(found if last is None else found.where(StoredFile.id > last)).all()
        for row in rows:
            yield StoredFile(id=row.id, public_id=row.public_id, size=row.size)
        if len(rows) < BATCH:
            return
        last = rows[-1].id


def read(store: Store, record: StoredFile) -> bytes:
    """Return a kept file's bytes.

    Raises UndecipherableError when they were changed, or belong to another file, FileNotFoundError
    and StoreUnavailableError.
    """
    return crypto.ring().decrypt(_place(record), store.get(record.public_id))


def reseal(store: Store, record: StoredFile) -> bool:
    """Encrypt a kept file with the active key; False when it was, or when its bytes are gone.

    Whoever calls this holds the row's lock, or a file that is discarded meanwhile would come back.
    Raises UndecipherableError and StoreUnavailableError.
    """
    try:
        token = store.get(record.public_id)
    except FileNotFoundError:
        return False
    ring = crypto.ring()
    if ring.is_current(token):
        return False
    place = _place(record)
    store.put(record.public_id, ring.encrypt(place, ring.decrypt(place, token)))
    return True


def seal_plain_files(session: Session, store: Store) -> int:
    """Encrypt what version 0.1 kept in plain and return how many files that were.

    Each file is replaced in one step, so this can be broken off and begun again at any time.
    """
    sealed = 0
    for record in every(session):
        try:
            if store.size(record.public_id) != record.size:
                # A ciphertext is longer than its content, so this also spares reading those.
                continue
            plain = store.get(record.public_id)
        except FileNotFoundError:
            continue
        store.put(record.public_id, crypto.ring().encrypt(_place(record), plain))
        sealed += 1
    return sealed


def discard(session: Session, store: Store, record: StoredFile) -> None:
    """Forget a file that is needed no longer; its bytes go when the transaction commits."""
    _note(session, _FORGOTTEN, store, record)
    session.delete(record)


def none_there(session: Session, store: Store) -> bool:
    """Say whether there should be files and the store has none of them: perhaps the wrong one."""
    known = False
    for record in every(session):
        try:
            store.size(record.public_id)
        except FileNotFoundError:
            known = True
        else:
            return False
    return known


def _place(record: StoredFile) -> bytes:
    return crypto.place_of(StoredFile.__tablename__, "content", record.id)


def _note(session: Session, what: str, store: Store, record: StoredFile) -> None:
    within = session.get_nested_transaction() or session.get_transaction()
    session.info.setdefault(what, []).append(_Step(within, store, record.public_id))


def _begin_commit(session: Session) -> None:
    # SQLite is never lost on the way, so there a commit that fails is undone for certain.
    if not session.in_nested_transaction() and session.get_bind().dialect.name != "sqlite":
        session.flush()
        session.info[_COMMITTING] = True


@event.listens_for(Session, "after_commit")
def _follow_commit(session: Session) -> None:
    # The end of a savepoint is no commit yet.
    if not session.in_nested_transaction():
        session.info.pop(_KEPT, None)
        _remove(session.info.pop(_FORGOTTEN, []))


@event.listens_for(Session, "after_soft_rollback")
def _follow_savepoint(session: Session, undone: SessionTransaction) -> None:
    for what in (_KEPT, _FORGOTTEN):
        steps = session.info.get(what, [])
        over = [step for step in steps if step.lies_within(undone)]
        steps[:] = [step for step in steps if step not in over]
        if what == _KEPT:
            _remove(over)


@event.listens_for(Session, "after_transaction_end")
def _follow_end(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is not None:
        return
    # After a commit there is nothing left of either.
    session.info.pop(_FORGOTTEN, None)
    kept = session.info.pop(_KEPT, [])
    if session.info.pop(_COMMITTING, False) and kept:
        # The server was lost while it committed, and may have done so: what a row may need stays.
        _log.warning("%s files stay, since nobody knows whether their rows do", len(kept))
    else:
        _remove(kept)


def _remove(steps: list[_Step]) -> None:
    """Let go of bytes; what cannot be reached stays behind, a ciphertext that no row names."""
    for step in steps:
        try:
            step.store.delete(step.name)
        except StoreUnavailableError as error:
            _log.warning("file %s is no longer needed and stays: %s", step.name, error)
