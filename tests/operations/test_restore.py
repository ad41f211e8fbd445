"""Restoring: on another machine, by the operator's commands, and what is refused on the way."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pyrage
import pytest
import sqlalchemy as sa
from pyrage.x25519 import Identity, Recipient

from portal import migrations
from portal.core import audit, clock, crypto, files, retention, snapshots
from portal.core.access import Role
from portal.core.db import Database, connect, transaction
from portal.core.files import CSV, FolderStore, StoredFile
from portal.people.actions.erasure import erase_account
from portal.people.models import SignInSession, User
from portal.visits.models import Visit
from tests.architecture.test_migrations import filled
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.operations.conftest import (
    Machine,
    on_postgresql,
    other_engine,
    other_machine,
    url_of,
)
from tests.test_cli import content, refused

# What migrations lay in under ids of their own.
LAID_IN = (
    "legal_basis",
    "letter_template",
    "monitoring_instrument",
    "monitoring_reply_text",
    "school_calendar",
    "search_synonym",
    "sop_version",
    "visit_need",
)
LIST = b"npsn,nama\n97000001,SMP Contoh\n"


@dataclass(frozen=True)
class Town:
    """A portal with a bit of everything, and its only backup."""

    machine: Machine
    database: Database
    path: Path
    upload: StoredFile
    store: FolderStore


@pytest.fixture
def town(machine: Machine, database: Database, build: Builder, tmp_path: Path) -> Town:
    """Return a small portal and its backup."""
    store = FolderStore(tmp_path / "files")
    build.sign_in(build.user(Role.PRINCIPAL, build.school()))
    for minutes in (11, 12, 13):
        build.setting("hold_minutes", minutes)
    with database.writer() as session, transaction(session):
        upload = files.keep(session, store, "daftar.csv", LIST, frozenset({CSV}))
    machine.done("backup")
    (path,) = machine.backups()
    return Town(machine, database, path, upload, store)


def without_sign_ins(database: Database) -> dict[str, list[str]]:
    """Return everything but the trail and who is signed in."""
    held = content(database)
    held.pop("sign_in_session")
    return held


def test_another_machine_goes_on_from_the_backup(
    town: Town,
    build: Builder,
    offline: Path,
    tmp_path: Path,
    fresh_database: Callable[[str], Database],
) -> None:
    filled(town.database, tmp_path)
    # Somebody asks to be forgotten after the backup was made.
    retention.use(tmp_path / retention.FILE_NAME)
    gone = build.user(Role.TEACHER, build.school(), ends_on=clock.today() - timedelta(days=1))
    town.machine.done("backup", "--to", tmp_path / "second")
    (path,) = (tmp_path / "second").iterdir()
    before = without_sign_ins(town.database)
    with town.database.writer() as session, transaction(session):
        actor = build.actor(build.user(Role.ADMIN))
        erase_account(session, actor, session.get_one(User, gone.id))

    target = fresh_database(other_engine(town.database))
    there = other_machine(tmp_path / "elsewhere", url_of(target))
    shutil.copy(tmp_path / retention.FILE_NAME, there.settings.data_dir)
    # What comes with the portal itself is no data that anybody would miss.
    assert "materials were laid in" in there.done("upgrade")
    told = there.done("restore", path, "--identity", offline)
    assert "Erased again: 1." in told
    after = without_sign_ins(target)
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"user", "erasure", "invitation"}
    assert [len(before["user"])] == [len(after["user"])]
    with target.reader() as session:
        assert session.get_one(User, gone.id).full_name != gone.full_name
        assert audit.verify(session) is None
        record = session.get_one(StoredFile, town.upload.id)
        assert files.read(FolderStore(there.settings.data_dir / "files"), record) == LIST
        visit = session.scalars(sa.select(Visit)).first()
        assert visit is not None
        assert visit.needs is not None
        signed_in = sa.select(SignInSession.ended_at)
        assert all(session.scalars(signed_in).all())
    assert not sa.inspect(target.writing).has_table(snapshots.MARK)
    assert "unbroken" in there.done("audit", "verify")
    assert "up to date" in there.done("upgrade")


@on_postgresql
def test_an_empty_server_is_enough(
    town: Town, offline: Path, tmp_path: Path, fresh_database: Callable[[str], Database]
) -> None:
    target = fresh_database(town.database.writing.dialect.name)
    with target.writing.begin() as connection:
        connection.execute(sa.text("CREATE TABLE of_another_program (id INTEGER)"))
    migrations.downgrade(target, "base")
    with target.writing.begin() as connection:
        connection.execute(sa.text("DROP TABLE alembic_version"))
    there = other_machine(tmp_path / "elsewhere", "sqlite:////nowhere/portal.db")
    there.done("restore", town.path, "--identity", offline, "--into", url_of(target))
    assert without_sign_ins(target) == without_sign_ins(town.database)
    assert sa.inspect(target.writing).has_table("of_another_program")


@on_sqlite
def test_checking_changes_nothing(town: Town, offline: Path, tmp_path: Path) -> None:
    def state() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()}

    before = state()
    assert "This key opens it" in town.machine.done(
        "backup", "check", town.path, "--identity", offline
    )
    assert {path: content for path, content in state().items() if path.suffix != ".db-shm"} == {
        path: content for path, content in before.items() if path.suffix != ".db-shm"
    }


def damaged(how: str, content: bytes) -> bytes:
    """Return a backup as an accident left it."""
    middle = len(content) // 2
    return {
        "cut": content[:middle],
        "without its end": content[:-1],
        "beginning only": content[:100],
        "empty": b"",
        "a byte": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        "last byte": content[:-1] + bytes([content[-1] ^ 1]),
        "something else": b"%PDF-1.7 " + bytes(4000),
    }[how]


def nothing_came(target: Machine) -> None:
    """Check that nothing on a machine looks like a portal with data."""
    database = connect(target.settings.database_url)
    with database.reading.connect() as connection:
        tables = set(sa.inspect(connection).get_table_names()) - {"alembic_version"}
        for name in tables - {
            "district",
            "legal_basis",
            "programme",
            "sop_version",
            "topic",
            "travel_time",
        }:
            assert not connection.scalar(sa.select(sa.func.count()).select_from(sa.table(name)))
    database.dispose()
    folder = target.settings.data_dir / "files"
    assert not folder.exists() or list(folder.iterdir()) == []


@on_sqlite
def test_what_is_no_whole_backup_of_this_portal_is_refused(
    town: Town, offline: Path, tmp_path: Path
) -> None:
    there = other_machine(tmp_path / "elsewhere", f"sqlite:///{tmp_path / 'new.db'}")
    whole, other = town.path.read_bytes(), tmp_path / "other.age"
    for how in ("cut", "without its end", "beginning only", "empty", "a byte", "last byte"):
        other.write_bytes(damaged(how, whole))
        answer = there.run("restore", other, "--identity", offline)
        refused(answer, "damaged, was cut off")
    other.write_bytes(damaged("something else", whole))
    refused(there.run("restore", other, "--identity", offline), "no backup of the portal")
    # Anybody can encrypt something to a public key.
    (public,) = town.machine.settings.backup_recipients
    forged = pyrage.encrypt(bytes(10240), [Recipient.from_str(public)])
    other.write_bytes(forged)
    refused(there.run("restore", other, "--identity", offline), "no backup of the portal")
    nothing_came(there)


@on_sqlite
def test_wrong_keys_are_told_apart(town: Town, offline: Path, tmp_path: Path) -> None:
    there = other_machine(tmp_path / "elsewhere", f"sqlite:///{tmp_path / 'new.db'}")
    key = tmp_path / "key.txt"
    for text, told in (
        (str(Identity.generate()), "encrypted for other keys"),
        ("bukan kunci", "holds no secret key"),
        ("# hanya catatan\n", "is empty"),
    ):
        key.write_text(text)
        refused(there.run("restore", town.path, "--identity", key), told)
    run = there.run("restore", town.path, "--identity", offline, PORTAL_KEY_RING="/nowhere/r.json")
    refused(run, "There is no key ring at /nowhere/r.json", "no backup holds one")
    other = crypto.create(tmp_path / "other-ring.json")
    ring = {"PORTAL_KEY_RING": str(other.path)}
    refused(there.run("restore", town.path, "--identity", offline, **ring), "does not belong")
    nothing_came(there)


@on_sqlite
def test_a_database_with_data_is_left_alone(
    town: Town, offline: Path, build: Builder, fresh_database: Callable[[str], Database]
) -> None:
    before = content(town.database)
    refused(town.machine.run("restore", town.path, "--identity", offline), "holds data already")
    assert content(town.database) == before
    target = fresh_database(town.database.writing.dialect.name)
    with target.writing.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO daily_salt (day, salt) VALUES ('2026-11-22', :salt)"),
            {"salt": b"x"},
        )
    restore, into = ("restore", town.path, "--identity", offline), url_of(target)
    refused(town.machine.run(*restore, "--into", into), "daily_salt")
    # A command line is seen by everybody on the machine, its environment is not.
    refused(town.machine.run(*restore, PORTAL_TARGET_URL=into), "daily_salt")


def break_trail(machine: Machine) -> None:
    """Change an entry behind the guard's back; the backup then tells of it faithfully."""
    database = connect(machine.settings.database_url)
    with database.writing.begin() as connection:
        connection.execute(sa.text("DROP TRIGGER audit_entry_unchanged"))
        connection.execute(sa.text("UPDATE audit_entry SET action = 'x.y' WHERE seq = 3"))
    database.dispose()


