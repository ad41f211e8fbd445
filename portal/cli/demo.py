"""`portal demo`: invented people, schools and sessions."""

from __future__ import annotations

import json

import click
from sqlalchemy.orm import Session

from portal import demo as invented
from portal.cli.database import opened, opened_without_keys
from portal.cli.storage import store
from portal.config import Settings
from portal.core import crypto
from portal.core.db import transaction


@click.group(invoke_without_command=True)
@click.pass_context
def demo(context: click.Context) -> None:
    """Fill an empty database with invented people, schools and sessions."""
    if context.invoked_subcommand:
        return
    _make_keys()
    with opened() as database:
        with database.writer() as session, transaction(session):
            if not invented.is_demo(session):
                _fill(session)
        settings = Settings.from_env()
        click.echo(f"Demonstration data (invented). Sign in at {settings.base_url}/masuk as:")
        for account in invented.accounts():
            place = f", {account.school}" if account.school else ""
            click.echo(f"  {account.email:38} {account.role}{place}")
        click.echo(f"  password for all: {invented.PASSWORD}")
        click.echo("  secrets of the second proof: portal demo accounts")


def _make_keys() -> None:
    """Make a key ring for the demonstration where there is none; never where there is data."""
    path = Settings.from_env().key_ring
    if path.exists():
        return
    with opened_without_keys() as database, database.reader() as session:
        if not invented.is_empty(session):
            return
    crypto.create(path)


def _fill(session: Session) -> None:
    try:
        invented.fill(session, store())
    except invented.NotEmptyError as error:
        raise click.ClickException(
            "This database holds real data; a demonstration never touches it."
        ) from error


@demo.command(name="accounts")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def accounts(*, as_json: bool) -> None:
    """List the invented accounts of a demonstration database."""
    with opened_without_keys() as database, database.reader() as session:
        if not invented.is_demo(session):
            raise click.ClickException(
                "This is no demonstration database. Run `portal demo` first."
            )
    if as_json:
        click.echo(json.dumps(invented.accounts_as_json(), ensure_ascii=False, indent=2))
    else:
        for account in invented.accounts():
            shown = (account.role, account.name, account.email, account.password)
            click.echo("\t".join(str(part) for part in (*shown, account.totp_secret or "-")))
