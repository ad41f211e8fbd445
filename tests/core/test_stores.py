"""One store is as good as another: a folder, and a bucket on a real server."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.config import ConfigurationError
from portal.core import crypto, files, rotation
from portal.core.crypto import KeyRing, UndecipherableError
from portal.core.db import Database, is_full, transaction
from portal.core.files import CSV, FolderStore, Store, StoredFile, StoreUnavailableError, moving
from portal.core.files.s3 import S3Store
from portal.core.files.stores import store_from
from tests import buckets
from tests.conftest import on_sqlite, settings_for

LIST = b"npsn,nama\n97000001,SMP Contoh\n"
BYTES = bytes(range(256)) * 5000


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Return each kind of store, empty."""
    return FolderStore(tmp_path / "files") if request.param == "folder" else buckets.new_store()


@pytest.fixture
def own_ring(tmp_path: Path) -> Iterator[KeyRing]:
    """Work with a key ring of this test's own, which may be rotated."""
    usual = crypto.ring().path
    yield crypto.use(crypto.create(tmp_path / "ring.json").path)
    crypto.use(usual)


def keep(session: Session, store: Store, content: bytes = LIST) -> StoredFile:
    """Keep a list."""
    return files.keep(session, store, "daftar.csv", content, frozenset({CSV}))