def spoil_ledger(machine: Machine) -> None:
    """Write into the ledger of the machine that is restored to."""
    (machine.settings.data_dir / retention.FILE_NAME).write_text("user 0 0 0\n")


@on_sqlite
def test_what_fails_late_leaves_an_empty_database_and_store(
    town: Town, offline: Path, tmp_path: Path
) -> None:
    there = other_machine(tmp_path / "elsewhere", f"sqlite:///{tmp_path / 'new.db'}")
    break_trail(town.machine)
    town.machine.done("backup", "--to", tmp_path / "broken")
    (broken,) = (tmp_path / "broken").iterdir()
    told = there.run("restore", broken, "--identity", offline)
    refused(told, "trail", "at entry 3", "Take an earlier backup")
    nothing_came(there)
    spoil_ledger(there)
    refused(there.run("restore", town.path, "--identity", offline), "Line 1 of the present ledger")
    nothing_came(there)
    (there.settings.data_dir / retention.FILE_NAME).unlink()
    # A store that cannot be written.
    elsewhere = tmp_path / "no-folder"
    elsewhere.write_text("")
    store = {"PORTAL_STORAGE_URL": str(elsewhere)}
    refused(there.run("restore", town.path, "--identity", offline, **store), "cannot be used")
    nothing_came(there)
    there.done("restore", town.path, "--identity", offline)


