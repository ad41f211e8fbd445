"""`portal users`: people with an account."""

from __future__ import annotations

import click

from portal.cli.database import opened
from portal.core import addresses
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.people.actions.accounts import Contacts
from portal.people.actions.accounts import create_admin as make_admin
from portal.people.models import NAME_LENGTH


@click.group()
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
    if email and not addresses.is_email(email):
        raise click.ClickException(f"{email} is no e-mail address.")
    number = addresses.normal_phone(phone) if phone else None
    if phone and not number:
        raise click.ClickException(f"{phone} is no phone number.")
    address = addresses.normal_email(email) if email else None
    with opened() as database, database.writer() as session:
        try:
            with transaction(session):
                make_admin(session, name, Contacts(address, number), password)
        except Rejected as problem:
            raise click.ClickException(ADMIN_REFUSALS[problem.code]) from problem
    click.echo(f"{name} can sign in now with {address or number}.")


ADMIN_REFUSALS = {
    "contact_needed": "Give an e-mail address (--email) or a phone number (--phone).",
    "contact_taken": "Another account already uses this e-mail address or number.",
    "password_length": "The password needs 12 to 128 characters.",
    "password_common": "This password would be guessed early. Take three or four unrelated words.",
}
