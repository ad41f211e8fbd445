"""Where files lie: encrypted, under random names, gone when the transaction is undone."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import String, event, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.core import clock, crypto
from portal.core.db import Base, Public
from portal.core.files.checks import CSV, JPEG, KIND_NAMES, PDF, PNG, WEBP, XLSX, check
from portal.core.types import Encrypted

NAME_LENGTH = 160
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


class StoredFile(Public, Base):
    """What is known of a kept file; its bytes lie in the data folder."""

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


def store(
    session: Session,
    folder: Path,
    name: str,
    content: bytes,
    allowed: frozenset[str],
    stored_by: UUID | None = None,
) -> StoredFile:
    """Keep a file, encrypted; raises what `check` raises, unless that has been done before."""
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
    target = path_of(folder, record)
    target.parent.mkdir(parents=True, exist_ok=True)
    session.info.setdefault(_KEPT, []).append(target)
    # The bytes are on the disk before the row commits; a row never points at nothing.
    _write(target, crypto.ring().encrypt(_place(record), checked))
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


def path_of(folder: Path, record: StoredFile) -> Path:
    """Return where a kept file lies."""
    return folder / "files" / record.public_id


def read(folder: Path, record: StoredFile) -> bytes:
    """Return a kept file's bytes.

    Raises UndecipherableError when they were changed, or belong to another file.
    """
    return crypto.ring().decrypt(_place(record), path_of(folder, record).read_bytes())


def reseal(folder: Path, record: StoredFile) -> bool:
    """Encrypt a kept file with the active key; False when it was, or when its bytes are gone.

    Whoever calls this holds the row's lock, or a file that is discarded meanwhile would come back.
    Raises UndecipherableError.
    """
    path = path_of(folder, record)
    try:
        token = path.read_bytes()
    except FileNotFoundError:
        return False
    ring = crypto.ring()
    if ring.is_current(token):
        return False
    _replace(path, ring.encrypt(_place(record), ring.decrypt(_place(record), token)))
    return True


def seal_plain_files(session: Session, folder: Path) -> int:
    """Encrypt what version 0.1 kept in plain and return how many files that were.

    Each file is replaced in one step, so this can be broken off and begun again at any time.
    """
    sealed = 0
    for record in session.scalars(select(StoredFile).execution_options(yield_per=200)):
        path = path_of(folder, record)
        if not path.is_file() or path.stat().st_size != record.size:
            # A ciphertext is longer than its content, so this also spares reading those.
            continue
        _replace(path, crypto.ring().encrypt(_place(record), path.read_bytes()))
        sealed += 1
    return sealed


def discard(session: Session, folder: Path, record: StoredFile) -> None:
    """Forget a file that is needed no longer; its bytes go when the transaction commits."""
    session.info.setdefault(_FORGOTTEN, []).append(path_of(folder, record))
    session.delete(record)


def _place(record: StoredFile) -> bytes:
    return crypto.place_of(StoredFile.__tablename__, "content", record.id)


def _unfinished(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def _replace(path: Path, token: bytes) -> None:
    """Write beside and move in one step: a power cut leaves the old bytes or the new ones."""
    unfinished = _unfinished(path)
    unfinished.unlink(missing_ok=True)
    _write(unfinished, token)
    unfinished.replace(path)
    _settle(path.parent)


def _write(path: Path, token: bytes) -> None:
    with path.open("xb") as file:
        file.write(token)
        file.flush()
        os.fsync(file.fileno())
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """Let the names in a folder outlast a power cut; Windows does so by itself."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@event.listens_for(Session, "after_commit")
def _follow_commit(session: Session) -> None:
    session.info.pop(_KEPT, None)
    _remove(session, _FORGOTTEN)


@event.listens_for(Session, "after_rollback")
def _follow_rollback(session: Session) -> None:
    session.info.pop(_FORGOTTEN, None)
    _remove(session, _KEPT)


def _remove(session: Session, which: str) -> None:
    paths: list[Path] = session.info.pop(which, [])
    for path in paths:
        path.unlink(missing_ok=True)
        _unfinished(path).unlink(missing_ok=True)