@on_postgresql
def test_what_a_dead_machine_left_half_done_is_cleared(
    town: Town, offline: Path, tmp_path: Path, fresh_database: Callable[[str], Database]
) -> None:
    target = fresh_database(town.database.writing.dialect.name)
    there = other_machine(tmp_path / "elsewhere", url_of(target))
    half = Builder(target)
    half.school()
    half.close()
    with target.writing.begin() as connection:
        connection.execute(sa.text(f"CREATE TABLE {snapshots.MARK} (id INTEGER)"))
        connection.execute(sa.text(FOREIGN_TRIGGER_FUNCTION))
    before = content(target)
    restore = ("restore", town.path, "--identity", offline)
    # It may have been worked with for weeks.
    refused(there.run(*restore), "broken off", "(in school)", "--again")
    assert content(target) == before
    assert "An earlier attempt was broken off" in there.done(*restore, "--again")
    assert without_sign_ins(target) == without_sign_ins(town.database)
    with target.reading.connect() as connection:
        kept = "SELECT count(*) FROM pg_proc WHERE proname = 'of_another_program'"
        assert connection.scalar(sa.text(kept)) == 1
        assert not snapshots.is_unfinished(connection)
    with target.writing.begin() as connection:
        connection.execute(sa.text("DROP FUNCTION of_another_program"))