def unused_port() -> int:
    """Return a port that nobody listens on."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])


def test_what_was_put_is_there(store: Store) -> None:
    store.put("satu", BYTES)
    store.put("-dua_2", b"")
    assert (store.get("satu"), store.get("satu", 300), store.size("satu")) == (
        BYTES,
        BYTES[:300],
        len(BYTES),
    )
    assert (store.get("-dua_2"), store.get("-dua_2", 64), store.size("-dua_2")) == (b"", b"", 0)
    assert sorted(store.names()) == ["-dua_2", "satu"]
    store.put("satu", b"baru")
    assert store.get("satu") == b"baru"
    assert store.get("satu", 64) == b"baru"


def test_what_is_missing_is_said_so(store: Store) -> None:
    for ask in (store.get, store.size, lambda name: store.get(name, 8)):
        with pytest.raises(FileNotFoundError):
            ask("tidak-ada")
    assert list(store.names()) == []
    store.put("ada", b"1")
    for _time in range(2):
        store.delete("ada")
    assert list(store.names()) == []


def test_names_come_a_few_at_a_time_and_are_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The server's; others answer with a thousand at most.
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "3")
    bucket = buckets.new_bucket()
    own, other = (S3Store.at(buckets.url_of(bucket, prefix)) for prefix in ("a", "ab/c"))
    whole = S3Store.at(buckets.url_of(bucket, ""))
    for number in range(10):
        own.put(str(number), b"x")
    other.put("lain", b"y")
    whole.put("luar", b"z")
    assert len(list(islice(own.names(), 4))) == 4
    assert sorted(own.names()) == sorted(str(number) for number in range(10))
    assert list(other.names()) == ["lain"]
    assert list(whole.names()) == ["luar"]
    folder = FolderStore(tmp_path)
    folder.put("x", b"1")
    (tmp_path / "x.0123.new").write_bytes(b"broken off")
    (tmp_path / "subfolder").mkdir()
    assert list(folder.names()) == ["x"]


def test_whoever_writes_at_once_leaves_one_whole_content(store: Store) -> None:
    contents = [bytes([65 + number]) * 200_000 for number in range(6)]
    start = threading.Barrier(len(contents))
    problems: list[Exception] = []
    # The server of the tests may refuse one of several at once; what it keeps is whole anyway.
    refusals = () if isinstance(store, FolderStore) else (StoreUnavailableError,)

    def write(content: bytes) -> None:
        start.wait()
        try:
            for _time in range(3):
                with suppress(*refusals):
                    store.put("sama", content)
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=write, args=[content]) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert store.get("sama") in contents
    assert list(store.names()) == ["sama"]
    if isinstance(store, FolderStore):
        assert os.listdir(store.folder) == ["sama"]


def keep_and_break(session: Session, store: Store) -> None:
    """Keep a list, then run into a problem before that is committed."""
    keep(session, store)
    assert len(list(store.names())) == 1
    raise ArithmeticError


def discard_and_break(session: Session, store: Store, record: StoredFile) -> None:
    """Forget a file, then run into a problem before that is committed."""
    files.discard(session, store, record)
    session.flush()
    raise ArithmeticError


@on_sqlite
def test_files_follow_the_transaction(session: Session, store: Store) -> None:
    with pytest.raises(ArithmeticError), transaction(session):
        keep_and_break(session, store)
    assert list(store.names()) == []
    with transaction(session):
        record = keep(session, store)
    assert list(store.names()) == [record.public_id]
    assert LIST not in store.get(record.public_id)
    with pytest.raises(ArithmeticError), transaction(session):
        discard_and_break(session, store, record)
    record = session.get_one(StoredFile, record.id)
    assert files.read(store, record) == LIST
    with transaction(session):
        files.discard(session, store, record)
        assert list(store.names()) == [record.public_id]
    assert list(store.names()) == []
    with pytest.raises(FileNotFoundError):
        files.read(store, record)


def test_an_undone_savepoint_takes_only_its_own_steps_back(
    database: Database, tmp_path: Path
) -> None:
    store = FolderStore(tmp_path / "files")
    with database.writer() as session:
        with transaction(session):
            earlier = keep(session, store)
        with transaction(session):
            outer = keep(session, store)
            with session.begin_nested():
                held = keep(session, store)
            undone = session.begin_nested()
            with session.begin_nested():
                lost = keep(session, store).public_id
            files.discard(session, store, session.get_one(StoredFile, earlier.id))
            session.flush()
            undone.rollback()
            assert lost not in set(store.names())
        expected = sorted(each.public_id for each in (earlier, outer, held))
        assert sorted(store.names()) == expected
        rows = session.scalars(sa.select(StoredFile.public_id))
        assert sorted(rows) == expected


@on_sqlite
def test_a_session_that_is_only_closed_leaves_nothing(database: Database, tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "files")
    with database.writer() as session:
        keep(session, store)
    assert list(store.names()) == []


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_nothing_is_taken_back_when_nobody_knows_whether_the_commit_held(
    database: Database, tmp_path: Path
) -> None:
    store = FolderStore(tmp_path / "files")
    with database.writer() as session:
        keep(session, store)
        # Comes after whatever else happens before a commit.
        sa.event.listen(session, "before_commit", lambda _session: terminate(database, session))
        with pytest.raises(OperationalError), transaction(session):
            pass
    assert len(list(store.names())) == 1
    with database.writer() as session, pytest.raises(OperationalError), transaction(session):
        keep_and_be_cut_off(database, session, store)
    # Lost before the commit: undone for certain.
    assert len(list(store.names())) == 1


def keep_and_be_cut_off(database: Database, session: Session, store: Store) -> None:
    """Keep a list, then lose the connection before that is committed."""
    keep(session, store)
    terminate(database, session)
    session.execute(sa.text("SELECT 1"))


def terminate(database: Database, session: Session) -> None:
    """Cut a session's connection off, as a server that stops does."""
    backend = session.scalar(sa.text("SELECT pg_backend_pid()"))
    with database.reading.connect() as connection:
        connection.execute(sa.text(f"SELECT pg_terminate_backend({backend}, 2000)"))


@on_sqlite
def test_a_file_opens_the_same_wherever_it_lies(session: Session, tmp_path: Path) -> None:
    folder, bucket = FolderStore(tmp_path / "files"), buckets.new_store()
    with transaction(session):
        first, second = keep(session, folder), keep(session, folder, LIST + b"lain")
    for record in (first, second):
        bucket.put(record.public_id, folder.get(record.public_id))
    assert (files.read(bucket, first), files.read(bucket, second)) == (LIST, LIST + b"lain")
    bucket.put(second.public_id, folder.get(first.public_id))
    with pytest.raises(UndecipherableError):
        files.read(bucket, second)


