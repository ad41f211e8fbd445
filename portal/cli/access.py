"""`portal access`: who may do what, as a document."""

from __future__ import annotations

import click

from portal.core import matrix


@click.command()
def access() -> None:
    """Print who may do what, as docs/access.md shows it."""
    click.echo(matrix.as_markdown(), nl=False)
