"""The operator's commands. Exit codes: 0 done, 1 refused with a message for people, 2 wrong use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from portal import create_app, demo, migrations
from portal.config import ConfigurationError, Settings, asset_folder
from portal.core import i18n
from portal.core.db import Database, connect, transaction
from portal.core.errors import Rejected
from portal.people import actions as people_actions
from portal.people import queries as people_queries
from portal.people.models import NAME_LENGTH
from portal.schools import actions as school_actions
from portal.schools import exports as school_exports

THREADS = 4


def _connect(url: str) -> Database:
    try:
        return connect(url)
    except (ArgumentError, ImportError) as error:
        # The address may hold a password, so it is not repeated.
        raise click.ClickException(
            "PORTAL_DATABASE_URL names no database the portal can use. "
            "Write sqlite:///... or postgresql+psycopg://..."
        ) from error


@contextmanager
def _database() -> Iterator[Database]:
    settings = Settings.from_env()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    i18n.load(asset_folder("translations"))
    database = _connect(settings.database_url)
    try:
        yield database
    except (OperationalError, ProgrammingError) as error:
        raise click.ClickException(
            f"The database does not answer as it should ({type(error.orig).__name__}). "
            "Is PORTAL_DATABASE_URL right, and did you run `portal upgrade`?"
        ) from error
    finally:
        database.dispose()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--lang", type=click.Choice(i18n.LANGUAGES), default="id", help="Language of answers."
)
def main(lang: str) -> None:
    """Portal Mitra Sekolah."""
    i18n.set_language(lang)


@main.command()
def run() -> None:
    """Serve the portal on PORTAL_BIND."""
    # Waitress loads its own world; other commands do without.
    import waitress

    settings = Settings.from_env()
    _connect(settings.database_url).dispose()
    try:
        app = create_app(settings)
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Portal Mitra Sekolah: {settings.base_url}  (stop: Ctrl+C)")
    waitress.serve(app, listen=settings.bind, threads=THREADS, ident=None)


@main.command()
def upgrade() -> None:
    """Bring the database to the newest version."""
    with _database() as database:
        migrations.upgrade(database)
    click.echo("The database is up to date.")


@main.group(name="demo", invoke_without_command=True)
@click.pass_context
def demo_group(context: click.Context) -> None:
    """Fill an empty database with invented people, schools and sessions."""
    if context.invoked_subcommand:
        return
    with _database() as database:
        with database.writer() as session, transaction(session):
            if not demo.is_demo(session):
                _fill(session)
        settings = Settings.from_env()
        click.echo(f"Demonstration data (invented). Sign in at {settings.base_url}/masuk as:")
        for account in demo.accounts():
            place = f", {account.school}" if account.school else ""
            click.echo(f"  {account.email:38} {account.role}{place}")
        click.echo(f"  password for all: {demo.PASSWORD}")


def _fill(session: Session) -> None:
    try:
        demo.fill(session)
    except demo.NotEmptyError as error:
        raise click.ClickException(
            "This database holds real data; a demonstration never touches it."
        ) from error


@demo_group.command(name="accounts")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def demo_accounts(*, as_json: bool) -> None:
    """List the invented accounts of a demonstration database."""
    with _database() as database, database.reader() as session:
        if not demo.is_demo(session):
            raise click.ClickException(
                "This is no demonstration database. Run `portal demo` first."
            )
    if as_json:
        click.echo(json.dumps(demo.accounts_as_json(), ensure_ascii=False, indent=2))
    else:
        for account in demo.accounts():
            click.echo(f"{account.role}\t{account.name}\t{account.email}\t{account.password}")


@main.group()
def users() -> None:
    """People with an account."""


@users.command(name="create-admin")
@click.option("--name", prompt=True, help="Full name.")
@click.option("--email", help="E-mail address.")
@click.option("--phone", help="Phone number.")
@click.password_option(help="At least 12 characters; asked for when left out.")
def create_admin(name: str, email: str | None, phone: str | None, password: str) -> None:
    """Make the first administrator."""
    name = name.strip()
    if not 0 < len(name) <= NAME_LENGTH:
        raise click.ClickException(f"The name needs 1 to {NAME_LENGTH} characters.")
    if email and not people_queries.is_email(email):
        raise click.ClickException(f"{email} is no e-mail address.")
    number = people_queries.normal_phone(phone) if phone else None
    if phone and not number:
        raise click.ClickException(f"{phone} is no phone number.")
    address = people_queries.normal_email(email) if email else None
    with _database() as database, database.writer() as session:
        try:
            with transaction(session):
                people_actions.create_admin(session, name, address, number, password)
        except Rejected as problem:
            raise click.ClickException(ADMIN_REFUSALS[problem.code]) from problem
    click.echo(f"{name} can sign in now with {address or number}.")


ADMIN_REFUSALS = {
    "contact_needed": "Give an e-mail address (--email) or a phone number (--phone).",
    "contact_taken": "Another account already uses this e-mail address or number.",
    "password_length": "The password needs 12 to 128 characters.",
}


@main.group()
def schools() -> None:
    """The register of schools."""


@schools.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--skip-bad-rows", is_flag=True, help="Leave bad rows out; let the good ones in.")
def import_schools(file: Path, *, skip_bad_rows: bool) -> None:
    """Bring a CSV or XLSX list of schools into the register, in one transaction."""
    with _database() as database, database.writer() as session:
        try:
            with transaction(session):
                plan = school_actions.plan_file(session, file)
                for line in school_exports.plan_lines(plan):
                    click.echo(line)
                school_actions.apply(session, plan, skip_bad_rows=skip_bad_rows)
        except Rejected as problem:
            raise click.ClickException(school_exports.refusal(problem)) from problem
    click.echo(school_exports.receipt(plan))
