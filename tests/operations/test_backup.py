"""Backups: what is in them, who can read them, what stays when one cannot be written."""

from __future__ import annotations

import io
import os
import re
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyrage
import pytest
import sqlalchemy as sa
from pyrage.x25519 import Identity

from portal.cli.restore import read_identities
from portal.config import ConfigurationError
from portal.core import crypto, files, schedule
from portal.core.access import Role
from portal.core.audit import AuditEntry
from portal.core.crypto import KeyRing
from portal.core.db import Database, connect, transaction
from portal.core.files import CSV, FolderStore, StoredFile, store_from
from portal.core.schedule import Workshop
from portal.operations import jobs
from portal.operations.actions import backups, destinations, drills, restoring
from tests import buckets
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.operations.conftest import Machine, on_postgresql
from tests.test_cli import refused

CANARY = "Burung Kenari Nomor Satu"
CANARY_FILE = b"npsn,nama\n97000001,SMP Burung Kenari\n"
DAY = datetime(2026, 11, 22, 12, tzinfo=UTC)


def upload(database: Database, store: files.Store, content: bytes = CANARY_FILE) -> StoredFile:
    """Hand in a list of schools."""
    with database.writer() as session, transaction(session):
        return files.keep(session, store, "daftar.csv", content, frozenset({CSV}))


@pytest.fixture
def portal_with_data(machine: Machine, build: Builder) -> Machine:
    """Return a portal with a person, a trail and an upload."""
    build.user(Role.PRINCIPAL, build.school(), name=CANARY)
    build.setting("hold_minutes", 17)
    upload(build.database, store_from("", machine.settings.data_dir))
    return machine


def unsealed(path: Path, key: Path) -> dict[str, bytes]:
    """Return what a backup holds, opened with nothing of the portal."""
    identity = Identity.from_str(key.read_text().splitlines()[1])
    plain = pyrage.decrypt(path.read_bytes(), [identity])
    with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
        return {each.name: archive.extractfile(each).read() for each in archive}  # type: ignore[union-attr]


@on_sqlite
def test_only_the_holder_of_the_key_reads_anything(
    portal_with_data: Machine, offline: Path
) -> None:
    told = portal_with_data.done("backup")
    (path,) = portal_with_data.backups()
    assert destinations.NAME.fullmatch(path.name)
    assert path.name in told
    sealed = path.read_bytes()
    for text in (CANARY.encode(), b"Kenari", b"manifest", b"tables/", b"hold_minutes"):
        assert text not in sealed
    inside = unsealed(path, offline)
    assert CANARY.encode() in inside["tables/user/000001.jsonl"]
    assert [name for name in inside if name.startswith("files/")]
    # An upload is a ciphertext within the ciphertext, and the ring is nowhere.
    whole = b"".join(inside.values())
    assert CANARY_FILE not in whole
    ring = portal_with_data.settings.key_ring.read_text()
    for secret in re.findall(r'"([A-Za-z0-9+/]{43}=)"', ring):
        assert secret.encode() not in whole
    assert list(inside)[-2:] == ["manifest.json", "manifest.seal"]


@on_sqlite
def test_without_keys_or_a_place_it_says_what_to_do(portal_with_data: Machine) -> None:
    for key in ("", "AGE-SECRET-KEY-1QQQ", "age1qqq", "kunci"):
        answer = portal_with_data.run("backup", PORTAL_BACKUP_RECIPIENTS=key)
        refused(answer, "PORTAL_BACKUP_RECIPIENTS", "portal backup keygen" if not key else "age1")
        assert key not in answer.output or not key
    refused(portal_with_data.run("backup", PORTAL_BACKUP_URL=""), "PORTAL_BACKUP_URL")
    refused(portal_with_data.run("backup", PORTAL_BACKUP_URL="ftp://x:y@z"), "PORTAL_BACKUP_URL")
    assert not Path(portal_with_data.settings.backup_url).exists()


@on_sqlite
def test_keygen_prints_a_pair_that_fits(portal_with_data: Machine, tmp_path: Path) -> None:
    told = portal_with_data.done("backup", "keygen")
    (public,) = re.findall(r"PORTAL_BACKUP_RECIPIENTS=(age1\w+)", told)
    key = tmp_path / "printed.txt"
    key.write_text(told)
    with key.open() as file:
        (identity,) = read_identities(file)
    assert str(identity.to_public()) == public
    portal_with_data.done("backup", PORTAL_BACKUP_RECIPIENTS=public)
    told = portal_with_data.done(
        "backup", "check", portal_with_data.backups()[0], "--identity", key
    )
    assert "This key opens it" in told
    assert portal_with_data.done("backup", "keygen") != told


