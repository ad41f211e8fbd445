"""Files people hand in: told apart by content, kept outside the web root, gone when undone."""

from __future__ import annotations

import hashlib
import io
import zlib
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core import files
from portal.core.db import Database, new_id, transaction
from portal.core.errors import Rejected
from portal.core.files import CSV, MOST_BYTES, PDF, XLSX, StoredFile

SCAN = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n%%EOF\n"
LIST = b"npsn,nama\n97000001,SMP Contoh\n"
EVERY = frozenset({PDF, CSV, XLSX})


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
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", None),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", None),
        (b"MZ\x90\x00\x03\x00\x00\x00", None),
        (b" %PDF-1.7\x00", None),
    ],
)
def test_a_file_is_told_by_its_content(content: bytes, kind: str | None) -> None:
    assert files.media_type_of(content) == kind


def test_a_kept_file_can_be_read_again_and_is_described(session: Session, tmp_path: Path) -> None:
    who = new_id()
    with transaction(session):
        record = files.store(session, tmp_path, "MoU 12.pdf", SCAN, frozenset({PDF}), who)
    assert files.read(tmp_path, record) == SCAN
    assert (record.name, record.media_type, record.size) == ("MoU 12.pdf", PDF, len(SCAN))
    assert record.sha256 == hashlib.sha256(SCAN).hexdigest()
    assert record.stored_by == who


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
        (SCAN + b"<< /Encrypt 5 0 R >>", EVERY, "file_active"),
        (SCAN + b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>", EVERY, "file_active"),
        (SCAN + b"<< /S /JavaScri#70t >>", EVERY, "file_active"),
        (SCAN + b"<< /Type /Filespec /EmbeddedFile 7 0 R >>", EVERY, "file_active"),
        (SCAN + b"<< /S /Launch /F (calc.exe) >>", EVERY, "file_active"),
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


def test_a_script_packed_into_an_object_stream_is_found() -> None:
    packed = zlib.compress(b"1 0 << /S /JavaScript >>")
    hidden = b"5 0 obj\n<< /Type /ObjStm >>\nstream\n" + packed + b"\nendstream\nendobj\n"
    assert files.is_active_pdf(SCAN + hidden)


def test_the_noise_of_a_scanned_page_is_no_script() -> None:
    image = b"5 0 obj\n<< /Subtype /Image >>\nstream\n\x01/JS\x02/Launch \nendstream\nendobj\n"
    assert not files.is_active_pdf(SCAN + image)


def test_an_object_stream_that_unpacks_without_end_is_refused() -> None:
    bomb = zlib.compress(b"0" * (30 * 1024 * 1024), 9)
    packed = b"5 0 obj\n<< /Type /ObjStm >>\nstream\n" + bomb + b"\nendstream\nendobj\n"
    assert files.is_active_pdf(SCAN + packed)


@pytest.mark.parametrize(
    ("given_name", "kept_name"),
    [
        ("MoU SDN 3.pdf", "MoU SDN 3.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Ratna\\MoU.pdf", "MoU.pdf"),
        ("/etc/shadow", "shadow"),
        ("folder/", "folder"),
        ("", "file"),
        (".", "file"),
        ("..", "file"),
        ("/", "file"),
        ("a\x00b.pdf", "ab.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
        ("n" * 300 + ".pdf", "n" * 160),
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
        assert files.read(tmp_path, session.get_one(StoredFile, record.id)) == SCAN
        with transaction(session):
            files.discard(session, tmp_path, session.get_one(StoredFile, record.id))
        assert kept_files(tmp_path) == []
