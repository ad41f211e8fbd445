"""Files people hand in: told apart by content, kept encrypted, gone when undone."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core import crypto, files
from portal.core.crypto import KeyRing, UndecipherableError
from portal.core.db import Database, new_id, transaction
from portal.core.errors import Rejected
from portal.core.files import (
    CSV,
    IMAGES,
    JPEG,
    MOST_BYTES,
    PDF,
    PNG,
    WEBP,
    XLSX,
    Checked,
    FolderStore,
    StoredFile,
)
from tests.papers import pdf_bytes

SCAN = pdf_bytes()
LIST = b"npsn,nama\n97000001,SMP Contoh\n"
EVERY = frozenset({PDF, CSV, XLSX}) | IMAGES
MARK = b"PENANDA-RAHASIA-7731"


def workbook() -> bytes:
    """Return a real XLSX."""
    book = openpyxl.Workbook()
    book.active.append(["npsn", "nama"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def store_and_break(session: Session, store: FolderStore) -> None:
    """Keep a file, then run into a problem before that is committed."""
    files.keep(session, store, "x.pdf", SCAN, EVERY)
    assert len(kept_files(store)) == 1
    raise ArithmeticError


def forget_and_break(session: Session, store: FolderStore, record: StoredFile) -> None:
    """Forget a file, then run into a problem before that is committed."""
    files.discard(session, store, record)
    session.flush()
    raise ArithmeticError


def kept_files(store: FolderStore) -> list[Path]:
    """Return the files that lie in the folder, finished or not."""
    return list(store.folder.glob("*"))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (SCAN, PDF),
        (LIST, CSV),
        (workbook(), XLSX),
        (b"\xef\xbb\xbfnpsn;nama\n", CSV),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", PNG),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", JPEG),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", WEBP),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", None),
        (b"GIF89a\x01\x00", None),
        (b"MZ\x90\x00\x03\x00\x00\x00", None),
        (b" %PDF-1.7\x00", None),
    ],
)
def test_a_file_is_told_by_its_content(content: bytes, kind: str | None) -> None:
    assert files.media_type_of(content) == kind


def test_a_kept_file_can_be_read_again_and_is_described(
    session: Session, store: FolderStore
) -> None:
    who = new_id()
    with transaction(session):
        record = files.keep(session, store, "Daftar 12.csv", LIST, EVERY, who)
    assert files.read(store, record) == LIST
    assert (record.name, record.media_type, record.size) == ("Daftar 12.csv", CSV, len(LIST))
    assert (record.kind, record.stored_by) == ("CSV", who)


def test_a_kept_file_lies_under_a_random_name_that_tells_nothing(
    session: Session, store: FolderStore
) -> None:
    with transaction(session):
        first, second = (
            files.keep(session, store, "MoU.pdf", SCAN, frozenset({PDF})) for _number in "12"
        )
    assert sorted(path.name for path in kept_files(store)) == sorted(
        [first.public_id, second.public_id]
    )


@pytest.mark.parametrize(
    ("content", "allowed", "code"),
    [
        (b"", EVERY, "file_empty"),
        (LIST, frozenset({PDF}), "file_kind"),
        (SCAN, frozenset({CSV, XLSX}), "file_kind"),
        (b"\x00\x01\x02", EVERY, "file_kind"),
        (b"a" * (MOST_BYTES + 1), EVERY, "file_too_large"),
        (b"%PDF-1.7\n%%EOF\n", EVERY, "file_unreadable"),
        (b"\xff\xd8\xff\xe0", EVERY, "file_unreadable"),
        (pdf_bytes(101), EVERY, "file_pages"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_kept_is_refused_and_leaves_nothing(
    session: Session, store: FolderStore, content: bytes, allowed: frozenset[str], code: str
) -> None:
    with pytest.raises(Rejected) as refusal, transaction(session):
        files.keep(session, store, "x.pdf", content, allowed)
    assert (refusal.value.code, refusal.value.field) == (code, "file")
    assert kept_files(store) == []
    assert session.scalar(select(func.count()).select_from(StoredFile)) == 0


def test_the_largest_file_allowed_is_kept(session: Session, store: FolderStore) -> None:
    with transaction(session):
        record = files.keep(session, store, "x.csv", b"a" * MOST_BYTES, EVERY)
    assert record.size == MOST_BYTES


@pytest.mark.parametrize(
    ("given_name", "kept_name"),
    [
        ("MoU SDN 3.pdf", "MoU SDN 3.pdf"),
        ("MoU", "MoU.pdf"),
        ("MoU.PDF", "MoU.PDF"),
        ("MoU.pdf.exe", "MoU.pdf.exe.pdf"),
        ("foto.png", "foto.pdf"),
        ("Surat no. 12", "Surat no. 12.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\Ratna\\MoU.pdf", "MoU.pdf"),
        ("/etc/shadow", "shadow.pdf"),
        ("folder/", "folder.pdf"),
        ("", "file.pdf"),
        (".", "file.pdf"),
        ("..", "file.pdf"),
        (".pdf", "file.pdf"),
        ("/", "file.pdf"),
        ("a\x00b.pdf", "ab.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
        ("n" * 300 + ".pdf", "n" * 156 + ".pdf"),
    ],
)
def test_a_name_keeps_no_path_and_nothing_unprintable(
    session: Session, store: FolderStore, given_name: str, kept_name: str
) -> None:
    with transaction(session):
        record = files.keep(session, store, given_name, SCAN, frozenset({PDF}))
    session.expire_all()
    assert session.get_one(StoredFile, record.id).name == kept_name
    assert [path.name for path in kept_files(store)] == [record.public_id]


@hypothesis_settings(max_examples=50, deadline=None)
@given(name=st.text(max_size=200))
def test_no_name_leads_out_of_the_folder(
    shared_session: Session, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    store = FolderStore(tmp_path_factory.mktemp("names"))
    record = files.keep(shared_session, store, name, SCAN, frozenset({PDF}))
    assert 1 <= len(record.name) <= 160
    assert record.name.isprintable()
    assert not set(record.name) & {"/", "\\"}
    assert record.name not in {".", ".."}
    assert store.path_of(record.public_id).resolve().parent == store.folder.resolve()


def test_an_undone_transaction_takes_the_bytes_back(database: Database, store: FolderStore) -> None:
    with (
        database.writer() as session,
        pytest.raises(ArithmeticError),
        transaction(session),
    ):
        store_and_break(session, store)
    assert kept_files(store) == []


def test_forgetting_a_file_removes_its_bytes_only_with_the_commit(
    database: Database, store: FolderStore
) -> None:
    with database.writer() as session:
        with transaction(session):
            record = files.keep(session, store, "x.pdf", SCAN, EVERY)
        with pytest.raises(ArithmeticError), transaction(session):
            forget_and_break(session, store, record)
        assert files.read(store, session.get_one(StoredFile, record.id))
        with transaction(session):
            files.discard(session, store, session.get_one(StoredFile, record.id))
        assert kept_files(store) == []


def keep(session: Session, store: FolderStore, content: bytes = LIST + MARK) -> StoredFile:
    """Keep a list and commit."""
    with transaction(session):
        return files.keep(session, store, "daftar.csv", content, EVERY)


def lay_in_plain(store: FolderStore, record: StoredFile, content: bytes) -> None:
    """Leave a kept file as version 0.1 did."""
    store.path_of(record.public_id).write_bytes(content)


def test_what_lies_on_the_disk_says_nothing(session: Session, store: FolderStore) -> None:
    record = keep(session, store)
    blob = store.path_of(record.public_id).read_bytes()
    assert MARK not in blob
    assert crypto.ring().is_current(blob)
    assert MARK in files.read(store, record)


def test_bytes_that_were_moved_changed_or_planted_are_never_handed_out(
    session: Session, store: FolderStore
) -> None:
    first, second = keep(session, store), keep(session, store, LIST + b"lain")
    token = store.path_of(first.public_id).read_bytes()
    own = store.path_of(second.public_id).read_bytes()
    for planted in (token, own[:-1] + bytes([own[-1] ^ 1]), LIST, b""):
        store.path_of(second.public_id).write_bytes(planted)
        with pytest.raises(UndecipherableError):
            files.read(store, second)


def test_what_was_checked_before_is_kept_as_it_is(session: Session, store: FolderStore) -> None:
    checked = files.check(SCAN, frozenset({PDF}))
    with transaction(session):
        record = files.keep(session, store, "x.pdf", checked, frozenset({PDF}))
    assert files.read(store, record) == checked
    with pytest.raises(Rejected, match="file_kind"):
        files.keep(session, store, "x.pdf", checked, frozenset({CSV}))
    with pytest.raises(Rejected, match="file_kind"):
        files.check(Checked.of(JPEG, LIST), frozenset({PDF}))


def test_files_of_version_0_1_are_sealed_once(session: Session, store: FolderStore) -> None:
    plain, sealed, gone = (keep(session, store) for _number in range(3))
    lay_in_plain(store, plain, LIST + MARK)
    store.path_of(gone.public_id).unlink()
    before = store.path_of(sealed.public_id).read_bytes()
    session.expunge_all()
    assert files.seal_plain_files(session, store) == 1
    assert files.read(store, plain) == LIST + MARK
    assert MARK not in store.path_of(plain.public_id).read_bytes()
    assert store.path_of(sealed.public_id).read_bytes() == before
    assert files.seal_plain_files(session, store) == 0
    assert len(kept_files(store)) == 2


def test_sealing_goes_on_where_it_was_broken_off(session: Session, store: FolderStore) -> None:
    record = keep(session, store)
    lay_in_plain(store, record, LIST + MARK)
    unfinished = store.path_of(record.public_id).with_name(f"{record.public_id}.new")
    unfinished.write_bytes(b"v1|k1|half")
    assert files.seal_plain_files(session, store) == 1
    assert files.read(store, record) == LIST + MARK
    assert list(store.names()) == [record.public_id]


def test_sealing_does_not_make_a_foreign_file_ours(session: Session, store: FolderStore) -> None:
    first, second = keep(session, store), keep(session, store)
    token = store.path_of(first.public_id).read_bytes()
    store.path_of(second.public_id).write_bytes(token)
    assert files.seal_plain_files(session, store) == 0
    lay_in_plain(store, second, LIST)
    assert files.seal_plain_files(session, store) == 0
    with pytest.raises(UndecipherableError):
        files.read(store, second)


@pytest.fixture
def own_ring(tmp_path: Path) -> Iterator[KeyRing]:
    """Work with a key ring of this test's own, which may be rotated."""
    usual = crypto.ring().path
    yield crypto.use(crypto.create(tmp_path / "ring.json").path)
    crypto.use(usual)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_file_follows_to_a_new_key(
    own_ring: KeyRing, session: Session, store: FolderStore
) -> None:
    record = keep(session, store)
    assert files.reseal(store, record) is False
    own_ring.add_key()
    assert files.reseal(store, record) is True
    assert files.reseal(store, record) is False
    own_ring.forget_old_keys()
    assert files.read(store, record) == LIST + MARK
    assert kept_files(store) == [store.path_of(record.public_id)]


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_new_key_does_not_make_a_foreign_file_ours(
    own_ring: KeyRing, session: Session, store: FolderStore
) -> None:
    first, second, gone = (keep(session, store) for _number in range(3))
    token = store.path_of(first.public_id).read_bytes()
    store.path_of(second.public_id).write_bytes(token)
    store.path_of(gone.public_id).unlink()
    own_ring.add_key()
    with pytest.raises(UndecipherableError):
        files.reseal(store, second)
    assert store.path_of(second.public_id).read_bytes() == token
    assert files.reseal(store, gone) is False


