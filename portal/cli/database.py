"""The database, key ring and ledger that the commands work with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError

from portal import features
from portal.config import Settings, asset_folder
from portal.core import crypto, i18n, retention
from portal.core.crypto import KeyRingError
from portal.core.db import Database, connect
from portal.core.files import StoreUnavailableError


def connected(url: str) -> Database:
    """Return the database behind PORTAL_DATABASE_URL, or say that it names none."""
    try:
        return connect(url)
    except (ArgumentError, ImportError) as error:
        # The address may hold a password, so it is not repeated.
        raise click.ClickException(
            "PORTAL_DATABASE_URL names no database the portal can use. "
            "Write sqlite:///... or postgresql+psycopg://..."
        ) from error


@contextmanager
def opened(url: str = "") -> Iterator[Database]:
    """Open database and key ring for a command, which then knows whatever features registered."""
    with opened_without_keys(url) as database:
        crypto.use(Settings.from_env().key_ring)
        yield database


@contextmanager
def opened_without_keys(url: str = "") -> Iterator[Database]:
    """Open the database for a command that may come before there is a key ring."""
    settings = Settings.from_env()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    i18n.load(asset_folder("translations"))
    database = connected(url or settings.database_url)
    features.load()
    retention.use(settings.data_dir / retention.FILE_NAME)
    try:
        yield database
    except (KeyRingError, StoreUnavailableError) as error:
        raise click.ClickException(str(error)) from error
    except (OperationalError, ProgrammingError) as error:
        raise click.ClickException(
            f"The database does not answer as it should ({type(error.orig).__name__}). "
            "Is PORTAL_DATABASE_URL right, and did you run `portal upgrade`?"
        ) from error
    finally:
        database.dispose()
