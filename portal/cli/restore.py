"""`portal restore`: an empty database, the store and the ledger as a backup knew them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click
import pyrage  # type: ignore[import-untyped]
from pyrage.x25519 import Identity  # type: ignore[import-untyped]
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from portal import migrations
from portal.cli.database import opened
from portal.cli.storage import store
from portal.cli.targets import AGAIN, TARGET, refilled
from portal.config import ConfigurationError, Settings
from portal.core import crypto, files, retention
from portal.core.crypto import KeyRingError
from portal.core.db import Database, is_full, transaction
from portal.core.files import Store, StoreUnavailableError
from portal.core.retention import DamagedLedgerError, Replayed, ledger
from portal.core.snapshots import UnfitRowError, UnknownTableError
from portal.operations.actions import backups, restoring
from portal.operations.actions.archives import UnreadableBackupError
from portal.operations.actions.restoring import Archive, Findings, Uploads
from portal.people.actions.sessions import end_all
from portal.people.models import SignInSession

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
IDENTITY = click.option(
    "--identity",
    required=True,
    type=click.File("r"),
    help="The file with the secret key (AGE-SECRET-KEY-...), or - to type it in.",
)


@contextmanager
def explained() -> Iterator[None]:
    """Turn what may go wrong with backups into sentences for people and exit code 1."""
    try:
        yield
    except (
        ConfigurationError,
        KeyRingError,
        StoreUnavailableError,
        UnknownTableError,
        UnreadableBackupError,
    ) as error:
        raise click.ClickException(str(error)) from error
    except UnfitRowError as error:
        raise click.ClickException(
            f"A row of the table {error.table} does not fit this database, which is stricter than "
            "the one it comes from. Nothing was changed. Please report this with the table's name."
        ) from error
    except DamagedLedgerError as error:
        raise click.ClickException(
            f"Line {error.number} of the present ledger of erasures was changed, or one before it "
            "was taken out. Nothing was changed. Bring back the ledger from its copy."
        ) from error
    except (OSError, DBAPIError) as error:
        if not is_full(error):
            raise
        raise click.ClickException("The disk is full. Make room, then run this again.") from error


def read_identities(file: TextIO) -> list[Identity]:
    """Return the secret keys a file holds, in the form `age-keygen` writes."""
    lines = [line.strip() for line in file if line.strip() and not line.startswith("#")]
    try:
        identities = [Identity.from_str(line) for line in lines]
    except pyrage.IdentityError as error:
        # It is secret, so nothing of it is repeated.
        raise click.ClickException(
            "The file of --identity holds no secret key of age. Its line begins with "
            "AGE-SECRET-KEY-1; `portal backup keygen` printed it."
        ) from error
    if not identities:
        raise click.ClickException("The file of --identity is empty.")
    return identities


def require_ring() -> None:
    """Refuse early, and with what to do, where there is no key ring."""
    path = Settings.from_env().key_ring
    if not path.exists():
        raise click.ClickException(
            f"There is no key ring at {path} (PORTAL_KEY_RING), and no backup holds one. Put the "
            "copy from its safe place there. Without it nothing encrypted can be read again."
        )
    crypto.use(path)


@click.command()
@FILE
@IDENTITY
@click.option(
    "--into",
    "url",
    default="",
    envvar=TARGET,
    metavar="URL",
    help=f"The empty database to fill, of either kind, or {TARGET}; else PORTAL_DATABASE_URL.",
)
@AGAIN
def restore(file: Path, identity: TextIO, url: str, *, again: bool) -> None:
    """Fill an empty database from a backup, and bring back uploads and the ledger.

    What was erased since is erased again. Run it while the portal is stopped.
    """
    identities = read_identities(identity)
    backups.know_every_table()
    require_ring()
    path = Settings.from_env().data_dir / retention.FILE_NAME
    with opened(url) as database, explained():
        click.echo("Looking the backup through ...")
        archive = restoring.open_archive(file, identities)
        # Refused now rather than at the end, should somebody have changed it.
        ledger.read(path)
        findings, replayed = _restored(database, archive, store(), path, again=again)
    told(archive, findings)
    click.echo(
        f"Erased again: {len(replayed.again)}. Everybody was signed out.\n"
        f"What was entered after {archive.manifest.made_at} is missing: tell people.\n"
        "Heads of the trail that were noted after that moment no longer fit.\n"
        "Next: portal doctor, then portal run."
    )
    if replayed.unknown:
        raise click.ClickException(
            f"This version cannot erase: {', '.join(replayed.unknown)}. Do not start the portal; "
            "install the version that wrote the ledger and run: portal erasures replay"
        )


def _restored(
    database: Database, archive: Archive, target: Store, path: Path, *, again: bool
) -> tuple[Findings, Replayed]:
    uploads = Uploads(target)
    try:
        with bring_back(database, archive, uploads.keep, again=again) as findings:
            with database.writer() as session, transaction(session):
                files.seal_plain_files(session, target)
            restoring.merge_ledger(findings.ledger, path)
            replayed = retention.replay(database, path)
            _sign_everybody_out(database)
    except BaseException:
        uploads.undo()
        raise
    return findings, replayed


@contextmanager
def bring_back(
    database: Database, archive: Archive, keep: restoring.Keep, *, again: bool = False
) -> Iterator[Findings]:
    """Fill an empty database and bring its schema up to date; what the block raises empties it."""
    manifest = archive.manifest
    with refilled(database, manifest.revision, again=again):
        with (
            click.progressbar(length=manifest.rows, label=f"{manifest.rows} rows") as bar,
            database.writing.begin() as connection,
        ):
            findings = restoring.lay_in(connection, archive, keep, bar.update)
        migrations.upgrade(database)
        with database.reader() as session:
            restoring.check_trail(session, manifest.head)
        yield findings


def _sign_everybody_out(database: Database) -> None:
    """End all sessions: those that were revoked after the backup would be open again."""
    with database.writer() as session, transaction(session):
        signed_in = select(SignInSession.user_id).where(SignInSession.ended_at.is_(None))
        for user_id in session.scalars(signed_in.distinct()).all():
            end_all(session, user_id)


def told(archive: Archive, findings: Findings) -> None:
    """Print what came back and what was tried."""
    manifest = archive.manifest
    entries = manifest.head.partition(":")[0] or "0"
    click.echo(
        f"Backup of {manifest.made_at} (portal {manifest.version}, {manifest.engine}) is whole:\n"
        f"{len(manifest.parts)} tables, {findings.rows} rows, each table equal to the backup.\n"
        f"The trail is unbroken and ends at entry {entries}, as it did then.\n"
        f"Opened with the key ring: {findings.texts} encrypted texts, {findings.files} uploads."
    )