def scanner(folder: Path, body: str) -> None:
    """Install a virus scanner, as a small program of its name."""
    program = folder / "clamdscan"
    program.write_text(f"#!/bin/sh\n{body}\n", encoding="ascii")
    program.chmod(0o755)


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ('[ "$*" = "--no-summary -" ] && grep -q PENANDA && exit 1; exit 0', False),
        ("grep -q TIDAK-ADA && exit 1; exit 0", True),
        # The scanner's service does not run.
        ("cat > /dev/null; exit 2", True),
        ("exit 2", True),
    ],
)
def test_the_virus_scanner_of_the_machine_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, body: str, *, kept: bool
) -> None:
    scanner(tmp_path, body)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    if kept:
        assert files.check(LIST + MARK, EVERY) == LIST + MARK
    else:
        with pytest.raises(Rejected, match="file_infected"):
            files.check(LIST + MARK, EVERY)


def kept_or_refused(session: Session, store: FolderStore, content: bytes) -> StoredFile | None:
    """Hand in a file; None when it is refused."""
    try:
        return files.keep(session, store, "x", content, EVERY)
    except Rejected:
        return None


BEGINNINGS = [b"", b"%PDF-1.7\n", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBPVP8X"]


@hypothesis_settings(max_examples=300, deadline=None)
@given(beginning=st.sampled_from(BEGINNINGS), rest=st.binary(max_size=400))
def test_arbitrary_bytes_are_kept_or_refused(
    shared_session: Session, tmp_path_factory: pytest.TempPathFactory, beginning: bytes, rest: bytes
) -> None:
    store = FolderStore(tmp_path_factory.getbasetemp() / "arbitrary")
    record = kept_or_refused(shared_session, store, beginning + rest)
    if record is not None:
        assert len(files.read(store, record)) == record.size
