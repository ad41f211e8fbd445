"""`portal files move`, and what other commands say of a store they cannot work with."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from portal.cli import main
from portal.config import Settings
from portal.core import crypto, files
from portal.core.db import Database, transaction
from portal.core.files import CSV, FolderStore, Store, StoredFile
from portal.core.files.s3 import S3Store
from portal.core.retention import ledger
from tests import buckets
from tests.conftest import KEY_RING, SECRET, on_sqlite

Run = Callable[..., Result]
CONTENT = b"npsn,nama\n97000001,SMP Contoh\n"


@pytest.fixture
def ring(tmp_path: Path) -> Iterator[Path]:
    """Return a copy of the ring, since these commands turn it."""
    path = tmp_path / "ring" / "ring.json"
    path.parent.mkdir()
    shutil.copy(KEY_RING, path)
    crypto.use(path)
    yield path
    crypto.use(KEY_RING)


@pytest.fixture
def portal(settings: Settings, ring: Path) -> Iterator[Run]:
    """Run `portal` in this process, with the files at an address."""

    def run(*arguments: str, at: str = "", stdin: str | None = None) -> Result:
        crypto._ring = None
        env = {
            "PORTAL_DATA_DIR": str(settings.data_dir),
            "PORTAL_DATABASE_URL": settings.database_url,
            "PORTAL_KEY_RING": str(ring),
            "PORTAL_SECRET_KEY": SECRET,
            "PORTAL_STORAGE_URL": at,
        }
        result = CliRunner().invoke(main, arguments, input=stdin, env=env)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        for secret in (buckets.PASSWORD, buckets.QUOTED):
            assert secret not in result.output
        return result

    yield run
    ledger._path = None


@pytest.fixture
def url() -> str:
    """Return the address of an empty bucket."""
    return buckets.url_of(buckets.new_bucket())


def done(result: Result) -> str:
    """Return what a command said that did its work."""
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def refused(result: Result, *texts: str) -> None:
    """Check that a command was refused with a sentence."""
    assert result.exit_code == 1
    assert "Error: " in result.stderr
    for text in texts:
        assert text in result.stderr


def write(database: Database, store: Store, count: int = 3) -> None:
    """Keep files."""
    with database.writer() as session, transaction(session):
        for number in range(count):
            content = CONTENT + str(number).encode()
            files.keep(session, store, f"{number}.csv", content, frozenset({CSV}))


def contents(database: Database, store: Store) -> list[bytes]:
    """Return what every file says, as the portal would read it."""
    with database.reader() as session:
        records = session.scalars(sa.select(StoredFile))
        return sorted(files.read(store, record) for record in records)


@on_sqlite
def test_files_go_to_a_bucket_and_back(
    portal: Run, database: Database, store: FolderStore, url: str, tmp_path: Path
) -> None:
    write(database, store)
    held = contents(database, store)
    (store.folder / "tanpa-baris").write_bytes(b"an orphan stays behind")
    said = done(portal("files", "move", "--to", url))
    bucket = S3Store.at(url)
    assert "Copied: 3. There already, and the same: 0." in said
    assert f"Every file is in {bucket.address} now." in said
    assert "Set PORTAL_STORAGE_URL to the address you gave with --to" in said
    assert contents(database, bucket) == held
    assert len(list(bucket.names())) == 3
    assert contents(database, store) == held

    back = FolderStore(tmp_path / "kembali")
    said = done(portal("files", "move", "--to", back.folder.as_uri(), at=url))
    assert "Copied: 3." in said
    assert contents(database, back) == held
    assert "Encrypted anew: 3 texts and 3 files." in done(portal("keys", "rotate", at=url))
    assert crypto.ring().active == "k2"
    assert contents(database, bucket) == held
    # The copies in the folder are older now: they are brought up to date.
    assert "Copied: 3." in done(portal("files", "move", "--to", str(back.folder), at=url))
    done(portal("keys", "forget-old", "--yes", at=url))
    assert contents(database, back) == held


@on_sqlite
def test_a_move_that_was_broken_off_goes_on_where_it_stopped(
    portal: Run, database: Database, store: FolderStore, url: str
) -> None:
    write(database, store, 4)
    bucket = S3Store.at(url)
    whole, half, foreign, _rest = sorted(store.names())
    bucket.put(whole, store.get(whole))
    bucket.put(half, store.get(half)[:20])
    bucket.put(foreign, store.get(whole))
    said = done(portal("files", "move", "--to", url))
    assert "Copied: 3. There already, and the same: 1." in said
    assert contents(database, bucket) == contents(database, store)
    # The old copies may be cleared away, and the command still knows that all is well.
    shutil.rmtree(store.folder)
    said = done(portal("files", "move", "--to", url))
    assert "Copied: 0. There already, and the same: 4." in said


@on_sqlite
def test_what_cannot_be_moved_is_named_and_the_rest_goes_on(
    portal: Run, database: Database, store: FolderStore, url: str
) -> None:
    write(database, store)
    missing, plain, _good = sorted(store.names())
    store.delete(missing)
    store.put(plain, CONTENT)
    result = portal("files", "move", "--to", url)
    refused(
        result,
        f"1 are not in {store.folder}",
        missing,
        "1 are not encrypted as they should be. Did you run `portal upgrade`?",
        plain,
        "Leave PORTAL_STORAGE_URL as it is.",
    )
    assert "Copied: 1." in result.stdout
    assert len(list(S3Store.at(url).names())) == 1


@on_sqlite
def test_wrong_addresses_are_refused_before_anything_is_copied(
    portal: Run, database: Database, store: FolderStore, url: str, tmp_path: Path
) -> None:
    write(database, store, 1)
    refused(portal("files", "move", "--to", str(store.folder)), "lie there already")
    refused(portal("files", "move", "--to", url, at=url), "lie there already")
    refused(portal("files", "move", "--to", "gs://lain"), "--to names no store", "s3://")
    refused(portal("files", "move", "--to", url, at="ftp://lain"), "PORTAL_STORAGE_URL")
    away = url.replace("@uji-", "@tidak-ada-")
    refused(portal("files", "move", "--to", away), "refuses: NoSuchBucket")
    (tmp_path / "berkas").write_bytes(b"")
    refused(portal("files", "move", "--to", str(tmp_path / "berkas" / "x")), "cannot be used")
    assert portal("files", "move").exit_code == 2
    assert portal("files", "move", "--to", " ").exit_code == 2


@on_sqlite
def test_keys_are_not_turned_over_a_store_without_the_files(
    portal: Run, database: Database, store: FolderStore, url: str, ring: Path
) -> None:
    write(database, store)
    for command in (("keys", "rotate"), ("keys", "forget-old", "--yes")):
        if command[1] == "forget-old":
            done(portal("keys", "rotate"))
        before = ring.read_bytes()
        refused(portal(*command, at=url), "None of the files", "Is PORTAL_STORAGE_URL right?")
        refused(portal(*command, at=url.replace("@uji-", "@tidak-ada-")), "NoSuchBucket")
        assert ring.read_bytes() == before
    done(portal("keys", "forget-old", "--yes"))
    assert len(contents(database, store)) == 3


@on_sqlite
def test_an_upgrade_seals_what_lies_in_plain_in_the_folder_and_asks_no_other_store(
    portal: Run, database: Database, store: FolderStore
) -> None:
    write(database, store, 2)
    held = contents(database, store)
    plain = next(store.names())
    with database.reader() as session:
        found = sa.select(StoredFile).where(StoredFile.public_id == plain)
        store.put(plain, files.read(store, session.scalars(found).one()))
    done(portal("upgrade", at="s3://u:p@bucket?endpoint=http://127.0.0.1:1"))
    assert crypto.ring().is_current(store.get(plain))
    assert contents(database, store) == held
