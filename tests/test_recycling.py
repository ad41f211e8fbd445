"""A database of the tests is used again only when nothing but rows has changed."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
import sqlalchemy as sa

from portal.core.access import Role
from portal.core.db import Base, connect
from tests.builders import Builder
from tests.conftest import REFERENCE_TABLES
from tests.recycling import Recycled

pytestmark = pytest.mark.postgres

CHANGED = {
    "a table more": "CREATE TABLE other (id int)",
    "a table less": "DROP TABLE message CASCADE",
    "a column more": "ALTER TABLE school ADD other int",
    "a column of another type": "ALTER TABLE school ALTER pupil_count TYPE bigint",
    "a column that may be empty": "ALTER TABLE school ALTER name DROP NOT NULL",
    "another default": "ALTER TABLE school ALTER name SET DEFAULT 'x'",
    "a trigger switched off": "ALTER TABLE audit_entry DISABLE TRIGGER USER",
    "a constraint more": "ALTER TABLE school ADD CHECK (name <> '')",
    "another function": "CREATE FUNCTION other() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "another index": "CREATE INDEX other ON school (name)",
    "a district changed": "UPDATE district SET name = name",
    "a travel time less": "DELETE FROM travel_time",
    "another edition": "UPDATE alembic_version SET version_num = 'other'",
}


@pytest.fixture
def databases(postgresql_server: sa.URL) -> Iterator[Recycled]:
    """Return databases of one's own on the server."""
    databases = Recycled(postgresql_server, REFERENCE_TABLES)
    yield databases
    databases.close()
    if databases.spare:
        databases.throw_away(databases.spare)


def carry_out(databases: Recycled, name: str, statement: str) -> psycopg.Connection:
    """Carry out a statement in a database and return the connection, which is still open."""
    address = databases.server.set(drivername="postgresql", database=name)
    connection = psycopg.connect(address.render_as_string(hide_password=False), autocommit=True)
    try:
        connection.execute(statement.encode())
    except psycopg.Error:
        connection.close()
        raise
    return connection


def test_rows_are_gone_in_the_next_test(databases: Recycled) -> None:
    name = databases.take()
    address = databases.server.set(database=name).render_as_string(hide_password=False)
    build = Builder(connect(address))
    build.user(Role.PRINCIPAL, build.school())
    build.close()
    build.database.dispose()
    forgotten = carry_out(databases, name, "SELECT 1")
    databases.give_back(name)
    assert databases.spare == databases.take() == name
    with pytest.raises(psycopg.OperationalError):
        forgotten.execute("SELECT 1")
    forgotten.close()
    with carry_out(databases, name, "SELECT 1") as connection:
        for each in {table.name for table in Base.metadata.sorted_tables} - set(REFERENCE_TABLES):
            found = connection.execute(f'SELECT 1 FROM "{each}"'.encode()).fetchone()  # noqa: S608 - our own
            assert found is None, each
    databases.give_back(name)


@pytest.mark.parametrize("what", CHANGED)
def test_what_is_more_than_rows_is_noticed(databases: Recycled, what: str) -> None:
    name = databases.take()
    carry_out(databases, name, CHANGED[what]).close()
    databases.give_back(name)
    assert databases.spare is None


def test_what_cannot_be_emptied_is_thrown_away(databases: Recycled) -> None:
    name = databases.take()
    # Whoever empties is sent away, as by a restart of the server.
    carry_out(
        databases,
        name,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    ).close()
    databases.give_back(name)
    assert databases.spare is None
    fresh = databases.take()
    assert fresh != name
    databases.give_back(fresh)
    assert databases.spare == fresh
