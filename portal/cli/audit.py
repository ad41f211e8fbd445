"""`portal audit`: the chain of the trail."""

from __future__ import annotations

import re

import click
from sqlalchemy import func, select

from portal.cli.database import opened
from portal.core import audit as chain
from portal.core.audit import AuditEntry

HEAD = re.compile(r"\d{1,18}:[0-9a-f]*")
BREAKS = {
    "missing": "Entries before number {seq} are missing.",
    "changed": "Entry number {seq} was changed, or does not fit what stands before it.",
    "cut": "The end of the trail is missing, from number {seq} on.",
    "head": "The trail does not contain the noted head, number {seq}.",
}


@click.group()
def audit() -> None:
    """The trail of who did and read what."""


def _head(_context: click.Context, _option: click.Parameter, text: str | None) -> str | None:
    if text is not None and not HEAD.fullmatch(text):
        raise click.BadParameter("a head looks like 1234:9f3c..., as `portal audit head` prints it")
    return text


@audit.command()
@click.option("--head", "noted", callback=_head, help="A head noted elsewhere: NUMBER:SEAL.")
def verify(noted: str | None) -> None:
    """Look all seals through; with a noted head also whether the end was cut off."""
    with opened() as database, database.reader() as session:
        broken = chain.verify(session, noted)
        count = session.scalar(select(func.count()).select_from(AuditEntry))
    if broken:
        raise click.ClickException(
            f"{BREAKS[broken.kind].format(seq=broken.seq)} Keep the database as it is and compare "
            "it with a backup."
        )
    click.echo(f"{count} entries, unbroken")


@audit.command()
def head() -> None:
    """Print where the chain ends, to be noted away from this machine."""
    with opened() as database, database.reader() as session:
        click.echo(chain.head(session))
