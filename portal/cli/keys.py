"""`portal keys`: the key ring that encrypts what is confidential."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec

import click

from portal import features
from portal.cli.database import opened
from portal.cli.storage import store
from portal.config import Settings
from portal.core import crypto, files, rotation
from portal.core.crypto import KeyRingError
from portal.core.db import Database
from portal.core.files import Store
from portal.core.rotation import Rotated, StillNeededError

MOST_SHOWN = 10


@click.group()
def keys() -> None:
    """The key ring that encrypts what is confidential."""


@keys.command()
def create() -> None:
    """Make the key ring at PORTAL_KEY_RING; never overwrites one."""
    path = Settings.from_env().key_ring
    try:
        crypto.create(path)
    except KeyRingError as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"Key ring made: {path}\n"
        "Keep a copy in a safe place, apart from the backups of the database. "
        "Without it nothing encrypted can be read again."
    )


@contextmanager
def _everything() -> Iterator[tuple[Database, Store]]:
    """Open database and store, and know every table that may hold a ciphertext."""
    for feature in features.NAMES:
        if find_spec(f"portal.{feature}.models"):
            import_module(f"portal.{feature}.models")
    with opened() as database:
        yield database, store()


def _refuse_wrong_store(database: Database, kept: Store) -> None:
    """Refuse a store without a single file: a key that the real ones need might be lost."""
    with database.reader() as session:
        if files.none_there(session, kept):
            raise click.ClickException(
                f"None of the files people handed in is in {kept.address}. "
                "Is PORTAL_STORAGE_URL right?"
            )


@keys.command()
def rotate() -> None:
    """Put a new key on the ring and encrypt everything with it.

    A rotation that was broken off is finished first, without a further key. The portal may run
    meanwhile.
    """
    with _everything() as (database, kept):
        _refuse_wrong_store(database, kept)
        stale = rotation.remaining(database, kept)
        if stale:
            click.echo("An earlier rotation was broken off; it is finished first, with its key.")
        else:
            name = crypto.ring().add_key()
            click.echo(f"New key on the ring: {name}. Copy the ring to its safe place again.")
            stale = rotation.remaining(database, kept)
        with click.progressbar(length=stale, label="Encrypting anew") as bar:
            done = rotation.rotate(database, kept, bar.update)
        left = rotation.remaining(database, kept)
    click.echo(f"Encrypted anew: {done.texts} texts and {done.files} files.")
    _report_rest(done, left)


def _report_rest(done: Rotated, left: int) -> None:
    if done.unreadable:
        shown = sorted(done.unreadable)[:MOST_SHOWN]
        raise click.ClickException(
            f"{len(done.unreadable)} could not be opened with any key on the ring: "
            f"{', '.join(shown)}. Bring back the ring that made them; keep every older key."
        )
    if left:
        raise click.ClickException(
            f"{left} were being changed meanwhile. Run `portal keys rotate` once more."
        )
    click.echo("Nothing needs an older key now. Backups made before still do.")


@keys.command(name="forget-old")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget_old(*, yes: bool) -> None:
    """Take the older keys off the ring, once nothing needs them."""
    with _everything() as (database, kept):
        if len(crypto.ring().keys) == 1:
            click.echo("There is no older key on the ring.")
            return
        _refuse_wrong_store(database, kept)
        _refuse_while_needed(rotation.remaining(database, kept))
        click.echo(
            "Backups made before the last rotation can only be read with the older keys. "
            "Keep a copy of this ring for as long as you keep those backups."
        )
        if not yes:
            click.confirm("Take the older keys off the ring?", abort=True)
        try:
            gone = rotation.forget_old(database, kept)
        except StillNeededError as error:
            _refuse_while_needed(error.count)
    click.echo(f"Off the ring: {', '.join(gone)}.")


def _refuse_while_needed(count: int) -> None:
    if count:
        raise click.ClickException(
            f"{count} texts and files still need an older key. Run `portal keys rotate` first."
        )
