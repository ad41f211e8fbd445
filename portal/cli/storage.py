"""The store of files that the commands work with."""

from __future__ import annotations

import click

from portal.config import ConfigurationError, Settings
from portal.core.files import Store, store_from

NAME = "PORTAL_STORAGE_URL"


def store() -> Store:
    """Return the store behind PORTAL_STORAGE_URL, or say that it names none."""
    return store_at(Settings.from_env().storage_url, NAME)


def store_at(url: str, name: str) -> Store:
    """Return the store at an address, or say that what bears this name is none."""
    try:
        return store_from(url, Settings.from_env().data_dir)
    except ConfigurationError as error:
        raise click.ClickException(str(error).replace(NAME, name)) from error
