"""`portal retention`: letting go what was kept long enough."""

from __future__ import annotations

import click

from portal.cli.database import opened
from portal.core import retention as keeping


@click.group()
def retention() -> None:
    """What is kept how long."""


@retention.command()
def plan() -> None:
    """Show what would go now; changes nothing."""
    with opened() as database, database.reader() as session:
        planned = keeping.plan(session)
        for each in planned:
            oldest = f", the oldest from {each.oldest:%Y-%m-%d}" if each.oldest else ""
            held = f", {each.held} held" if each.held else ""
            click.echo(f"{each.rule.name:14} {each.count}{oldest}{held}")


@retention.command()
def run() -> None:
    """Let everything go whose time is over; what a legal hold keeps stays."""
    with opened() as database:
        for done in keeping.run(database, None):
            click.echo(f"{done.rule.name:14} {done.count} gone")
