"""Files people hand in: checked by content, kept outside the web root under random names."""

from __future__ import annotations

import hashlib
import os
import re
import zlib
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import String, event
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.core import clock
from portal.core.db import Base, Public
from portal.core.errors import Rejected

MOST_BYTES = 10 * 1024 * 1024
NAME_LENGTH = 160
PDF = "application/pdf"
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KIND_NAMES = {PDF: "PDF", CSV: "CSV", XLSX: "XLSX"}

# A signed scan needs none of these; a PDF that does something when opened has them.
_PDF_ACTIVE = re.compile(rb"/(?:Encrypt|JavaScript|JS|Launch|EmbeddedFiles?)(?![A-Za-z0-9])")
_PDF_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_PDF_HEX_NAME = re.compile(rb"#([0-9A-Fa-f]{2})")
_PDF_MOST_INFLATED = 20 * 1024 * 1024

_KEPT = "files kept in this transaction"
_FORGOTTEN = "files forgotten in this transaction"


class StoredFile(Public, Base):
    """What is known of a kept file; its bytes lie in the data folder."""

    __tablename__ = "stored_file"

    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    stored_at: Mapped[datetime]
    stored_by: Mapped[UUID | None]


def media_type_of(content: bytes) -> str | None:
    """Tell PDF and XLSX by their first bytes, text by being text; None for anything else."""
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"PK\x03\x04"):
        return XLSX
    return None if b"\x00" in content[:4096] else CSV


def store(
    session: Session,
    folder: Path,
    name: str,
    content: bytes,
    allowed: frozenset[str],
    stored_by: UUID | None = None,
) -> StoredFile:
    """Keep a file.

    Raises Rejected("file_empty"), Rejected("file_too_large"), Rejected("file_kind") or, for a PDF
    with a password, scripts or attachments, Rejected("file_active").
    """
    media_type = _checked(content, allowed)
    record = StoredFile(
        name=_plain_name(name),
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        stored_at=clock.now(),
        stored_by=stored_by,
    )
    session.add(record)
    session.flush()
    target = path_of(folder, record)
    target.parent.mkdir(parents=True, exist_ok=True)
    session.info.setdefault(_KEPT, []).append(target)
    # The bytes are on the disk before the row commits; a row never points at nothing.
    with target.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return record


def _plain_name(name: str) -> str:
    """Return a name without folders or anything a header or a database cannot hold."""
    printable = "".join(letter for letter in name if letter.isprintable())
    last = Path(printable.replace("\\", "/")).name
    return last[:NAME_LENGTH] if last.strip(" .") else "file"


def _checked(content: bytes, allowed: frozenset[str]) -> str:
    if not content:
        raise Rejected("file_empty", "file")
    if len(content) > MOST_BYTES:
        raise Rejected("file_too_large", "file", most=MOST_BYTES // 1024 // 1024)
    media_type = media_type_of(content)
    if media_type not in allowed:
        kinds = ", ".join(sorted(KIND_NAMES[kind] for kind in allowed))
        raise Rejected("file_kind", "file", kinds=kinds)
    if media_type == PDF and is_active_pdf(content):
        raise Rejected("file_active", "file")
    return str(media_type)


def is_active_pdf(content: bytes) -> bool:
    """Say whether a PDF asks for a password, runs something or carries other files."""
    if _names_something_active(_PDF_STREAM.sub(b"", content)):
        return True
    left = _PDF_MOST_INFLATED
    for match in _PDF_STREAM.finditer(content):
        # Images are noise that could spell anything; only object streams hold further objects.
        dictionary = content[max(0, match.start() - 400) : match.start()].rpartition(b" obj")[2]
        if b"/ObjStm" not in dictionary:
            continue
        try:
            inflated = zlib.decompressobj().decompress(match.group(1), left)
        except zlib.error:
            inflated = match.group(1)
        left -= len(inflated)
        if left <= 0 or _names_something_active(inflated):
            return True
    return False


def _names_something_active(part: bytes) -> bool:
    plain = _PDF_HEX_NAME.sub(lambda found: bytes.fromhex(found[1].decode()), part)
    return _PDF_ACTIVE.search(plain) is not None


def path_of(folder: Path, record: StoredFile) -> Path:
    """Return where a kept file lies."""
    return folder / "files" / record.public_id


def read(folder: Path, record: StoredFile) -> bytes:
    """Return a kept file's bytes."""
    return path_of(folder, record).read_bytes()


def discard(session: Session, folder: Path, record: StoredFile) -> None:
    """Forget a file that is needed no longer; its bytes go when the transaction commits."""
    session.info.setdefault(_FORGOTTEN, []).append(path_of(folder, record))
    session.delete(record)


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
