"""`portal worker`: what the portal does by itself, in a process of its own."""

from __future__ import annotations

import sqlite3

import click

from portal import __version__
from portal.cli.database import opened
from portal.cli.processes import settings_to_start, told_to_end, until_stdin_ends
from portal.core.schedule import Workshop
from portal.web import logs
from portal.worker import Worker

CARE_SECONDS = 1.0


@click.command()
@until_stdin_ends
def worker(*, supervised: bool) -> None:
    """Send messages, remind, back up, tidy up. Several may work at once."""
    settings = settings_to_start()
    told = told_to_end(supervised=supervised)
    logs.init("huey", kind=settings.log_format)
    try:
        with opened() as database:
            this = Worker(Workshop(database, settings), __version__)
            with this.at_work():
                click.echo(f"Worker {this.name} is at work  (stop: Ctrl+C)")
                while not told.wait(CARE_SECONDS):
                    this.care()
    except sqlite3.Error as error:
        raise click.ClickException(
            f"The worker cannot keep its queue in {settings.data_dir} ({error}). "
            "May it write there, and is there room?"
        ) from error