FOREIGN_TRIGGER_FUNCTION = """
CREATE FUNCTION of_another_program() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'
"""


@on_sqlite
def test_nothing_starts_on_a_database_that_is_not_whole(
    machine: Machine, database: Database
) -> None:
    with database.writing.begin() as connection:
        connection.execute(sa.text(f"CREATE TABLE {snapshots.MARK} (id INTEGER)"))
    for command in ("run", "serve", "worker"):
        answer = machine.run(command, PORTAL_SECRET_KEY="s" * 40)
        refused(answer, "was broken off or still runs", "--again")


@on_sqlite
def test_an_upload_under_a_key_that_is_missing_is_left_alone(
    town: Town, offline: Path, tmp_path: Path
) -> None:
    newer = b"|".join((crypto.FORMAT, b"k9", bytes(40)))
    town.store.put(town.upload.public_id, newer)
    url = f"sqlite:///{tmp_path / 'new.db'}"
    same = Machine(replace(town.machine.settings, database_url=url))
    answer = same.run("restore", town.path, "--identity", offline)
    refused(answer, "key k9 is not on the ring", "Bring the newer key ring")
    assert town.store.get(town.upload.public_id) == newer


@on_sqlite
def test_a_backup_of_an_older_version_is_brought_up_to_date(
    town: Town, offline: Path, tmp_path: Path
) -> None:
    migrations.downgrade(town.database, "0003")
    town.machine.done("backup", "--to", tmp_path / "old")
    (path,) = (tmp_path / "old").iterdir()
    there = other_machine(tmp_path / "elsewhere", f"sqlite:///{tmp_path / 'new.db'}")
    there.done("restore", path, "--identity", offline)
    migrations.upgrade(town.database)
    target = connect(there.settings.database_url)
    held, wanted = without_sign_ins(target), without_sign_ins(town.database)
    target.dispose()
    for laid_in in LAID_IN:
        assert len(held.pop(laid_in)) == len(wanted.pop(laid_in))
    assert held == wanted


@on_sqlite
def test_a_backup_of_a_newer_version_says_so(town: Town, offline: Path, tmp_path: Path) -> None:
    with town.database.writing.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    town.machine.done("backup", "--to", tmp_path / "new")
    (path,) = (tmp_path / "new").iterdir()
    there = other_machine(tmp_path / "elsewhere", f"sqlite:///{tmp_path / 'new.db'}")
    refused(there.run("restore", path, "--identity", offline), "version 9999", "or a newer one")


@on_sqlite
def test_what_lies_in_the_store_under_a_newer_key_stays(
    town: Town, offline: Path, tmp_path: Path
) -> None:
    token = town.store.get(town.upload.public_id)
    record = StoredFile(id=town.upload.id, public_id=town.upload.public_id)
    place = crypto.place_of("stored_file", "content", record.id)
    fresh = crypto.ring().encrypt(place, LIST)
    town.store.put(record.public_id, fresh)
    url = f"sqlite:///{tmp_path / 'new.db'}"
    same = Machine(replace(town.machine.settings, database_url=url))
    same.done("restore", town.path, "--identity", offline)
    assert town.store.get(record.public_id) == fresh != token
    # And what is damaged there is mended.
    town.store.put(record.public_id, fresh[:-1])
    other = Machine(replace(same.settings, database_url=f"sqlite:///{tmp_path / 'newer.db'}"))
    other.done("restore", town.path, "--identity", offline)
    assert files.read(town.store, record) == LIST
