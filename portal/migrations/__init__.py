"""The schema's history; `upgrade` brings a database to the newest version."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from portal.core.db import Database

HERE = Path(__file__).resolve().parent


def configuration(database: Database) -> Config:
    """Return Alembic's configuration for a database."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["engine"] = database.writing
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the schema up to a revision."""
    command.upgrade(configuration(database), revision)


def downgrade(database: Database, revision: str) -> None:
    """Take the schema back to a revision."""
    command.downgrade(configuration(database), revision)