@on_sqlite
def test_a_new_key_reaches_every_store(database: Database, store: Store, own_ring: KeyRing) -> None:
    with database.writer() as session, transaction(session):
        records = [keep(session, store, LIST + bytes([65 + number])) for number in range(3)]
    own_ring.add_key()
    store.delete(records[2].public_id)
    assert rotation.remaining(database, store) == 3 + 2
    done = rotation.rotate(database, store, lambda _count: None)
    assert (done.texts, done.files, done.unreadable) == (3, 2, set())
    assert rotation.forget_old(database, store) == ["k1"]
    assert files.read(store, records[1]) == LIST + b"B"


@on_sqlite
def test_a_key_stays_while_its_files_cannot_be_seen(database: Database, own_ring: KeyRing) -> None:
    store = buckets.new_store()
    with database.writer() as session, transaction(session):
        keep(session, store)
    own_ring.add_key()
    away = replace(store, bucket="tidak-ada-7731")
    for step in (
        lambda: rotation.rotate(database, away, lambda _count: None),
        lambda: rotation.forget_old(database, away),
        lambda: away.size("x"),
        lambda: away.get("x"),
        lambda: away.put("x", b"1"),
        lambda: away.delete("x"),
        lambda: list(away.names()),
    ):
        with pytest.raises(StoreUnavailableError, match=r"tidak-ada-7731.*NoSuchBucket"):
            step()
    assert set(own_ring.keys) == {"k1", "k2"}


@on_sqlite
def test_what_cannot_be_put_leaves_neither_row_nor_bytes(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "files").write_bytes(b"a file where the folder should be")
    away = S3Store.at(buckets.url_of("bucket", at=f"http://127.0.0.1:{unused_port()}"))
    stores = (FolderStore(tmp_path / "files"), away)
    with database.writer() as session:
        for store in stores:
            with pytest.raises(StoreUnavailableError), transaction(session):
                keep(session, store)
        assert session.scalar(sa.select(sa.func.count()).select_from(StoredFile)) == 0


@on_sqlite
def test_what_cannot_be_removed_stops_nobody(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    server = buckets.serve()
    bucket = buckets.new_bucket()
    store = S3Store.at(buckets.url_of(bucket, at=buckets.endpoint_of(server)))
    with database.writer() as session:
        with transaction(session):
            record = keep(session, store)
        other = keep(session, store)
        files.discard(session, store, record)
        server.stop()
        session.rollback()
        with transaction(session):
            files.discard(session, store, session.get_one(StoredFile, record.id))
        assert session.scalar(sa.select(sa.func.count()).select_from(StoredFile)) == 0
    for name in (other.public_id, record.public_id):
        assert f"file {name} is no longer needed and stays" in caplog.text


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder with room for 64 KB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if subprocess.run(mounted, capture_output=True, check=False).returncode:  # noqa: S603 - fixed
        pytest.skip("this machine lets nobody mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)  # noqa: S603, S607 - fixed


def test_a_full_folder_is_told_apart_and_holds_no_half(small_disk: Path) -> None:
    store = FolderStore(small_disk)
    store.put("lama", b"1")
    for name in ("baru", "lama"):
        with pytest.raises(StoreUnavailableError, match="No space left") as caught:
            store.put(name, BYTES)
        assert is_full(caught.value)
    assert [path.name for path in small_disk.iterdir()] == ["lama"]
    assert store.get("lama") == b"1"
    store.put("baru", b"2")


@pytest.mark.parametrize(
    "name", ["../luar", "/etc/passwd", "", ".", "..", ".tersembunyi", "a/b", "a\\b", "C:x", "a\n"]
)
def test_no_name_leads_out_of_a_folder(tmp_path: Path, name: str) -> None:
    store = FolderStore(tmp_path / "files")
    for step in (
        lambda: store.put(name, b"x"),
        lambda: store.get(name),
        lambda: store.delete(name),
    ):
        with pytest.raises(ValueError, match="not a name"):
            step()
    assert not (tmp_path / "luar").exists()


def test_addresses_of_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    expected = {
        "": tmp_path / "data" / "files",
        str(tmp_path / "berkas"): tmp_path / "berkas",
        "berkas/lain": tmp_path / "berkas" / "lain",
        (tmp_path / "ruang kerja").as_uri(): tmp_path / "ruang kerja",
    }
    for url, folder in expected.items():
        store = store_from(url, tmp_path / "data")
        assert store == FolderStore(folder)
        assert store.address == str(folder)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("s3://mitra-sekolah", "s3://mitra-sekolah"),
        ("s3://u:p@mitra.sekolah/a/b/", "s3://mitra.sekolah/a/b"),
        (
            "s3://u:p%2Fq@mitra/a?endpoint=https://s3.example:9000/&region=id-1",
            "s3://mitra/a?endpoint=https://s3.example:9000&region=id-1",
        ),
    ],
)
def test_addresses_of_buckets(tmp_path: Path, url: str, address: str) -> None:
    assert store_from(url, tmp_path).address == address


