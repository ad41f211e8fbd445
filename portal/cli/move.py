"""`portal move-database`: the same data in another database, of either kind."""

from __future__ import annotations

import click
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from portal.cli.database import connected, opened
from portal.cli.restore import explained
from portal.cli.targets import AGAIN, TARGET, newest, refilled
from portal.core import audit, snapshots
from portal.core.db import Database
from portal.core.snapshots import Table, Tally
from portal.operations.actions import backups


@click.command(name="move-database")
@click.option(
    "--to",
    "url",
    required=True,
    envvar=TARGET,
    metavar="URL",
    help=f"An empty database. With a password in it, better set {TARGET}.",
)
@AGAIN
def move_database(url: str, *, again: bool) -> None:
    """Copy the present database into an empty one, SQLite to PostgreSQL or back.

    Stop the portal first, web and workers. The present database is only read. Afterwards counts,
    sums and the trail are compared on both sides.
    """
    backups.know_every_table()
    target = connected(url)
    try:
        with opened() as source, explained():
            tallies = _moved(source, target, again=again)
    finally:
        target.dispose()
    address = target.writing.url.render_as_string(hide_password=True)
    rows = sum(tally.count for tally in tallies.values())
    click.echo(
        f"{len(tallies)} tables and {rows} rows are equal "
        "on both sides, and so are the trail and its end.\n"
        "What remains to do:\n"
        f"1. Set PORTAL_DATABASE_URL={address} for web, workers and commands, with the password "
        "where *** stands.\n"
        "2. Start the portal, then run: portal doctor\n"
        "3. Keep the old database until a backup of the new one has been made. Uploads and the "
        "ledger of erasures stay where they are."
    )


def _moved(source: Database, target: Database, *, again: bool) -> dict[str, Tally]:
    with snapshots.snapshot(source) as connection:
        revision = snapshots.revision(connection)
        if revision is None or revision != newest(source):
            raise click.ClickException(
                "The present database is not up to date. Run `portal upgrade` first."
            )
        head = _walked_head(connection, "present")
        with refilled(target, revision, again=again):
            read = _copied(connection, target)
            with target.reading.connect() as other:
                if _walked_head(other, "new") != head:
                    raise click.ClickException("The trail of the new database ends elsewhere.")
            _refuse_changed(source, read)
    return read


def _walked_head(connection: Connection, side: str) -> str:
    with Session(connection) as session:
        head = audit.head(session)
        broken = audit.verify(session, head)
    if broken:
        raise click.ClickException(
            f"The trail of the {side} database does not hold at entry {broken.seq}; nothing was "
            "moved. Is it the right key ring? `portal audit verify` tells more."
        )
    return head


def _copied(connection: Connection, target: Database) -> dict[str, Tally]:
    """Copy every row and return counts and sums, which are the same on both sides."""
    tables = snapshots.tables(connection)
    rows = sum(snapshots.count(connection, table) for table in tables)
    read = {table.name: Tally() for table in tables}
    with (
        click.progressbar(length=rows, label=f"Copying {rows} rows") as bar,
        target.writing.begin() as other,
    ):
        snapshots.clear(other, tables)
        for table in tables:
            for lines in snapshots.batches(connection, table):
                for line in lines:
                    read[table.name].add(line)
                snapshots.write(other, table, [table.unpack(line) for line in lines])
                bar.update(len(lines))
        changed = [each.name for each in tables if snapshots.tally(other, each) != read[each.name]]
    if changed:
        raise click.ClickException(
            f"Not equal on both sides: {', '.join(changed)}. The new database was emptied again, "
            "the present one is as it was. Please report this with the tables' names."
        )
    return read


def _refuse_changed(source: Database, read: dict[str, Tally]) -> None:
    """Look whether somebody wrote while the copy was made."""
    with snapshots.snapshot(source) as connection:
        tables: list[Table] = snapshots.tables(connection)
        changed = [
            each.name for each in tables if snapshots.tally(connection, each) != read[each.name]
        ]
    if changed:
        raise click.ClickException(
            f"Somebody wrote meanwhile (in {', '.join(changed[:5])}). Stop the portal, web and "
            "workers, and run this again. The new database was emptied again."
        )
