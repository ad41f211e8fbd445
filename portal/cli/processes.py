"""What the commands share that go on until they are told to end."""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType

import click
from sqlalchemy.exc import DBAPIError

from portal.cli.database import connected
from portal.config import ConfigurationError, Settings
from portal.core import crypto, snapshots
from portal.core.crypto import KeyRingError
from portal.core.db import Database

# Not every system knows all of them; the last is Ctrl+Break on Windows.
SIGNALS = ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK")
UNTIL_STDIN_ENDS = "--until-stdin-ends"

# Whoever started the command holds the other end of its standard input. When that is closed, or its
# holder is gone, even by kill -9, the command ends too; so on Windows, which knows no SIGTERM.
until_stdin_ends = click.option(UNTIL_STDIN_ENDS, "supervised", is_flag=True, hidden=True)


def settings_to_start() -> Settings:
    """Return settings that a server or worker can start with, or say what is missing."""
    settings = Settings.from_env()
    database = connected(settings.database_url)
    try:
        _refuse_unfinished(database)
    finally:
        database.dispose()
    try:
        settings.require_secret()
        settings.require_proxies()
        crypto.use(settings.key_ring)
    except (ConfigurationError, KeyRingError) as error:
        raise click.ClickException(str(error)) from error
    return settings


def _refuse_unfinished(database: Database) -> None:
    """Refuse a database that a restore did not come to the end of: it may lack anything."""
    try:
        with database.reading.connect() as connection:
            unfinished = snapshots.is_unfinished(connection)
    except DBAPIError:
        # It may come up later; /siap tells.
        return
    if unfinished:
        raise click.ClickException(
            "A restore into this database (or portal move-database) was broken off or still runs, "
            "so it is not whole. Run it again with the same backup, adding --again if it asks for "
            "that, or name another database in PORTAL_DATABASE_URL."
        )


def told_to_end(*, supervised: bool = False) -> threading.Event:
    """Return what is set once this process should end; a second signal ends it at once."""
    told = threading.Event()

    def hear(number: int, _frame: FrameType | None) -> None:
        if told.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        told.set()

    for name in SIGNALS:
        number = getattr(signal, name, None)
        # What is ignored already (nohup) stays so.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, hear)
    if supervised:
        threading.Thread(target=_await_end_of_stdin, args=(told,), daemon=True).start()
    return told


def _await_end_of_stdin(told: threading.Event) -> None:
    # Not through sys.stdin, whose lock a thread must not hold when the process ends.
    while os.read(sys.stdin.fileno(), 1):
        pass
    told.set()
