"""`portal run`: it ends in order, and says what keeps it from starting."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from portal import migrations
from portal.cli import main
from portal.config import Settings
from portal.core import schedule
from portal.core.db import Database
from tests.conftest import on_sqlite
from tests.operations.tree import Tree, await_that, is_running

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="children are found in /proc"
)
pytestmark = [on_sqlite, needs_proc]


@pytest.fixture
def tree(settings: Settings) -> Iterator[Tree]:
    tree = Tree(settings)
    yield tree
    tree.end()


def workers(database: Database) -> set[str]:
    """Return the workers that said they live and did not say good-bye."""
    with database.reader() as session:
        return {row.worker for row in schedule.living(session)}


def test_told_to_end_it_finishes_what_was_asked_and_takes_nothing_new(
    tree: Tree, database: Database
) -> None:
    process = tree.start()
    await_that(tree.answers)
    await_that(lambda: workers(database))
    children = tree.children()
    with socket.create_connection(("127.0.0.1", tree.port), 20) as upload:
        # Half a form is on its way when the end comes.
        upload.sendall(
            b"POST /masuk HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\ncsrf_"
        )
        await_that(lambda: "view=operations.alive" in tree.said())
        process.send_signal(signal.SIGTERM)
        await_that(lambda: not tree.answers())
        upload.sendall(b"token")
        assert upload.recv(4096).startswith(b"HTTP/1.1 4")
    assert process.wait(10) == 0
    assert not any(map(is_running, children.values()))
    assert workers(database) == set()
    assert "Traceback" not in tree.said()


def test_a_database_never_set_up_is_said_once_and_nothing_keeps_running(
    tree: Tree, database: Database
) -> None:
    migrations.downgrade(database, "base")
    process = tree.start()
    assert process.wait(15) == 1
    said = tree.said()
    assert said.count("Error: ") == 1
    assert "portal upgrade" in said
    assert "Traceback" not in said
    assert not tree.answers()


def test_a_port_in_use_gets_a_plain_message(tree: Tree) -> None:
    for bind in (f"127.0.0.1:{tree.port}", "203.0.113.1:80", "kosong"):
        with socket.create_server(("127.0.0.1", tree.port)):
            environment = {**tree.environment, "PORTAL_BIND": bind}
            result = CliRunner().invoke(main, ["serve"], env=environment)
        assert (result.exit_code, result.exception.__class__) == (1, SystemExit), bind
        assert f"cannot listen on PORTAL_BIND, {bind}" in result.stderr
