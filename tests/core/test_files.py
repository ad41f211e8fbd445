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


def store_and_break(session: Session, folder: Path) -> None:
    """Keep a file, then run into a problem before that is committed."""
    files.store(session, folder, "x.pdf", SCAN, EVERY)
    assert len(kept_files(folder)) == 1
    raise ArithmeticError


def forget_and_break(session: Session, folder: Path, record: StoredFile) -> None:
    """Forget a file, then run into a problem before that is committed."""
    files.discard(session, folder, record)
    session.flush()
    raise ArithmeticError


def kept_files(folder: Path) -> list[Path]:
    """Return the files that lie in the folder."""
    return [path for path in (folder / "files").glob("*") if path.is_file()]


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


def test_a_kept_file_can_be_read_again_and_is_described(session: Session, tmp_path: Path) -> None:
    who = new_id()
    with transaction(session):
        record = files.store(session, tmp_path, "Daftar 12.csv", LIST, EVERY, who)
    assert files.read(tmp_path, record) == LIST
    assert (record.name, record.media_type, record.size) == ("Daftar 12.csv", CSV, len(LIST))
    assert (record.kind, record.stored_by) == ("CSV", who)


def test_a_kept_file_lies_under_a_random_name_that_tells_nothing(
    session: Session, tmp_path: Path
) -> None:
    with transaction(session):
        first, second = (
            files.store(session, tmp_path, "MoU.pdf", SCAN, frozenset({PDF})) for _number in "12"
        )
    assert sorted(path.name for path in kept_files(tmp_path)) == sorted(
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
    session: Session, tmp_path: Path, content: bytes, allowed: frozenset[str], code: str
) -> None:
    with pytest.raises(Rejected) as refusal, transaction(session):
        files.store(session, tmp_path, "x.pdf", content, allowed)
    assert (refusal.value.code, refusal.value.field) == (code, "file")
    assert kept_files(tmp_path) == []
    assert session.scalar(select(func.count()).select_from(StoredFile)) == 0


def test_the_largest_file_allowed_is_kept(session: Session, tmp_path: Path) -> None:
    with transaction(session):
        record = files.store(session, tmp_path, "x.csv", b"a" * MOST_BYTES, EVERY)
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
    session: Session, tmp_path: Path, given_name: str, kept_name: str
) -> None:
    with transaction(session):
        record = files.store(session, tmp_path, given_name, SCAN, frozenset({PDF}))
    session.expire_all()
    assert session.get_one(StoredFile, record.id).name == kept_name
    assert [path.name for path in kept_files(tmp_path)] == [record.public_id]


