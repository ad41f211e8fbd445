"""`portal erasures`: what was erased stays erased, also after a restore."""

from __future__ import annotations

import click

from portal.cli.database import opened
from portal.config import Settings
from portal.core import retention
from portal.core.retention import DamagedLedgerError


@click.group()
def erasures() -> None:
    """The ledger of what was erased."""


@erasures.command()
def replay() -> None:
    """Erase again what a restore brought back. Run it after every restore, before `portal run`."""
    path = Settings.from_env().data_dir / retention.FILE_NAME
    with opened() as database:
        try:
            done = retention.replay(database, path)
        except DamagedLedgerError as error:
            raise click.ClickException(
                f"Line {error.number} of {path} was changed, or one before it was taken out. "
                "Nothing was erased. Bring back the file from its copy."
            ) from error
    click.echo(f"Erased again: {len(done.again)}. Noted in the file anew: {done.into_file}.")
    if done.unknown:
        raise click.ClickException(
            f"This version cannot erase: {', '.join(done.unknown)}. Was it written by a newer one?"
        )