@on_sqlite
def test_each_of_several_people_can_open_it(
    portal_with_data: Machine, offline: Path, tmp_path: Path
) -> None:
    second = Identity.generate()
    both = f"{portal_with_data.settings.backup_recipients[0]} {second.to_public()}"
    portal_with_data.done("backup", "--to", tmp_path / "there", PORTAL_BACKUP_RECIPIENTS=both)
    (path,) = (tmp_path / "there").iterdir()
    for identity in (second, Identity.from_str(offline.read_text().splitlines()[1])):
        assert restoring.open_archive(path, [identity]).manifest.files == 1


@on_sqlite
def test_an_upload_that_is_lost_is_told_and_the_rest_is_kept(
    portal_with_data: Machine, offline: Path
) -> None:
    for path in (portal_with_data.settings.data_dir / "files").iterdir():
        path.unlink()
    refused(portal_with_data.run("backup"), "missing from the store: 1")
    (path,) = portal_with_data.backups()
    assert "tables/user/000001.jsonl" in unsealed(path, offline)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder with room for 32 KB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(folder)]
    if subprocess.run(mounted, capture_output=True, check=False).returncode:  # noqa: S603 - fixed
        pytest.skip("this machine lets nobody mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)  # noqa: S603, S607 - fixed


@on_sqlite
def test_a_full_disk_leaves_nothing_that_looks_like_a_backup(
    portal_with_data: Machine, small_disk: Path
) -> None:
    store = FolderStore(portal_with_data.settings.data_dir / "files")
    with connect(portal_with_data.settings.database_url).writer() as session:
        with transaction(session):
            noise = b"a,b\n" + os.urandom(48 * 1024).hex().encode()
            files.keep(session, store, "x.csv", noise, frozenset({CSV}))
        session.get_bind().dispose()  # type: ignore[union-attr]
    answer = portal_with_data.run("backup", "--to", small_disk)
    refused(answer, "No space left", str(small_disk))
    assert list(small_disk.iterdir()) == []


@on_sqlite
def test_what_a_power_cut_left_goes_after_a_day(portal_with_data: Machine) -> None:
    folder = Path(portal_with_data.settings.backup_url)
    folder.mkdir()
    name = destinations.name_of(DAY)
    for age in (1, 30):
        path = folder / f"{name}.{age:016x}.new"
        path.write_bytes(b"half")
        os.utime(path, (time.time() - age * 3600,) * 2)
    portal_with_data.done("backup")
    left = [path.name for path in portal_with_data.backups()]
    assert f"{name}.{1:016x}.new" in left
    assert len(left) == 2


def names(*ages: timedelta) -> list[str]:
    """Return the names of backups of these ages."""
    return [destinations.name_of(DAY - age) for age in ages]


def test_old_ones_go_and_the_newest_never() -> None:
    hours, days = (lambda count: timedelta(hours=count)), (lambda count: timedelta(days=count))
    recent = names(*(hours(each) for each in range(48)))
    assert destinations.outdated(recent, DAY, 35) == []
    # 12:00 UTC is 19:00 in Metro: of an earlier day its last backup stays.
    third = names(*(days(3) + hours(each) for each in (0, 1, 2)))
    assert destinations.outdated([*recent, *third], DAY, 35) == third[1:]
    old = names(days(34), days(35), days(36), days(400))
    assert destinations.outdated([*recent, *old], DAY, 35) == old[2:]
    assert destinations.outdated(old[3:], DAY, 35) == []
    others = ["README.txt", "portal.backup.age", "portal-20200101T000000Z.backup.age.0.new"]
    assert destinations.outdated([*recent, *others], DAY, 1) == recent[25:]


@on_sqlite
def test_the_command_removes_only_its_own_old_ones(
    portal_with_data: Machine, build: Builder
) -> None:
    build.setting("keep_backups_days", 10)
    folder = Path(portal_with_data.settings.backup_url)
    folder.mkdir()
    now = datetime.now(UTC)
    made = [destinations.name_of(now - timedelta(days=age)) for age in (9, 11, 50)]
    for name in (*made, "catatan.txt"):
        (folder / name).write_bytes(b"-")
    assert "removed: 2" in portal_with_data.done("backup")
    left = {path.name for path in portal_with_data.backups()}
    assert {made[0], "catatan.txt"} <= left
    assert len(left) == 3


@on_sqlite
def test_a_bucket_serves_as_well(portal_with_data: Machine, shop: Workshop) -> None:
    url = buckets.url_of(buckets.new_bucket(), "cadangan")
    shop = replace(shop, settings=replace(shop.settings, backup_url=url))
    place = destinations.destination(url, shop.settings)
    place.put(destinations.name_of(DAY - timedelta(days=4000)), b"-")
    place.put("catatan.txt", b"-")
    drilled = drills.drill(shop)
    assert drilled.findings.files == 1
    assert drilled.made.removed == 1
    assert sorted(place.names()) == sorted(["catatan.txt", drilled.made.name])
    assert buckets.QUOTED not in drilled.made.address


@on_postgresql
def test_the_drill_restores_and_says_what_it_saw(portal_with_data: Machine) -> None:
    told = portal_with_data.done("backup", "drill")
    assert "came back whole" in told
    assert "portal backup check" in told


def damage_text(shop: Workshop) -> None:
    """Move a ciphertext to where it does not belong."""
    with shop.database.writing.begin() as connection:
        token = crypto.ring().encrypt(b"elsewhere", b"x")
        connection.execute(sa.text("UPDATE stored_file SET name = :token"), {"token": token})


def damage_trail(shop: Workshop) -> None:
    """Change an entry behind the guard's back."""
    with shop.database.writing.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(sa.text("DROP TRIGGER audit_entry_unchanged"))
        else:
            connection.execute(sa.text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        connection.execute(sa.update(AuditEntry).values(action="x.changed"))


def damage_upload(shop: Workshop) -> None:
    """Change a byte of what was handed in."""
    (path,) = (shop.settings.data_dir / "files").iterdir()
    token = path.read_bytes()
    path.write_bytes(token[:-1] + bytes([token[-1] ^ 1]))


@on_sqlite
@pytest.mark.parametrize(
    ("damage", "told"),
    [(damage_text, "stored_file.name"), (damage_trail, "trail"), (damage_upload, "content")],
)
def test_the_drill_is_not_well_when_something_is_wrong(
    portal_with_data: Machine, shop: Workshop, damage: Callable[[Workshop], None], told: str
) -> None:
    damage(shop)
    refused(portal_with_data.run("backup", "drill"), told)


def outcome(shop: Workshop, name: str) -> dict[str, Any]:
    """Run a job as a worker does and return how it went."""
    with shop.database.writer() as session, transaction(session):
        schedule.hurry(session, name)
    assert schedule.run(shop, schedule.jobs[name])
    with shop.database.reader() as session:
        record = schedule.records(session)[name]
        assert record.problem == ""
        return record.outcome


@on_sqlite
def test_the_jobs_do_nothing_until_configured_and_then_try_out_the_first(
    portal_with_data: Machine, shop: Workshop
) -> None:
    with shop.database.writer() as session, transaction(session):
        schedule.enrol(session)
    bare = replace(shop, settings=replace(shop.settings, backup_url="", backup_recipients=()))
    assert outcome(bare, jobs.BACKUP) == outcome(bare, jobs.DRILL) == jobs.NOT_CONFIGURED
    done = outcome(shop, jobs.BACKUP)
    assert done["rows"] > 10
    assert (done["files"], done["lost_files"], done["removed"]) == (1, 0, 0)
    with shop.database.reader() as session:
        assert jobs.DRILL in [job.name for job in schedule.due(session)]
    tried = outcome(shop, jobs.DRILL)
    assert tried["rows"] >= done["rows"]
    assert tried["texts"] >= 1
    outcome(shop, jobs.BACKUP)
    with shop.database.reader() as session:
        assert jobs.DRILL not in [job.name for job in schedule.due(session)]
    half = replace(shop, settings=replace(shop.settings, backup_recipients=()))
    with pytest.raises(ConfigurationError):
        backups.is_configured(half.settings)


@on_sqlite
def test_a_database_without_tables_is_not_taken_for_an_empty_portal(
    portal_with_data: Machine, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'wrong.db'}"
    refused(portal_with_data.run("backup", PORTAL_DATABASE_URL=url), "no tables")
    assert portal_with_data.backups() == []


@on_sqlite
def test_what_was_discarded_meanwhile_is_no_loss(portal_with_data: Machine, shop: Workshop) -> None:
    store = FolderStore(shop.settings.data_dir / "files")
    record = upload(shop.database, store)

    def discard(_count: int) -> None:
        # As soon as rows are read; the upload's turn comes later.
        with shop.database.writer() as session, transaction(session):
            found = session.get(StoredFile, record.id)
            if found:
                files.discard(session, store, found)

    made = backups.make(shop, progress=discard)
    assert made.lost == []
    assert made.manifest.files == 1


@on_sqlite
def test_a_backup_under_an_older_key_opens_after_a_rotation(
    portal_with_data: Machine, offline: Path, tmp_path: Path
) -> None:
    usual = crypto.ring()
    own = KeyRing(tmp_path / "own.json", usual.active, dict(usual.keys), dict(usual.lasting))
    own._write()
    ring = {"PORTAL_KEY_RING": str(own.path)}
    portal_with_data.done("backup", **ring)
    portal_with_data.done("keys", "rotate", **ring)
    (path,) = portal_with_data.backups()
    portal_with_data.done("backup", "check", path, "--identity", offline, **ring)
    portal_with_data.done("keys", "forget-old", "--yes", **ring)
    answer = portal_with_data.run("backup", "check", path, "--identity", offline, **ring)
    refused(answer, "key k1 is not on the ring", "with all its older keys")
