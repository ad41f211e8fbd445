"""Kept files follow the transaction, and a PDF that does something is not kept."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import files
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.files import CSV, PDF, StoredFile

ALLOWED = frozenset({CSV, PDF})


def keep(session: Session, folder: Path, content: bytes = b"npsn\n") -> StoredFile:
    """Keep a file."""
    return files.store(session, folder, "daftar.csv", content, ALLOWED)


def on_disk(folder: Path) -> list[str]:
    """Return the names of the files that are there."""
    return [path.name for path in (folder / "files").glob("*")]


def test_a_kept_file_is_read_again(session: Session, tmp_path: Path) -> None:
    with transaction(session):
        record = keep(session, tmp_path, b"npsn\n1\n")
    assert files.read(tmp_path, record) == b"npsn\n1\n"
    assert on_disk(tmp_path) == [record.public_id]


def test_a_transaction_that_fails_leaves_no_file(session: Session, tmp_path: Path) -> None:
    keep(session, tmp_path)
    assert len(on_disk(tmp_path)) == 1
    session.rollback()
    assert on_disk(tmp_path) == []
    assert session.scalars(select(StoredFile)).all() == []


def test_a_discarded_file_stays_until_the_transaction_holds(
    session: Session, tmp_path: Path
) -> None:
    with transaction(session):
        record = keep(session, tmp_path)
    files.discard(session, tmp_path, record)
    session.flush()
    session.rollback()
    assert files.read(tmp_path, record) == b"npsn\n"
    with transaction(session):
        files.discard(session, tmp_path, record)
    assert on_disk(tmp_path) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "..\\..\\boot.ini", "/", ""])
def test_names_lead_nowhere(session: Session, tmp_path: Path, name: str) -> None:
    record = files.store(session, tmp_path, name, b"npsn\n", ALLOWED)
    assert "/" not in record.name
    assert "\\" not in record.name
    assert files.path_of(tmp_path, record).parent == tmp_path / "files"


def _pdf(body: bytes) -> bytes:
    return b"%PDF-1.7\n1 0 obj\n" + body + b"\nendobj\n%%EOF\n"


def _packed(inside: bytes, *, kind: bytes = b"/ObjStm") -> bytes:
    data = zlib.compress(inside)
    head = b"<< /Type " + kind + b" /Filter /FlateDecode /Length %d >>" % len(data)
    return head + b"\nstream\n" + data + b"\nendstream"


@pytest.mark.parametrize(
    "body",
    [
        b"<< /Encrypt 5 0 R >>",
        b"<< /S /JavaScript /JS (app.alert(1)) >>",
        b"<< /S /J#61vaScript >>",
        b"<< /S /Launch /F (cmd.exe) >>",
        b"<< /Names << /EmbeddedFiles 7 0 R >> >>",
        _packed(b"<< /S /JavaScript >>"),
        b"<< /Type /ObjStm >>\nstream\n<< /S /JavaScript >>\nendstream",
        _packed(b"\x00" * (files._PDF_MOST_INFLATED + 1)),
    ],
)
def test_active_pdfs(body: bytes) -> None:
    assert files.is_active_pdf(_pdf(body))


@pytest.mark.parametrize(
    "body",
    [
        b"<< /Type /Catalog /OpenAction [3 0 R /Fit] >>",
        # Image data may spell anything by chance.
        b"<< /Subtype /Image >>\nstream\n\x00/JS \xff\nendstream",
        _packed(b"/JavaScript", kind=b"/Image"),
        _packed(b"<< /Type /Page >>"),
        b"<< /JSomething 1 >>",
        b"<< /Type /ObjStm >>\nstream\nno deflated data\nendstream",
    ],
)
def test_quiet_pdfs(body: bytes) -> None:
    assert not files.is_active_pdf(_pdf(body))


def test_refusals(session: Session, tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="file_kind") as refused:
        files.store(session, tmp_path, "x", b"PK\x03\x04", ALLOWED)
    assert refused.value.facts == {"kinds": "CSV, PDF"}
    with pytest.raises(Rejected, match="file_active"):
        files.store(session, tmp_path, "x", _pdf(b"<< /S /Launch >>"), ALLOWED)
    assert on_disk(tmp_path) == []
