"""Rows as they stood at one moment: exact on both engines and across, while others write."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.core import audit, clock, snapshots
from portal.core.db import Base, Database, connect, new_id, transaction
from portal.core.snapshots import Kind, Table, Tally, UnfitRowError, UnknownTableError
from portal.core.types import UtcDateTime
from portal.schools.models import School
from tests.architecture.test_migrations import filled
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.operations.conftest import fresh_database, other_engine

__all__ = ["fresh_database"]

ODD = sa.Table(
    "odd_values",
    sa.MetaData(),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("big", sa.BigInteger),
    sa.Column("day", sa.Date),
    sa.Column("facts", sa.JSON(none_as_null=True)),
    sa.Column("flag", sa.Boolean),
    sa.Column("moment", UtcDateTime()),
    sa.Column("other", sa.Uuid),
    sa.Column("share", sa.Double),
    sa.Column("starts", sa.Time),
    sa.Column("text", sa.String(200)),
    sa.Column("token", sa.LargeBinary),
)
KINDS = {
    "number": Kind.WHOLE,
    "big": Kind.WHOLE,
    "day": Kind.DAY,
    "facts": Kind.JSON,
    "flag": Kind.YES_NO,
    "moment": Kind.MOMENT,
    "other": Kind.ID,
    "share": Kind.REAL,
    "starts": Kind.TIME,
    "text": Kind.TEXT,
    "token": Kind.BYTES,
}
ODD_TABLE = Table("odd_values", KINDS)
# PostgreSQL has no NUL in texts.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
WHOLE = st.integers(-(2**63), 2**63 - 1)
# Deep inside any figure; alone, SQLite keeps only what it can keep as a figure of its own.
JSON = st.recursive(
    st.none() | st.booleans() | WHOLE | TEXTS | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
).filter(lambda value: not isinstance(value, float))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "big": st.none() | WHOLE,
            "day": st.none() | st.dates(),
            "facts": st.none() | JSON,
            "flag": st.none() | st.booleans(),
            "moment": st.none() | st.datetimes(timezones=st.just(UTC)),
            "other": st.none() | st.uuids(),
            "share": st.none() | st.floats(allow_nan=False, allow_infinity=False),
            "starts": st.none() | st.times(),
            "text": st.none() | TEXTS,
            "token": st.none() | st.binary(max_size=40),
        }
    ),
    min_size=1,
    max_size=6,
)


@pytest.fixture
def both(
    database: Database, fresh_database: Callable[[str], Database]
) -> Iterator[tuple[Database, Database]]:
    """Return a database and one on the other engine, each with a table of odd values."""
    pair = (database, fresh_database(other_engine(database)))
    for each in pair:
        ODD.create(each.writing)
    yield pair
    for each in pair:
        ODD.drop(each.writing)


def read(database: Database) -> list[dict[str, Any]]:
    """Return the odd values as the application reads them."""
    with database.reading.connect() as connection:
        rows = connection.execute(sa.select(ODD).order_by(ODD.c.number))
        return [dict(row._mapping) for row in rows]


@given(ROWS)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_kind_of_value_comes_through_unchanged(
    both: tuple[Database, Database], rows: list[dict[str, Any]]
) -> None:
    source, target = both
    for each in both:
        with each.writing.begin() as connection:
            connection.execute(sa.delete(ODD))
    rows = [{"number": number, **row} for number, row in enumerate(rows)]
    with source.writing.begin() as connection:
        connection.execute(sa.insert(ODD), rows)
    with snapshots.snapshot(source) as connection:
        lines = [line for part in snapshots.batches(connection, ODD_TABLE) for line in part]
        there = snapshots.tally(connection, ODD_TABLE)
    with target.writing.begin() as connection:
        snapshots.write(connection, ODD_TABLE, [ODD_TABLE.unpack(line) for line in lines])
        assert snapshots.tally(connection, ODD_TABLE) == there
    assert read(target) == read(source) == rows


@on_sqlite
@pytest.mark.parametrize("value", [1.0, -0.0, 0.5, 10**15 + 0.0, "08", "1.0", True, None, [1.0]])
def test_a_figure_alone_in_json_sums_up_the_same_on_both_engines(
    both: tuple[Database, Database], value: Any
) -> None:
    sums = set()
    for each in both:
        with each.writing.begin() as connection:
            statement = sa.text("INSERT INTO odd_values (number, facts) VALUES (1, :facts)")
            typed = sa.bindparam("facts", type_=sa.JSON)
            connection.execute(statement.bindparams(typed), {"facts": value})
            sums.add(snapshots.tally(connection, ODD_TABLE).digest)
    assert len(sums) == 1


def test_what_an_engine_does_not_take_names_the_table_alone(
    both: tuple[Database, Database],
) -> None:
    for each in both:
        row = {**dict.fromkeys(KINDS), "number": 1, "text": "rahasia"}
        with each.writing.connect() as connection, pytest.raises(UnfitRowError) as caught:
            snapshots.write(connection, ODD_TABLE, [row, row])
        assert str(caught.value) == "odd_values"


def copy(source: Database, target: Database) -> dict[str, Tally]:
    """Copy everything and return the sums of the source."""
    sums = {}
    with snapshots.snapshot(source) as here, target.writing.begin() as there:
        tables = snapshots.tables(here)
        snapshots.clear(there, tables)
        for table in tables:
            for lines in snapshots.batches(here, table):
                snapshots.write(there, table, [table.unpack(line) for line in lines])
            sums[table.name] = snapshots.tally(here, table)
    return sums


def sums_of(database: Database) -> dict[str, Tally]:
    """Return count and sum of each table."""
    with snapshots.snapshot(database) as connection:
        tables = snapshots.tables(connection)
        return {table.name: snapshots.tally(connection, table) for table in tables}


def test_all_tables_come_through_unchanged(
    database: Database, fresh_database: Callable[[str], Database], tmp_path: Path
) -> None:
    filled(database, tmp_path)
    target = fresh_database(other_engine(database))
    sums = copy(database, target)
    assert sums_of(target) == sums
    assert sum(each.count for each in sums.values()) > 100
    with target.reader() as session:
        assert audit.verify(session) is None
        assert audit.head(session).startswith(f"{sums['audit_entry'].count}:")


def test_who_refers_to_a_row_of_the_same_table_comes_after_it(
    database: Database, build: Builder, fresh_database: Callable[[str], Database]
) -> None:
    joined = [build.school() for _number in range(3)]
    last = build.school("SMP Gabungan")
    with transaction(build.session):
        for each in joined:
            each.merged_into_id, each.merged_on, each.active = last.id, clock.today(), False
    other = fresh_database(other_engine(database))
    with database.reading.connect() as here, other.writing.begin() as there:
        (table,) = (each for each in snapshots.tables(here) if each.name == "school")
        for lines in snapshots.batches(here, table):
            # One by one, as far apart as batches may be.
            for line in lines:
                snapshots.write(there, table, [table.unpack(line)])
    with other.reader() as reading:
        found = reading.scalars(sa.select(School).where(School.merged_into_id == last.id))
        assert {each.id for each in found} == {each.id for each in joined}


def test_both_engines_tell_of_their_tables_alike(
    database: Database, fresh_database: Callable[[str], Database]
) -> None:
    other = fresh_database(other_engine(database))
    with database.reading.connect() as here, other.reading.connect() as there:
        tables = snapshots.tables(here)
        assert {each.name: each.columns for each in tables} == {
            each.name: each.columns for each in snapshots.tables(there)
        }
    assert {each.name for each in tables} == set(Base.metadata.tables)
    seen = set()
    for table in tables:
        seen.add(table.name)
        for key in Base.metadata.tables[table.name].foreign_keys:
            assert key.column.table.name in seen, "a table comes after those it refers to"


@on_sqlite
def test_every_table_is_known_to_a_process_that_loaded_nothing_else(settings: Settings) -> None:
    script = (
        "import json; from portal.operations.actions import backups; backups.know_every_table();"
        "from portal.core.db import Base; print(json.dumps(sorted(Base.metadata.tables)))"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)  # noqa: S603 - our own words
    with closing(connect(settings.database_url).reading.connect()) as connection:
        there = set(sa.inspect(connection).get_table_names())
    assert set(json.loads(told.stdout)) == there - {snapshots.VERSION_TABLE}


def write_pairs(database: Database, stop: threading.Event, problems: list[Exception]) -> None:
    """Write two tables that belong together, and the trail, again and again."""
    try:
        while not stop.is_set():
            with database.writer() as session, transaction(session):
                erasure = {"id": new_id(), "subject": "uji", "subject_id": new_id()}
                session.execute(
                    sa.insert(Base.metadata.tables["erasure"]),
                    {**erasure, "erased_at": clock.now()},
                )
                audit.note(session, audit.Note("uji.ditulis", "uji", new_id(), None, {"a": 1}))
    except Exception as error:
        problems.append(error)


def test_what_is_written_meanwhile_is_in_it_wholly_or_not_at_all(database: Database) -> None:
    stop, problems = threading.Event(), list[Exception]()
    writers = [
        threading.Thread(target=write_pairs, args=(database, stop, problems)) for _each in range(2)
    ]
    for writer in writers:
        writer.start()
    try:
        for _round in range(3):
            with snapshots.snapshot(database) as connection:
                tables = {table.name: table for table in snapshots.tables(connection)}
                trail = snapshots.tally(connection, tables["audit_entry"])
                threading.Event().wait(0.15)
                erased = snapshots.tally(connection, tables["erasure"])
                with Session(connection) as session:
                    head = audit.head(session)
                    assert audit.verify(session, head) is None
            assert trail.count == erased.count == int(head.partition(":")[0])
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert problems == []
    assert sums_of(database)["erasure"].count > trail.count > 0


@on_sqlite
def test_sums_do_not_ask_for_an_order_and_notice_every_change(build: Builder) -> None:
    build.school()
    with snapshots.snapshot(build.database) as connection:
        table = next(each for each in snapshots.tables(connection) if each.name == "travel_time")
        (lines,) = snapshots.batches(connection, table)

    def sum_of(some: list[bytes]) -> tuple[int, str]:
        tally = Tally()
        for line in some:
            tally.add(line)
        return tally.count, tally.digest

    assert sum_of(lines) == sum_of(lines[::-1])
    others = [lines[1:], [*lines, lines[0]], [lines[1], *lines[1:]], [b"x", *lines[1:]], []]
    # Twice a line and none of it are not the same, as they would be to an exclusive or.
    others.append([*lines, lines[0], lines[0]])
    assert len({sum_of(each) for each in [lines, *others]}) == 7


def test_a_table_that_would_be_missing_is_an_error_and_those_of_others_are_not(
    database: Database,
) -> None:
    with database.writing.connect() as connection:
        connection.execute(sa.text("CREATE TABLE of_a_queue (id INTEGER)"))
        assert "of_a_queue" not in {each.name for each in snapshots.tables(connection)}
        connection.execute(
            sa.text("CREATE TABLE forgotten (user_id CHAR(32) REFERENCES district (code))")
        )
        with pytest.raises(UnknownTableError, match="the table forgotten"):
            snapshots.tables(connection)


@on_sqlite
def test_a_type_nobody_thought_of_is_an_error(database: Database) -> None:
    with database.writing.begin() as connection:
        connection.execute(sa.text("ALTER TABLE leave ADD COLUMN odd NUMERIC(10, 2)"))
    with snapshots.snapshot(database) as connection, pytest.raises(TypeError, match=r"leave\.odd"):
        snapshots.tables(connection)


def test_a_moment_keeps_its_microseconds() -> None:
    table = Table("t", {"at": Kind.MOMENT})
    moment = datetime(2026, 11, 22, 3, 57, 0, 1, tzinfo=UTC)
    assert table.unpack(table.pack([moment])) == {"at": moment}
