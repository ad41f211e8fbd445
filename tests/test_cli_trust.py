"""The commands of trust: the chain, the keys, retention, the ledger of erasures."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from portal.cli import main
from portal.config import Settings
from portal.core import audit, clock, crypto, retention, rotation
from portal.core.access import Role
from portal.core.audit import AuditEntry, Note
from portal.core.db import Database, new_id, transaction
from portal.core.drafts import Draft
from portal.core.files import Store
from portal.core.retention import Erasure, LegalHold, ledger
from portal.people.actions.erasure import erase_account
from portal.people.models import User
from tests.builders import Builder
from tests.conftest import KEY_RING, SECRET

Run = Callable[..., Result]
STORY = "Cerita yang tidak boleh hilang"


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
    """Run `portal` in this process."""

    def run(*arguments: str, stdin: str | None = None) -> Result:
        # Each command of an operator reads the ring anew.
        crypto._ring = None
        result = CliRunner().invoke(
            main,
            arguments,
            input=stdin,
            env={
                "PORTAL_DATA_DIR": str(settings.data_dir),
                "PORTAL_DATABASE_URL": settings.database_url,
                "PORTAL_KEY_RING": str(ring),
                "PORTAL_SECRET_KEY": SECRET,
            },
        )
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    yield run
    ledger._path = None


def done(result: Result) -> str:
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def refused(result: Result, *texts: str) -> None:
    assert result.exit_code == 1
    for text in texts:
        assert text in result.stderr


def drafts(database: Database, count: int, age: int = 0) -> None:
    moment = clock.now() - timedelta(days=age)
    with database.writer() as session, transaction(session):
        for _ in range(count):
            row = Draft(id=new_id(), user_id=new_id(), page="/x", fields=STORY, saved_at=moment)
            session.add(row)


def stories(database: Database) -> list[str]:
    with database.reader() as session:
        return [draft.fields for draft in session.scalars(sa.select(Draft))]


def entries(database: Database, count: int) -> None:
    for number in range(count):
        with database.writer() as session, transaction(session):
            note = Note("visit.approved", "visit", None, None, {"number": number})
            audit.note(session, note)


def tamper(database: Database, statement: sa.Update | sa.Delete) -> None:
    with database.writing.begin() as connection:
        if connection.dialect.name == "sqlite":
            for name in ("audit_entry_unchanged", "audit_entry_kept"):
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("ALTER TABLE audit_entry DISABLE TRIGGER ALL")
        connection.execute(statement)


ENTRY = sa.inspect(AuditEntry).local_table


def test_a_whole_chain_is_unbroken(portal: Run, database: Database) -> None:
    assert done(portal("audit", "verify")) == "0 entries, unbroken\n"
    assert done(portal("audit", "head")) == "0:\n"
    entries(database, 3)
    assert done(portal("audit", "verify")) == "3 entries, unbroken\n"
    head = done(portal("audit", "head")).strip()
    assert re.fullmatch(r"3:[0-9a-f]{64}", head)
    entries(database, 1)
    assert done(portal("audit", "verify", "--head", head)) == "4 entries, unbroken\n"


def test_a_broken_chain_is_told_in_plain_words(portal: Run, database: Database) -> None:
    entries(database, 5)
    tamper(database, sa.update(ENTRY).where(ENTRY.c.seq == 3).values(subject="mou"))
    refused(portal("audit", "verify"), "Entry number 3 was changed")


def test_removed_entries_are_told(portal: Run, database: Database) -> None:
    entries(database, 5)
    tamper(database, sa.delete(ENTRY).where(ENTRY.c.seq == 2))
    refused(portal("audit", "verify"), "Entries before number 3 are missing")


def test_a_cut_end_is_told_by_the_noted_head(portal: Run, database: Database) -> None:
    entries(database, 2)
    shorter = done(portal("audit", "head")).strip()
    entries(database, 2)
    noted = done(portal("audit", "head")).strip()
    tamper(database, sa.delete(ENTRY).where(ENTRY.c.seq > 2))
    refused(portal("audit", "verify"), "The end of the trail is missing, from number 3 on")
    head = sa.table("audit_head", sa.column("seq"), sa.column("seal", sa.LargeBinary()))
    with database.writing.begin() as connection:
        seal = bytes.fromhex(shorter.partition(":")[2])
        connection.execute(sa.update(head).values(seq=2, seal=seal))
    assert done(portal("audit", "verify")) == "2 entries, unbroken\n"
    refused(portal("audit", "verify", "--head", noted), "does not contain the noted head, number 4")


@pytest.mark.parametrize("head", ["x", "1", "-1:ab", "1:zz", "9" * 30 + ":ab"])
def test_what_is_no_head_is_wrong_use(portal: Run, head: str) -> None:
    assert portal("audit", "verify", "--head", head).exit_code == 2


def test_a_rotation_and_the_end_of_the_old_key(portal: Run, database: Database, ring: Path) -> None:
    drafts(database, 5)
    said = done(portal("keys", "rotate"))
    assert "New key on the ring: k2" in said
    assert "Encrypted anew: 5 texts and 0 files." in said
    assert "Nothing needs an older key now. Backups made before still do." in said
    asked = portal("keys", "forget-old", stdin="n\n")
    assert asked.exit_code == 1
    assert "Backups made before" in asked.stdout
    assert set(crypto.load(ring).keys) == {"k1", "k2"}
    assert "Off the ring: k1." in done(portal("keys", "forget-old", stdin="y\n"))
    assert set(crypto.load(ring).keys) == {"k2"}
    assert stories(database) == [STORY] * 5
    assert "no older key" in done(portal("keys", "forget-old"))


def test_a_broken_off_rotation_is_finished_without_another_key(
    portal: Run, database: Database, ring: Path, store: Store
) -> None:
    drafts(database, 3)
    crypto.load(ring).add_key()
    refused(portal("keys", "forget-old", "--yes"), "3 texts and files still need an older key")
    said = done(portal("keys", "rotate"))
    assert "finished first" in said
    assert "New key" not in said
    assert crypto.load(ring).active == "k2"
    assert rotation.remaining(database, store) == 0


def test_a_text_that_cannot_be_opened_is_named(portal: Run, database: Database, ring: Path) -> None:
    drafts(database, 2)
    row = sa.table("draft", sa.column("id", sa.Uuid()), sa.column("fields", sa.LargeBinary()))
    with database.writing.begin() as connection:
        lost = connection.execute(sa.select(row.c.id).limit(1)).scalar_one()
        broken = b"v1|k0|" + bytes(40)
        connection.execute(sa.update(row).where(row.c.id == lost).values(fields=broken))
    refused(portal("keys", "rotate"), "could not be opened", f"draft.fields.{lost}")
    assert portal("keys", "forget-old").exit_code == 0
    crypto.load(ring).add_key()
    refused(portal("keys", "forget-old", "--yes"), "still need")


def test_retention_is_planned_and_run(portal: Run, database: Database) -> None:
    drafts(database, 3, age=15)
    drafts(database, 1)
    plan = done(portal("retention", "plan"))
    assert re.search(r"^drafts +3, the oldest from \d{4}-\d\d-\d\d$", plan, re.MULTILINE)
    # The rules of every feature take part.
    for name in ("sessions", "invitations", "reset_links", "data_requests", "trail", "counters"):
        assert re.search(rf"^{name} +0", plan, re.MULTILINE)
    assert len(stories(database)) == 4
    assert re.search(r"^drafts +3 gone$", done(portal("retention", "run")), re.MULTILINE)
    assert len(stories(database)) == 1


def test_what_is_held_is_counted(portal: Run, database: Database) -> None:
    drafts(database, 1, age=15)
    with database.writer() as session, transaction(session):
        draft = session.scalars(sa.select(Draft)).one()
        hold = LegalHold(
            subject="user",
            subject_id=draft.user_id,
            label="Bu Contoh",
            reason="Surat",
            ordered_by=new_id(),
            ordered_at=clock.now(),
        )
        session.add(hold)
    assert re.search(r"^drafts +0, 1 held$", done(portal("retention", "plan")), re.MULTILINE)
    done(portal("retention", "run"))
    assert len(stories(database)) == 1


def test_an_account_stays_erased_after_a_restore(
    portal: Run, build: Builder, settings: Settings
) -> None:
    database = build.database
    retention.use(settings.data_dir / retention.FILE_NAME)
    gone = build.user(Role.TEACHER, build.school(), ends_on=clock.today() - timedelta(days=1))
    other = build.user(Role.TEACHER, build.school())
    actor = build.actor(build.user(Role.ADMIN))
    name, email = gone.full_name, gone.email
    with database.writer() as session, transaction(session):
        erase_account(session, actor, session.get_one(User, gone.id))
    # The backup was made the day before.
    with database.writer() as session, transaction(session):
        session.delete(session.scalars(sa.select(Erasure)).one())
        user = session.get_one(User, gone.id)
        user.full_name, user.email, user.erased_at = name, email, None
    assert "Erased again: 1." in done(portal("erasures", "replay"))
    with database.reader() as session:
        erased = session.get_one(User, gone.id)
        assert erased.full_name != name
        assert erased.email != email
        assert session.get_one(User, other.id).full_name == other.full_name
    assert "Erased again: 0. Noted in the file anew: 0." in done(portal("erasures", "replay"))


def test_a_ledger_somebody_wrote_into_erases_nothing(
    portal: Run, build: Builder, settings: Settings
) -> None:
    user = build.user(Role.ADMIN)
    path = settings.data_dir / retention.FILE_NAME
    path.write_text(f"user {user.id.hex} 2026-11-22T00:00:00+00:00 {'0' * 64}\n")
    refused(portal("erasures", "replay"), "Line 1 of", "Nothing was erased")
    with build.database.reader() as session:
        assert session.get_one(User, user.id).full_name == user.full_name


def test_a_kind_of_a_newer_version_is_named(
    portal: Run, database: Database, settings: Settings
) -> None:
    path = settings.data_dir / retention.FILE_NAME
    ledger.append(path, [ledger.Line("future", new_id(), clock.now())])
    refused(portal("erasures", "replay"), "cannot erase: future")
