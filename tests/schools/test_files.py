"""Kept files follow the transaction."""

from __future__ import annotations

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


def test_refusals(session: Session, tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="file_kind") as refused:
        files.store(session, tmp_path, "x", b"PK\x03\x04", ALLOWED)
    assert refused.value.facts == {"kinds": "CSV, PDF"}
    with pytest.raises(Rejected, match="file_unreadable"):
        files.store(session, tmp_path, "x", b"%PDF-1.7\n<< /S /Launch >>", ALLOWED)
    assert on_disk(tmp_path) == []
