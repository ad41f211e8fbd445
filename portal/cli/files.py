"""`portal files`: where the files lie that people handed in."""

from __future__ import annotations

import click

from portal.cli.database import opened
from portal.cli.storage import store, store_at
from portal.cli.targets import TARGET
from portal.core.files import Store, moving
from portal.core.files.moving import Moved

MOST_SHOWN = 10


@click.group()
def files() -> None:
    """The files people handed in."""


@files.command()
@click.option(
    "--to",
    "url",
    required=True,
    envvar=TARGET,
    metavar="URL",
    help="A folder, file:///folder or s3://bucket/prefix?endpoint=https://host&region=name; "
    f"or set {TARGET}.",
)
def move(url: str) -> None:
    """Copy every file from the present store to another one, and compare each byte.

    The portal may run meanwhile. A move that was broken off goes on where it stopped.
    """
    if not url.strip():
        raise click.UsageError("--to takes the address of a store.")
    source, target = store(), store_at(url, "--to")
    if source == target:
        raise click.ClickException(f"The files lie there already: {target.address}")
    with opened() as database:
        count = len(moving.waiting(database))
        with click.progressbar(length=count, label=f"Copying {count} files") as bar:
            moved = moving.move(database, source, target, bar.update)
    click.echo(f"Copied: {moved.copied}. There already, and the same: {moved.there}.")
    _report_rest(moved, source, target)


def _report_rest(moved: Moved, source: Store, target: Store) -> None:
    for what, names in (
        (f"are not in {source.address}. Is PORTAL_STORAGE_URL right?", moved.missing),
        ("are not encrypted as they should be. Did you run `portal upgrade`?", moved.strange),
        ("came back changed from the other store. Run this once more.", moved.changed),
    ):
        if names:
            click.echo(f"{len(names)} {what} {', '.join(names[:MOST_SHOWN])}", err=True)
    if not moved.complete:
        raise click.ClickException("Not every file was copied. Leave PORTAL_STORAGE_URL as it is.")
    click.echo(
        f"Every file is in {target.address} now. What remains to do:\n"
        "1. Stop the portal and run this once more, for what came in meanwhile.\n"
        "2. Set PORTAL_STORAGE_URL to the address you gave with --to, everywhere, and start.\n"
        f"3. Keep what lies in {source.address} until a backup has been made of the new store."
    )
