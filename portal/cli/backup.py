"""`portal backup`: a copy of everything that only the holder of an offline key can read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TextIO

import click
from click.core import ParameterSource
from pyrage.x25519 import Identity  # type: ignore[import-untyped]

from portal.cli.database import opened
from portal.cli.restore import (
    FILE,
    IDENTITY,
    bring_back,
    explained,
    read_identities,
    require_ring,
    told,
)
from portal.cli.targets import TARGET
from portal.config import Settings
from portal.core import snapshots
from portal.core.db import connect
from portal.core.schedule import Workshop
from portal.operations.actions import backups, drills, restoring

MOST_SHOWN = 10
MEGABYTE = 1024 * 1024


@click.group(invoke_without_command=True)
@click.option(
    "--to",
    "url",
    default="",
    envvar=TARGET,
    metavar="URL",
    help=f"A folder or s3://..., not PORTAL_BACKUP_URL; or set {TARGET}.",
)
@click.pass_context
def backup(context: click.Context, url: str) -> None:
    """Write everything but the key ring into one encrypted file. The portal may run meanwhile."""
    if context.invoked_subcommand is not None:
        if context.get_parameter_source("url") is ParameterSource.COMMANDLINE:
            raise click.UsageError("--to belongs to `portal backup` alone.")
        return
    with _shop(url) as shop:
        # First of all, so that nobody waits to hear that something is not set.
        backups.require_configured(shop.settings)
        rows = _rows(shop)
        with click.progressbar(length=rows, label=f"{rows} rows and the uploads") as bar:
            made = backups.make(shop, progress=bar.update)
    manifest = made.manifest
    click.echo(
        f"Backup made: {made.name} in {made.address}\n"
        f"{manifest.rows} rows, {manifest.files} uploads, {made.size / MEGABYTE:.1f} MB. "
        f"Older ones removed: {made.removed}.\n"
        "The key ring is not in it: keep its copy, and the secret key, each in a safe place."
    )
    if made.lost:
        raise click.ClickException(
            f"The backup is there, but not whole. Uploads missing from the store: {len(made.lost)} "
            f"({', '.join(made.lost[:MOST_SHOWN])}). Is PORTAL_STORAGE_URL right?"
        )


@contextmanager
def _shop(url: str = "") -> Iterator[Workshop]:
    settings = Settings.from_env()
    with opened() as database, explained():
        yield Workshop(database, replace(settings, backup_url=url or settings.backup_url))


def _rows(shop: Workshop) -> int:
    backups.know_every_table()
    with snapshots.snapshot(shop.database) as connection:
        return sum(snapshots.count(connection, each) for each in snapshots.tables(connection))


@backup.command()
def keygen() -> None:
    """Print a new pair of keys, once: best on a machine that is not the server."""
    identity = Identity.generate()
    public = identity.to_public()
    click.echo(
        f"# Public key. On the server: PORTAL_BACKUP_RECIPIENTS={public}\n"
        "# Several people may have a key each: separate the public keys with spaces.\n"
        "# Secret key: the last line opens every backup. Write it down or keep it on a stick in\n"
        "# a safe, apart from the key ring's copy, never on the server. Nobody can make it again.\n"
        f"{identity}"
    )


@backup.command()
@FILE
@IDENTITY
def check(file: Path, identity: TextIO) -> None:
    """Restore a backup into a scratch file, compare everything, and throw it away.

    It shows that the offline key opens the backup, which the weekly trial cannot. Nothing of the
    portal is touched.
    """
    identities = read_identities(identity)
    backups.know_every_table()
    require_ring()
    with explained(), tempfile.TemporaryDirectory(prefix="portal-check-") as folder:
        archive = restoring.open_archive(file, identities)
        database = connect(f"sqlite:///{Path(folder) / 'scratch.db'}")
        try:
            with bring_back(database, archive, restoring.nowhere) as findings:
                told(archive, findings)
        finally:
            database.dispose()
    click.echo("This key opens it. Nothing was changed here.")


@backup.command()
def drill() -> None:
    """Do the weekly trial now: make a backup, fetch it back, restore it, compare, throw it away.

    It shows that backups can be restored; that the offline key opens them, `check` shows.
    """
    with _shop() as shop:
        drilled = drills.drill(shop)
    findings = drilled.findings
    click.echo(
        f"{drilled.made.name} came back whole: {findings.rows} rows equal, {drilled.entries} "
        f"entries of the trail unbroken, {findings.texts} texts and {findings.files} uploads "
        "opened. That the offline key opens it shows only: portal backup check"
    )
