"""A database that is filled from elsewhere: empty before, and complete or empty afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from portal import migrations
from portal.core import snapshots
from portal.core.db import Base, Database, connect

# Stands in a database while it is filled. Whoever meets it knows that the rest may be thrown away.
MARK = "unfinished_restore"


@contextmanager
def refilled(database: Database, revision: str) -> Iterator[None]:
    """Let an empty database be filled, which begins with the schema of a revision.

    What the block raises leaves the database without any table of the portal. Should the machine
    die meanwhile, the next to fill it clears it first. Refuses a database that holds data.
    """
    _refuse_unknown(database, revision)
    if _refuse_data(database) != revision:
        _clear(database)
    with database.writing.begin() as connection:
        connection.execute(sa.text(f"CREATE TABLE {MARK} (id INTEGER)"))
    try:
        migrations.upgrade(database, revision)
        yield
        with database.writing.begin() as connection:
            connection.execute(sa.text(f"DROP TABLE {MARK}"))
    except BaseException:
        _clear(database)
        raise


def _refuse_unknown(database: Database, revision: str) -> None:
    script = ScriptDirectory.from_config(migrations.configuration(database))
    if revision not in {each.revision for each in script.walk_revisions()}:
        raise click.ClickException(
            f"The data is of version {revision} of the tables, which this portal does not know. "
            "Use the portal that wrote it, or a newer one."
        )


def newest(database: Database) -> str | None:
    """Return the revision that this version of the portal works with."""
    return ScriptDirectory.from_config(migrations.configuration(database)).get_current_head()


def _refuse_data(database: Database) -> str | None:
    """Return the revision of an empty database's tables; None where they must be made anew."""
    with database.reading.connect() as connection:
        if sa.inspect(connection).has_table(MARK):
            click.echo("An earlier attempt was broken off here; what it left is cleared.")
            return None
        found, revision = _counts(connection), snapshots.revision(connection)
    laid_in = _laid_in(revision) if any(found.values()) else {}
    held = [name for name, count in found.items() if count > laid_in.get(name, 0)]
    if held:
        raise click.ClickException(
            f"The database holds data already (in {', '.join(held[:5])}). Nothing was changed. "
            "Name an empty one; if this one is really not needed, keep a copy and empty it."
        )
    return revision


def _counts(connection: Connection) -> dict[str, int]:
    return {
        table.name: snapshots.count(connection, table) for table in snapshots.tables(connection)
    }


def _laid_in(revision: str | None) -> dict[str, int]:
    """Return how many rows the migrations themselves put into which table."""
    with tempfile.TemporaryDirectory(prefix="portal-empty-") as folder:
        scratch = connect(f"sqlite:///{Path(folder) / 'scratch.db'}")
        try:
            if revision:
                migrations.upgrade(scratch, revision)
            with scratch.reading.connect() as connection:
                return _counts(connection)
        finally:
            scratch.dispose()


def _clear(database: Database) -> None:
    """Drop whatever belongs to the portal."""
    ours = {*Base.metadata.tables, snapshots.VERSION_TABLE, MARK}
    with database.writing.begin() as connection:
        present = sa.MetaData()
        present.reflect(connection, only=lambda name, _schema: name in ours)
        present.drop_all(connection)
        if connection.dialect.name == "postgresql":
            for name in connection.scalars(sa.text(TRIGGER_FUNCTIONS)).all():
                connection.execute(sa.text(f"DROP FUNCTION {name}"))


# What the tables' triggers ran; it outlives them. Those that an extension brought stay.
TRIGGER_FUNCTIONS = """
SELECT oid::regprocedure::text FROM pg_proc
WHERE pronamespace = current_schema()::regnamespace AND prorettype = 'trigger'::regtype
AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
AND NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgfoid = pg_proc.oid)
"""
