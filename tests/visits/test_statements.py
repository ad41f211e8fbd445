"""Long lists cost no more statements than short ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from portal.core.access import Role
from portal.visits.states import VisitState
from tests.visits.conftest import Site, on_sqlite

FEW, MANY = 3, 30


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Collect the statements sent to the database."""
    database = app.extensions["database"]
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engines = {id(database.writing.dialect): database.writing}
    engines[id(database.reading.dialect)] = database.reading
    for engine in engines.values():
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in engines.values():
            event.remove(engine, "before_cursor_execute", note)


def fill(site: Site, first: int, last: int) -> None:
    """Make sessions of all kinds in the coming weeks, each with a school of its own."""
    states = (VisitState.REQUESTED, VisitState.SCHEDULED, VisitState.DELIVERED)
    for number in range(first, last):
        for offset, state in enumerate(states):
            day = date(2026, 8, 10) + timedelta(days=number)
            school = site.build.school(district=f"18.72.0{number % 5 + 1}")
            site.build.delivered(school, site.worker, day, state=state, at=time(7 + 2 * offset))


@on_sqlite
@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("coordinator", "/permintaan"),
        ("coordinator", "/permintaan?status=terjadwal"),
        ("coordinator", "/permintaan?status=selesai"),
        ("coordinator", "/sesi"),
        ("coordinator", "/sesi?status=selesai"),
        ("worker", "/sesi"),
        ("worker", "/sesi?semua=1"),
        ("principal", "/sesi/baru"),
        ("coordinator", "/peksos"),
    ],
)
def test_statements_do_not_grow_with_the_rows(site: Site, who: str, path: str) -> None:
    visitor = site.browser(getattr(site, who))
    numbers = []
    done = 0
    for total in (FEW, MANY):
        fill(site, done, total)
        done = total
        for _ in range(total):
            site.build.user(Role.SOCIAL_WORKER)
        visitor.get(path)
        with counted(site.app) as seen:
            answer = visitor.get(path)
        assert answer.status_code == 200
        numbers.append(len(seen))
    assert 0 < numbers[0] < 40
    assert numbers[1] == numbers[0]
