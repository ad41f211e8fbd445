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
from portal.core.db import Base, Database, connect, transaction
from portal.core.files import FolderStore
from portal.materials.actions import starter

# The address of what a command fills may hold a password, which others see on a command line.
TARGET = "PORTAL_TARGET_URL"
AGAIN = click.option(
    "--again",
    is_flag=True,
    help="Clear what an earlier attempt that was broken off left in that database.",
)


@contextmanager
def refilled(database: Database, revision: str, *, again: bool = False) -> Iterator[None]:
    """Let an empty database be filled, which begins with the schema of a revision.

    What the block raises leaves the database without any table of the portal. Should the machine
    die meanwhile, the next to fill it clears it first, rows only if `again` says so. Refuses a
    database that holds data.
    """
    _refuse_unknown(database, revision)
    if _refuse_data(database, again=again) != revision:
        _clear(database)
    with database.writing.begin() as connection:
        connection.execute(sa.text(f"CREATE TABLE {snapshots.MARK} (id INTEGER)"))
    try:
        migrations.upgrade(database, revision)
        yield
        with database.writing.begin() as connection:
            connection.execute(sa.text(f"DROP TABLE {snapshots.MARK}"))
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


def _refuse_data(database: Database, *, again: bool) -> str | None:
    """Return the revision of an empty database's tables; None where they must be made anew."""
    with database.reading.connect() as connection:
        unfinished = snapshots.is_unfinished(connection)
        if unfinished and again:
            return _made_anew()
        found, revision = _counts(connection), snapshots.revision(connection)
    laid_in = _laid_in(revision) if any(found.values()) else {}
    held = [name for name, count in found.items() if count > laid_in.get(name, 0)]
    if held and unfinished:
        # Somebody may have worked with it since.
        raise click.ClickException(
            "An earlier attempt to fill this database was broken off or still runs, and it holds "
            f"data (in {', '.join(held[:5])}). Nothing was changed. If nobody worked with it "
            "since, add --again: that clears it first. Otherwise keep a copy and name an empty one."
        )
    if held:
        raise click.ClickException(
            f"The database holds data already (in {', '.join(held[:5])}). Nothing was changed. "
            "Name an empty one; if this one is really not needed, keep a copy and empty it."
        )
    return _made_anew() if unfinished else revision


def _made_anew() -> str | None:
    click.echo("An earlier attempt was broken off here; what it left is cleared.")
    return None


def _counts(connection: Connection) -> dict[str, int]:
    return {
        table.name: snapshots.count(connection, table) for table in snapshots.tables(connection)
    }


def _laid_in(revision: str | None) -> dict[str, int]:
    """Return how many rows `portal upgrade` itself puts into which table."""
    with tempfile.TemporaryDirectory(prefix="portal-empty-") as folder:
        scratch = connect(f"sqlite:///{Path(folder) / 'scratch.db'}")
        try:
            if revision:
                migrations.upgrade(scratch, revision)
            if revision == newest(scratch):
                with scratch.writer() as session, transaction(session):
                    starter.lay_in(session, FolderStore(Path(folder)))
            with scratch.reading.connect() as connection:
                return _counts(connection)
        finally:
            scratch.dispose()


def _clear(database: Database) -> None:
    """Drop whatever belongs to the portal."""
    ours = {*Base.metadata.tables, snapshots.VERSION_TABLE, snapshots.MARK}
    with database.writing.begin() as connection:
        functions = _trigger_functions(connection, ours)
        present = sa.MetaData()
        present.reflect(connection, only=lambda name, _schema: name in ours)
        present.drop_all(connection)
        for name in functions:
            connection.execute(sa.text(f"DROP FUNCTION {name}"))


def _trigger_functions(connection: Connection, tables: set[str]) -> list[str]:
    """Return what the triggers of these tables run, and of no others; it outlives the tables."""
    if connection.dialect.name != "postgresql":
        return []
    wanted = sa.text(TRIGGER_FUNCTIONS).bindparams(sa.bindparam("tables", expanding=True))
    return list(connection.scalars(wanted, {"tables": sorted(tables)}))


# Those that an extension brought stay.
TRIGGER_FUNCTIONS = """
SELECT pg_proc.oid::regprocedure::text
FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid JOIN pg_class ON pg_class.oid = tgrelid
WHERE NOT tgisinternal AND pronamespace = current_schema()::regnamespace
AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
GROUP BY pg_proc.oid
HAVING bool_and(relname IN :tables AND relnamespace = current_schema()::regnamespace)
"""
