"""From one database to another: all rows, the trail, and nobody writing meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from portal.core import audit, clock
from portal.core.audit import Note
from portal.core.db import Base, Database, new_id, transaction
from tests.architecture.test_migrations import filled
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.core.test_snapshots import sums_of
from tests.operations.conftest import Machine, other_engine, url_of
from tests.test_cli import refused

MANY = 2_000
VERY_MANY = 100_000


def add_rows(database: Database, count: int) -> None:
    """Write so many rows, a tenth of them into the trail."""
    moment = clock.now()
    with database.writer() as session, transaction(session):
        rows = [
            {"id": new_id(), "subject": "uji", "subject_id": new_id(), "erased_at": moment}
            for _number in range(count - count // 10)
        ]
        session.execute(sa.insert(Base.metadata.tables["erasure"]), rows)
        for number in range(count // 10):
            audit.note(session, Note("uji.ditulis", "uji", new_id(), None, {"nomor": number}))


def moved(machine: Machine, database: Database, target: Database, count: int) -> float:
    """Move a database with so many rows and return the seconds that took."""
    filled(database, machine.settings.data_dir)
    add_rows(database, count)
    before = sums_of(database)
    begun = time.monotonic()
    told = machine.done("move-database", PORTAL_TARGET_URL=url_of(target))
    took = time.monotonic() - begun
    assert sums_of(database) == sums_of(target) == before
    total = sum(each.count for each in before.values())
    assert total > count
    assert f"{len(before)} tables and {total} rows are equal on both sides" in told
    assert "Set PORTAL_DATABASE_URL=" in told
    with target.reader() as here, database.reader() as there:
        assert audit.verify(here, audit.head(there)) is None
    return took


def test_a_portal_moves_to_the_other_engine(
    machine: Machine, database: Database, fresh_database: Callable[[str], Database]
) -> None:
    target = fresh_database(other_engine(database))
    moved(machine, database, target, MANY)
    # There it works: what is written next goes on where the trail ended.
    with target.writer() as session, transaction(session):
        audit.note(session, Note("uji.ditulis", "uji", new_id(), None, {}))
    with target.reader() as session:
        assert audit.verify(session) is None
    answer = machine.run("move-database", "--to", url_of(target))
    refused(answer, "holds data already", "Nothing was changed")


@pytest.mark.drill
def test_a_hundred_thousand_rows_move_within_a_minute(
    machine: Machine, database: Database, fresh_database: Callable[[str], Database]
) -> None:
    assert moved(machine, database, fresh_database(other_engine(database)), VERY_MANY) < 60


@on_sqlite
def test_a_portal_that_still_runs_is_noticed(
    machine: Machine, database: Database, fresh_database: Callable[[str], Database]
) -> None:
    target = fresh_database("postgresql")
    filled(database, machine.settings.data_dir)
    stop = threading.Event()

    def write() -> None:
        while not stop.wait(0.02):
            # No entry of the trail: people only look at pages.
            with database.writer() as session, transaction(session):
                session.execute(
                    sa.text("UPDATE sign_in_session SET last_seen_at = :now"),
                    {"now": str(clock.now())[:26]},
                )

    writer = threading.Thread(target=write)
    writer.start()
    try:
        answer = machine.run("move-database", "--to", url_of(target))
    finally:
        stop.set()
        writer.join()
    refused(answer, "Somebody wrote meanwhile (in sign_in_session)", "emptied again")
    assert not sa.inspect(target.writing).has_table("user")
    machine.done("move-database", "--to", url_of(target))
    assert sums_of(target) == sums_of(database)


@on_sqlite
def test_what_is_not_whole_is_not_moved(
    machine: Machine,
    database: Database,
    fresh_database: Callable[[str], Database],
    tmp_path: Path,
) -> None:
    target = fresh_database("sqlite")
    Builder(database).setting("hold_minutes", 9)
    Builder(database).setting("hold_minutes", 8)
    with database.writing.begin() as connection:
        newest = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0003'"))
    refused(machine.run("move-database", "--to", url_of(target)), "portal upgrade")
    with database.writing.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :n"), {"n": newest})
        connection.execute(sa.text("DROP TRIGGER audit_entry_unchanged"))
        connection.execute(sa.text("UPDATE audit_entry SET action = 'x.y' WHERE seq = 2"))
    refused(machine.run("move-database", "--to", url_of(target)), "at entry 2", "key ring")
    assert sums_of(target)["user"].count == 0
    refused(machine.run("move-database", "--to", "bukan alamat"), "PORTAL_DATABASE_URL")


@on_sqlite
def test_what_the_other_engine_does_not_take_is_named_and_nothing_stays(
    machine: Machine, database: Database, fresh_database: Callable[[str], Database]
) -> None:
    target = fresh_database("postgresql")
    filled(database, machine.settings.data_dir)
    with database.writing.begin() as connection:
        connection.execute(sa.text("UPDATE school SET npsn = '123456789 terlalu panjang'"))
    answer = machine.run("move-database", "--to", url_of(target))
    refused(answer, "A row of the table school does not fit")
    assert "terlalu panjang" not in answer.output
    assert not sa.inspect(target.writing).has_table("user")
