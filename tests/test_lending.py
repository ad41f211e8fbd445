"""Engines that outlive a test lead the next one to its own database, and hand nothing on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from portal.core.db import Database
from tests.conftest import REFERENCE_TABLES
from tests.lending import Lent
from tests.recycling import Recycled

pytestmark = pytest.mark.postgres

WHO = sa.text("SELECT pg_backend_pid(), current_database()")


@pytest.fixture
def databases(postgresql_server: sa.URL) -> Iterator[Recycled]:
    """Return databases of one's own on the server."""
    databases = Recycled(postgresql_server, REFERENCE_TABLES)
    yield databases
    databases.close()
    if databases.spare:
        databases.throw_away(databases.spare)


@pytest.fixture
def lent() -> Iterator[Lent]:
    """Return engines of one's own."""
    lent = Lent()
    yield lent
    lent.close()


def address(databases: Recycled, name: str) -> str:
    """Return where a database is."""
    return databases.server.set(database=name).render_as_string(hide_password=False)


def who(database: Database) -> tuple[int, str]:
    """Return which process of the server answers, and for which database."""
    with database.writing.connect() as connection:
        process, name = connection.execute(WHO).one()
    return process, name


def test_an_idle_connection_stays_while_its_database_does(databases: Recycled, lent: Lent) -> None:
    name = databases.take()
    with lent.lend(address(databases, name)) as database:
        before = who(database)
    databases.give_back(name)
    assert databases.take() == name
    with lent.lend(address(databases, name)) as database:
        assert who(database) == before == (before[0], name)
    databases.give_back(name)


def test_another_database_gets_connections_of_its_own(databases: Recycled, lent: Lent) -> None:
    one, other = databases.take_new(), databases.take_new()
    for name in (one, other, one):
        with lent.lend(address(databases, name)) as database:
            assert who(database)[1] == name
    for name in (one, other):
        databases.throw_away(name)


def test_a_forgotten_connection_is_no_longer_anybodys(databases: Recycled, lent: Lent) -> None:
    name = databases.take()
    with lent.lend(address(databases, name)) as database:
        forgotten = database.writing.connect()
        forgotten.execute(sa.text("LOCK TABLE school"))
    databases.give_back(name)
    assert databases.spare == name
    with lent.lend(address(databases, databases.take())) as database:
        assert who(database)[1] == name
        pool = database.writing.pool
        assert isinstance(pool, sa.QueuePool)
        assert pool.checkedout() == 0
    forgotten.invalidate()
    forgotten.close()
    databases.give_back(name)
