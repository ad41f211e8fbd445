"""Engines that outlive a test, because what they learn costs more than many a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from portal.core.db import Database, connect
from tests.recycling import LASTING


class Lent:
    """Engines that stay while the database behind them changes with every test.

    What an engine learns, above all its compiled statements, costs more than many a test. On
    PostgreSQL its idle connections stay too, as long as the same database is emptied and used
    again: what a process of the server learns about eighty tables costs as much.
    """

    def __init__(self) -> None:
        self.kept: dict[str, Database] = {}

    @contextmanager
    def lend(self, url: str) -> Iterator[Database]:
        """Give a database that leads to this address, and close what others should not inherit."""
        address = sa.make_url(url)
        backend = address.get_backend_name()
        database = self.kept.pop(backend, None) or self._connected(url)
        heard = _listeners(database)
        for engine in (database.writing, database.reading):
            if engine.url != address:
                engine.dispose()
            engine.url = address
        yield database
        if backend == "sqlite" or _in_use(database) or _listeners(database) != heard:
            database.dispose()
        # Whoever listens in on an engine spoils it for the next test.
        if _listeners(database) == heard:
            self.kept[backend] = database

    def close(self) -> None:
        """Close the connections that outlived their tests."""
        for database in self.kept.values():
            database.dispose()

    def _connected(self, url: str) -> Database:
        database = connect(url)
        for engine in (database.writing, database.reading):
            _follow_address(engine)
        return database


def _in_use(database: Database) -> bool:
    """Say whether somebody forgot to give a connection back."""
    pools = (database.writing.pool, database.reading.pool)
    return any(isinstance(pool, sa.QueuePool) and pool.checkedout() for pool in pools)


def _follow_address(engine: sa.Engine) -> None:
    """Let an engine connect to whatever its address says at that moment."""

    def lead(
        dialect: sa.Dialect, _record: object, words: list[str], names: dict[str, object]
    ) -> None:
        words[:], named = dialect.create_connect_args(engine.url)
        names.update(named)
        if dialect.name == "postgresql":
            names["application_name"] = LASTING

    sa.event.listen(engine, "do_connect", lead)


def _listeners(database: Database) -> list[int]:
    return [
        len(getattr(place.dispatch, name))
        for engine in (database.writing, database.reading)
        for place, names in (
            (engine, ("begin", "commit", "rollback", "before_execute", "before_cursor_execute")),
            (engine.pool, ("connect", "checkout", "checkin")),
        )
        for name in names
    ]
