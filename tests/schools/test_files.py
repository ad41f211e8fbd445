"""Kept files follow the transaction."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import files
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.files import CSV, PDF, FolderStore, StoredFile

ALLOWED = frozenset({CSV, PDF})


def keep(session: Session, store: FolderStore, content: bytes = b"npsn\n") -> StoredFile:
    """Keep a file."""
    return files.keep(session, store, "daftar.csv", content, ALLOWED)


def on_disk(store: FolderStore) -> list[str]:
    """Return the names of the files that are there."""
    return [path.name for path in store.folder.glob("*")]


def test_a_kept_file_is_read_again(session: Session, store: FolderStore) -> None:
    with transaction(session):
        record = keep(session, store, b"npsn\n1\n")
    assert files.read(store, record) == b"npsn\n1\n"
    assert on_disk(store) == [record.public_id]


def test_a_transaction_that_fails_leaves_no_file(session: Session, store: FolderStore) -> None:
    keep(session, store)
    assert len(on_disk(store)) == 1
    session.rollback()
    assert on_disk(store) == []
    assert session.scalars(select(StoredFile)).all() == []


def test_a_discarded_file_stays_until_the_transaction_holds(
    session: Session, store: FolderStore
) -> None:
    with transaction(session):
        record = keep(session, store)
    files.discard(session, store, record)
    session.flush()
    session.rollback()
    assert files.read(store, record) == b"npsn\n"
    with transaction(session):
        files.discard(session, store, record)
    assert on_disk(store) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "..\\..\\boot.ini", "/", ""])
def test_names_lead_nowhere(session: Session, store: FolderStore, name: str) -> None:
    record = files.keep(session, store, name, b"npsn\n", ALLOWED)
    assert "/" not in record.name
    assert "\\" not in record.name
    assert store.path_of(record.public_id).parent == store.folder


def test_refusals(session: Session, store: FolderStore) -> None:
    with pytest.raises(Rejected, match="file_kind") as refused:
        files.keep(session, store, "x", b"PK\x03\x04", ALLOWED)
    assert refused.value.facts == {"kinds": "CSV, PDF"}
    with pytest.raises(Rejected, match="file_unreadable"):
        files.keep(session, store, "x", b"%PDF-1.7\n<< /S /Launch >>", ALLOWED)
    assert on_disk(store) == []
