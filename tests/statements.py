"""What the database is asked, for tests that long lists cost no more than short ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event

from portal.core.db import Database


@contextmanager
def read_statements(database: Database) -> Iterator[list[str]]:
    """Collect what readers ask."""
    with _sent([database.reading]) as asked:
        yield asked


@contextmanager
def all_statements(database: Database) -> Iterator[list[str]]:
    """Collect what readers and writers ask."""
    # Where both doors share one dialect, listening at both would hear everything twice.
    engines = {id(database.writing.dialect): database.writing}
    engines[id(database.reading.dialect)] = database.reading
    with _sent(list(engines.values())) as asked:
        yield asked


@contextmanager
def _sent(engines: list[Engine]) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(*given: object) -> None:
        asked.append(str(given[2]))

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
