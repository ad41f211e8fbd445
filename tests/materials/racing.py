"""Two people who change something at the same moment, on a database that lets both begin."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.core.db import transaction
from portal.core.errors import Rejected
from tests.builders import Builder

Act = Callable[[Session], Any]
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
# SQLite lets nobody begin to write before the other is done.
on_postgresql = pytest.mark.parametrize(
    "settings", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


def refused_after(build: Builder, first: Act, second: Act) -> list[str]:
    """Begin a change while another is under way; return why it is refused once that is done."""
    refused: list[str] = []

    def late() -> None:
        try:
            with build.database.writer() as session, transaction(session):
                second(session)
        except Rejected as problem:
            refused.append(problem.code)

    def waits() -> bool:
        with build.database.reader() as reading:
            return bool(reading.scalar(WAITING))

    other = threading.Thread(target=late)
    with transaction(build.session) as session:
        first(session)
        session.flush()
        other.start()
        while other.is_alive() and not waits():
            time.sleep(0.01)
    other.join()
    return refused
