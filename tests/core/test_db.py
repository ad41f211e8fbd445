"""The two doors of a database: one writes and never loses an update, the other cannot write."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import time_machine
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.core.access import Role
from portal.core.db import Database, connect, new_id, new_public_id, transaction
from portal.core.settings import OfficeSetting
from portal.people.models import Membership
from tests.conftest import on_sqlite

THREADS, ROUNDS = 8, 25
COUNTER = "counter"


def count_up(session: Session) -> None:
    """Read a figure, then write it one higher: the way updates get lost."""
    settings.write(session, None, COUNTER, session.get_one(OfficeSetting, COUNTER).value + 1)


def count_up_and_break(session: Session, problem: type[BaseException]) -> None:
    """Write a higher figure, then run into a problem before it is committed."""
    count_up(session)
    session.flush()
    raise problem


def set_counter(database: Database, value: int) -> None:
    """Commit a first value."""
    with database.writer() as session, transaction(session):
        settings.write(session, None, COUNTER, value)


def counter(database: Database) -> int:
    """Read the value that is really kept."""
    with database.reader() as session:
        return session.get_one(OfficeSetting, COUNTER).value


@on_sqlite
def test_parallel_read_then_write_transactions_lose_no_update(database: Database) -> None:
    set_counter(database, 0)

    def work(_number: int) -> None:
        for _round in range(ROUNDS):
            with database.writer() as session, transaction(session):
                count_up(session)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    assert counter(database) == THREADS * ROUNDS


def test_the_reader_reads(database: Database) -> None:
    set_counter(database, 7)
    assert counter(database) == 7


@pytest.mark.parametrize(
    "statement",
    [
        insert(OfficeSetting).values(
            name="x", value=1, changed_by="", changed_at=datetime(2026, 1, 1, tzinfo=UTC)
        ),
        update(OfficeSetting).values(value=2),
        delete(OfficeSetting),
        text("CREATE TABLE sneaky (id INTEGER)"),
    ],
    ids=["insert", "update", "delete", "create"],
)
def test_the_database_itself_keeps_the_reader_from_writing(
    database: Database, statement: object
) -> None:
    set_counter(database, 7)
    with database.reader() as session, pytest.raises(DBAPIError, match=r"read-?only"):
        session.execute(statement)
    assert counter(database) == 7


def test_the_reader_cannot_flush_records_either(database: Database) -> None:
    set_counter(database, 7)
    with database.reader() as session:
        session.get_one(OfficeSetting, COUNTER).value = 8
        with pytest.raises(DBAPIError, match=r"read-?only"):
            session.commit()
    assert counter(database) == 7


def test_the_writer_writes_after_readers_used_the_same_connections(database: Database) -> None:
    set_counter(database, 1)
    for _round in range(3):
        counter(database)
        with database.writer() as session, transaction(session):
            count_up(session)
    assert counter(database) == 4


@pytest.mark.parametrize("problem", [ValueError, KeyboardInterrupt])
def test_a_transaction_that_breaks_leaves_nothing_behind(
    database: Database, problem: type[BaseException]
) -> None:
    set_counter(database, 1)
    with database.writer() as session:
        with pytest.raises(problem), transaction(session):
            count_up_and_break(session, problem)
        assert session.get_one(OfficeSetting, COUNTER).value == 1
    assert counter(database) == 1


def test_a_transaction_that_ends_well_is_kept(database: Database) -> None:
    set_counter(database, 1)
    with database.writer() as session, transaction(session):
        count_up(session)
    assert counter(database) == 2


def test_the_side_door_commits_and_undoes_like_any_other(database: Database) -> None:
    set_counter(database, 1)
    with database.side_write() as session:
        count_up(session)
    with pytest.raises(ArithmeticError), database.side_write() as session:
        count_up_and_break(session, ArithmeticError)
    assert counter(database) == 2


def test_foreign_keys_are_enforced(database: Database) -> None:
    row = Membership(user_id=new_id(), role=Role.TEACHER, starts_on=clock.today())
    with (
        database.writer() as session,
        pytest.raises(IntegrityError),
        transaction(session),
    ):
        session.add(row)


@on_sqlite
def test_sqlite_is_set_up_to_survive_a_power_cut(database: Database) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    with database.writer() as writer, database.reader() as reader:
        for pragma, value in wanted.items():
            assert writer.scalar(text(f"PRAGMA {pragma}")) == value
            assert reader.scalar(text(f"PRAGMA {pragma}")) == value
        assert writer.scalar(text("PRAGMA secure_delete")) == 1
        assert reader.scalar(text("PRAGMA query_only")) == 1


def test_the_migrated_database_holds_the_reference_data(database: Database) -> None:
    with database.reader() as session:
        assert session.scalar(select(func.count()).select_from(text("district"))) == 5


def test_a_plain_postgresql_address_uses_the_driver_we_ship() -> None:
    database = connect("postgresql://nobody@127.0.0.1:1/none")
    assert database.writing.dialect.driver == "psycopg"
    database.dispose()


def test_ids_are_unique_and_in_order_of_time() -> None:
    start = datetime(2026, 11, 23, tzinfo=UTC)
    ids = []
    for millisecond in range(50):
        with time_machine.travel(start + timedelta(milliseconds=millisecond), tick=False):
            ids += [[new_id() for _number in range(20)]]
    for earlier, later in pairwise(ids):
        assert max(earlier) < min(later)
    every = [each for group in ids for each in group]
    assert len(set(every)) == len(every)
    assert {(each.version, each.variant) for each in every} == {(7, "specified in RFC 4122")}


def test_public_ids_are_random_words_that_fit_addresses() -> None:
    ids = {new_public_id() for _number in range(1000)}
    assert len(ids) == 1000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", each) for each in ids)