@pytest.mark.parametrize(
    "url",
    [
        "http://rahasia7731.example/bucket",
        "gs://rahasia7731",
        "file://rahasia7731/folder",
        "file:rahasia7731",
        "s3://",
        "s3:///rahasia7731",
        "s3://ab",
        "s3://Rahasia_7731_",
        "s3://u:rahasia7731/x@bucket/prefix",
        "s3://u@bucket",
        "s3://:rahasia7731@bucket",
        "s3://bucket:9000/rahasia7731",
        "s3://bucket:rahasia7731/",
        "s3://bucket?endpoint=minio:9000",
        "s3://bucket?endpoint=ftp://rahasia7731",
        "s3://bucket?endpoint=https://u:rahasia7731@host",
        "s3://bucket?password=rahasia7731",
        "s3://bucket?rahasia7731",
        "s3://[rahasia7731/",
    ],
)
def test_addresses_of_nothing_are_refused_and_not_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        store_from(url, tmp_path)
    assert "PORTAL_STORAGE_URL" in str(refused.value)
    assert "rahasia7731" not in str(refused.value)


def test_the_usual_variables_open_a_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = buckets.new_bucket()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", buckets.USER)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", buckets.PASSWORD)
    store = S3Store.at(f"s3://{bucket}?endpoint={buckets.endpoint()}&region=us-east-1")
    store.put("x", b"1")
    assert list(store.names()) == ["x"]


@on_sqlite
def test_credentials_stand_in_no_log_and_no_repr(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = buckets.url_of(buckets.new_bucket())
    store = S3Store.at(url)
    with database.writer() as session, transaction(session):
        keep(session, store)
    away = S3Store.at(buckets.url_of("bucket", at=f"http://127.0.0.1:{unused_port()}"))
    with pytest.raises(StoreUnavailableError) as caught:
        away.get("x")
    configured = replace(settings_for(tmp_path, "sqlite://"), storage_url=url)
    told = [repr(store), store.address, repr(configured), repr(caught.value), str(caught.value)]
    told += [repr(vars(files)), caplog.text]
    for secret in (buckets.PASSWORD, buckets.QUOTED, buckets.USER):
        assert [text for text in told if secret in text] == []


WITHOUT = """
import sys
sys.modules["boto3"] = None
from pathlib import Path
from portal.config import ConfigurationError
from portal.core.files import store_from
print(store_from("", Path("data")).address)
try:
    store_from("s3://bucket", Path("data"))
except ConfigurationError as error:
    print(error)
"""


def test_only_a_bucket_needs_the_extra() -> None:
    said = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert said[0].endswith("files")
    assert "pip install 'portal-mitra-sekolah[s3]'" in said[1]


@on_sqlite
def test_files_handed_in_during_a_move_are_moved_as_well(
    database: Database, tmp_path: Path
) -> None:
    source, target = FolderStore(tmp_path / "files"), buckets.new_store()
    with database.writer() as session:
        with transaction(session):
            keep(session, source)

        def hand_in(_count: int) -> None:
            if len(list(source.names())) < 2:
                with transaction(session):
                    keep(session, source)

        moved = moving.move(database, source, target, hand_in)
    assert (moved.copied, moved.complete) == (2, True)
    assert sorted(target.names()) == sorted(source.names())


@pytest.mark.drill
def test_a_store_that_never_answers_is_given_up_in_time() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        store = S3Store.at(
            buckets.url_of("bucket", at=f"http://127.0.0.1:{silent.getsockname()[1]}")
        )
        began = time.monotonic()
        with pytest.raises(StoreUnavailableError):
            store.put("x", BYTES)
        assert time.monotonic() - began < 15
