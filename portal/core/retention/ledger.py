"""What was erased, so that a restore from a backup cannot bring it back.

The list is kept twice: in the database, in the transaction that erases, and in a file that no
backup of the database replaces. After a restore the file knows what the older database does not.
Each line of the file is sealed with the one before it, so that nobody can have records erased by
writing into it.
"""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import Index, String, event, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.core import clock, crypto
from portal.core.db import Base, Database, Identified, transaction
from portal.core.events import Event, emit

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

FILE_NAME = "erasures.log"
# More than one line ever takes.
TAIL_BYTES = 4096
_NOTED = "erasures of this transaction"
_COMMITTING = "erasures about to be committed"
_log = logging.getLogger(__name__)

Eraser = Callable[[Session, UUID], None]
erasers: dict[str, Eraser] = {}


class Erasure(Identified, Base):
    """A record that was erased; after a restore from a backup it is erased again."""

    __tablename__ = "erasure"
    __table_args__ = (Index(None, "subject_id"),)

    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    erased_at: Mapped[datetime]


@dataclass(frozen=True)
class ErasedAgain(Event, action="erasure.repeated"):
    """A record that a restore had brought back was erased again."""

    kind: str


@dataclass(frozen=True)
class Line:
    """One erasure, as the file tells of it."""

    subject: str
    subject_id: UUID
    erased_at: datetime

    @property
    def key(self) -> tuple[str, UUID]:
        """Return which record it was."""
        return self.subject, self.subject_id


class DamagedLedgerError(Exception):
    """A line of the file does not fit its seal, or what stands before it."""

    def __init__(self, number: int) -> None:
        super().__init__(f"line {number}")
        self.number = number


@dataclass(frozen=True)
class Replayed:
    """What a replay did: erased again, and lines that file or table lacked."""

    again: Sequence[Line]
    into_file: int
    # Kinds of records this version cannot erase.
    unknown: Sequence[str]


_path: Path | None = None


def use(path: Path) -> None:
    """Choose the file this process writes to."""
    global _path
    _path = path


def eraser(subject: str) -> Callable[[Eraser], Eraser]:
    """Let a function erase a kind of record again, should a restore have brought it back.

    It is called for records that are gone or were emptied already, too.
    """

    def register(function: Eraser) -> Eraser:
        erasers[subject] = function
        return function

    return register


def erased(session: Session, subject: str, subject_id: UUID) -> None:
    """Write down, in this transaction, that a record was erased; once for each record."""
    known = select(Erasure.id).where(Erasure.subject == subject, Erasure.subject_id == subject_id)
    if session.scalars(known).first() is not None:
        return
    row = Erasure(subject=subject, subject_id=subject_id, erased_at=clock.now())
    session.add(row)
    session.flush()
    session.info.setdefault(_NOTED, []).append(row.id)


@event.listens_for(Session, "before_commit")
def _gather(session: Session) -> None:
    # The end of a savepoint is no commit yet; what one undid is not found here.
    if session.in_nested_transaction() or not session.info.get(_NOTED):
        return
    session.flush()
    rows = select(Erasure).where(Erasure.id.in_(session.info.pop(_NOTED)))
    session.info[_COMMITTING] = [_line_of(row) for row in session.scalars(rows)]


@event.listens_for(Session, "after_commit")
def _follow_commit(session: Session) -> None:
    lines: list[Line] = session.info.pop(_COMMITTING, [])
    if not lines or _path is None:
        return
    try:
        append(_path, lines)
    except OSError as error:
        # The table has them, and a replay writes them into the file.
        _log.error("the ledger of erasures was not written: %s", type(error).__name__)


@event.listens_for(Session, "after_rollback")
def _follow_rollback(session: Session) -> None:
    session.info.pop(_NOTED, None)
    session.info.pop(_COMMITTING, None)


def _line_of(row: Erasure) -> Line:
    return Line(row.subject, row.subject_id, row.erased_at)


def append(path: Path, lines: Sequence[Line]) -> None:
    """Add lines to the file, each sealed with the one before it."""
    with _alone_with(path) as file:
        end = _last_whole_line(file)
        seal = end.rpartition(b" ")[2]
        for line in lines:
            content = _content(line)
            seal = _seal_of(seal, content)
            file.write(content + b" " + seal + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> list[Line]:
    """Return what the file tells; raises DamagedLedgerError.

    A last line without its end is left out: the power went while it was written.
    """
    if not path.exists():
        return []
    *whole, _torn = path.read_bytes().split(b"\n")
    lines, before = [], b""
    for number, raw in enumerate(whole, start=1):
        content, _, seal = raw.rpartition(b" ")
        if seal != _seal_of(before, content):
            raise DamagedLedgerError(number)
        subject, subject_id, erased_at = content.decode("ascii").split(" ")
        lines.append(Line(subject, UUID(subject_id), datetime.fromisoformat(erased_at)))
        before = seal
    return lines


def _content(line: Line) -> bytes:
    moment = line.erased_at.astimezone(UTC).isoformat()
    return f"{line.subject} {line.subject_id.hex} {moment}".encode("ascii")


def _seal_of(before: bytes, content: bytes) -> bytes:
    # Named, so that no seal of the trail can stand in for one of these.
    whole = b"erasure\x00" + before + b"\x00" + content
    return crypto.ring().seal("audit", whole).hex().encode("ascii")


@contextmanager
def _alone_with(path: Path) -> Iterator[BinaryIO]:
    """Open the file for this process and thread alone; closing it lets the next one in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _last_whole_line(file: BinaryIO) -> bytes:
    """Return the last line, and stand where the next one begins; a torn line goes."""
    size = file.seek(0, io.SEEK_END)
    start = file.seek(max(0, size - TAIL_BYTES))
    tail = file.read()
    end = tail.rfind(b"\n") + 1
    file.seek(start + end)
    file.truncate()
    return tail[:end].rstrip(b"\n").rpartition(b"\n")[2]


def replay(database: Database, path: Path) -> Replayed:
    """Erase again what a restore brought back, and let file and table tell the same.

    Can be broken off and begun anew at any time; raises DamagedLedgerError before it does anything.
    """
    told = {line.key: line for line in read(path)}
    with database.reader() as session:
        ordered = select(Erasure).order_by(Erasure.erased_at, Erasure.id)
        known = {line.key: line for line in map(_line_of, session.scalars(ordered))}
    again, unknown = [], []
    for line in (line for key, line in told.items() if key not in known):
        if line.subject not in erasers:
            unknown.append(line.subject)
            continue
        with database.writer() as session, transaction(session):
            _erase_again(session, line)
        again.append(line)
    missing = [line for key, line in known.items() if key not in told]
    if missing:
        append(path, missing)
    return Replayed(again, len(missing), sorted(set(unknown)))


def _erase_again(session: Session, line: Line) -> None:
    # Written first: the eraser may tell of it as well, and it was told already.
    session.add(Erasure(subject=line.subject, subject_id=line.subject_id, erased_at=line.erased_at))
    session.flush()
    erasers[line.subject](session, line.subject_id)
    emit(session, None, ErasedAgain(line.subject_id, line.subject))