@hypothesis_settings(max_examples=50, deadline=None)
@given(name=st.text(max_size=200))
def test_no_name_leads_out_of_the_folder(
    shared_session: Session, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    folder = tmp_path_factory.mktemp("names")
    record = files.store(shared_session, folder, name, SCAN, frozenset({PDF}))
    assert 1 <= len(record.name) <= 160
    assert record.name.isprintable()
    assert not set(record.name) & {"/", "\\"}
    assert record.name not in {".", ".."}
    assert files.path_of(folder, record).resolve().parent == (folder / "files").resolve()


def test_an_undone_transaction_takes_the_bytes_back(database: Database, tmp_path: Path) -> None:
    with (
        database.writer() as session,
        pytest.raises(ArithmeticError),
        transaction(session),
    ):
        store_and_break(session, tmp_path)
    assert kept_files(tmp_path) == []


def test_forgetting_a_file_removes_its_bytes_only_with_the_commit(
    database: Database, tmp_path: Path
) -> None:
    with database.writer() as session:
        with transaction(session):
            record = files.store(session, tmp_path, "x.pdf", SCAN, EVERY)
        with pytest.raises(ArithmeticError), transaction(session):
            forget_and_break(session, tmp_path, record)
        assert files.read(tmp_path, session.get_one(StoredFile, record.id))
        with transaction(session):
            files.discard(session, tmp_path, session.get_one(StoredFile, record.id))
        assert kept_files(tmp_path) == []


def keep(session: Session, folder: Path, content: bytes = LIST + MARK) -> StoredFile:
    """Keep a list and commit."""
    with transaction(session):
        return files.store(session, folder, "daftar.csv", content, EVERY)


def lay_in_plain(folder: Path, record: StoredFile, content: bytes) -> None:
    """Leave a kept file as version 0.1 did."""
    files.path_of(folder, record).write_bytes(content)


def test_what_lies_on_the_disk_says_nothing(session: Session, tmp_path: Path) -> None:
    record = keep(session, tmp_path)
    blob = files.path_of(tmp_path, record).read_bytes()
    assert MARK not in blob
    assert crypto.ring().is_current(blob)
    assert MARK in files.read(tmp_path, record)


def test_bytes_that_were_moved_changed_or_planted_are_never_handed_out(
    session: Session, tmp_path: Path
) -> None:
    first, second = keep(session, tmp_path), keep(session, tmp_path, LIST + b"lain")
    token = files.path_of(tmp_path, first).read_bytes()
    own = files.path_of(tmp_path, second).read_bytes()
    for planted in (token, own[:-1] + bytes([own[-1] ^ 1]), LIST, b""):
        files.path_of(tmp_path, second).write_bytes(planted)
        with pytest.raises(UndecipherableError):
            files.read(tmp_path, second)


def test_what_was_checked_before_is_kept_as_it_is(session: Session, tmp_path: Path) -> None:
    checked = files.check(SCAN, frozenset({PDF}))
    with transaction(session):
        record = files.store(session, tmp_path, "x.pdf", checked, frozenset({PDF}))
    assert files.read(tmp_path, record) == checked
    with pytest.raises(Rejected, match="file_kind"):
        files.store(session, tmp_path, "x.pdf", checked, frozenset({CSV}))
    with pytest.raises(Rejected, match="file_kind"):
        files.check(Checked.of(JPEG, LIST), frozenset({PDF}))


def test_files_of_version_0_1_are_sealed_once(session: Session, tmp_path: Path) -> None:
    plain, sealed, gone = (keep(session, tmp_path) for _number in range(3))
    lay_in_plain(tmp_path, plain, LIST + MARK)
    files.path_of(tmp_path, gone).unlink()
    before = files.path_of(tmp_path, sealed).read_bytes()
    session.expunge_all()
    assert files.seal_plain_files(session, tmp_path) == 1
    assert files.read(tmp_path, plain) == LIST + MARK
    assert MARK not in files.path_of(tmp_path, plain).read_bytes()
    assert files.path_of(tmp_path, sealed).read_bytes() == before
    assert files.seal_plain_files(session, tmp_path) == 0
    assert len(kept_files(tmp_path)) == 2


def test_sealing_goes_on_where_it_was_broken_off(session: Session, tmp_path: Path) -> None:
    record = keep(session, tmp_path)
    lay_in_plain(tmp_path, record, LIST + MARK)
    unfinished = files.path_of(tmp_path, record).with_name(f"{record.public_id}.new")
    unfinished.write_bytes(b"v1|k1|half")
    assert files.seal_plain_files(session, tmp_path) == 1
    assert files.read(tmp_path, record) == LIST + MARK
    assert not unfinished.exists()


def test_sealing_does_not_make_a_foreign_file_ours(session: Session, tmp_path: Path) -> None:
    first, second = keep(session, tmp_path), keep(session, tmp_path)
    token = files.path_of(tmp_path, first).read_bytes()
    files.path_of(tmp_path, second).write_bytes(token)
    assert files.seal_plain_files(session, tmp_path) == 0
    lay_in_plain(tmp_path, second, LIST)
    assert files.seal_plain_files(session, tmp_path) == 0
    with pytest.raises(UndecipherableError):
        files.read(tmp_path, second)


@pytest.fixture
def own_ring(tmp_path: Path) -> Iterator[KeyRing]:
    """Work with a key ring of this test's own, which may be rotated."""
    usual = crypto.ring().path
    yield crypto.use(crypto.create(tmp_path / "ring.json").path)
    crypto.use(usual)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_file_follows_to_a_new_key(own_ring: KeyRing, session: Session, tmp_path: Path) -> None:
    record = keep(session, tmp_path)
    assert files.reseal(tmp_path, record) is False
    own_ring.add_key()
    assert files.reseal(tmp_path, record) is True
    assert files.reseal(tmp_path, record) is False
    own_ring.forget_old_keys()
    assert files.read(tmp_path, record) == LIST + MARK
    assert kept_files(tmp_path) == [files.path_of(tmp_path, record)]


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_new_key_does_not_make_a_foreign_file_ours(
    own_ring: KeyRing, session: Session, tmp_path: Path
) -> None:
    first, second, gone = (keep(session, tmp_path) for _number in range(3))
    token = files.path_of(tmp_path, first).read_bytes()
    files.path_of(tmp_path, second).write_bytes(token)
    files.path_of(tmp_path, gone).unlink()
    own_ring.add_key()
    with pytest.raises(UndecipherableError):
        files.reseal(tmp_path, second)
    assert files.path_of(tmp_path, second).read_bytes() == token
    assert files.reseal(tmp_path, gone) is False


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


def kept_or_refused(session: Session, folder: Path, content: bytes) -> StoredFile | None:
    """Hand in a file; None when it is refused."""
    try:
        return files.store(session, folder, "x", content, EVERY)
    except Rejected:
        return None


BEGINNINGS = [b"", b"%PDF-1.7\n", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBPVP8X"]


@hypothesis_settings(max_examples=300, deadline=None)
@given(beginning=st.sampled_from(BEGINNINGS), rest=st.binary(max_size=400))
def test_arbitrary_bytes_are_kept_or_refused(
    shared_session: Session, tmp_path_factory: pytest.TempPathFactory, beginning: bytes, rest: bytes
) -> None:
    folder = tmp_path_factory.getbasetemp() / "arbitrary"
    record = kept_or_refused(shared_session, folder, beginning + rest)
    if record is not None:
        assert len(files.read(folder, record)) == record.size
