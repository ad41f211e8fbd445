"""`portal schools`: the register of schools."""

from __future__ import annotations

from pathlib import Path

import click

from portal.cli.database import opened
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.schools import actions as school_actions
from portal.schools import exports as school_exports


@click.group()
def schools() -> None:
    """The register of schools."""


@schools.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--skip-bad-rows", is_flag=True, help="Leave bad rows out; let the good ones in.")
def import_schools(file: Path, *, skip_bad_rows: bool) -> None:
    """Bring a CSV or XLSX list of schools into the register, in one transaction."""
    with opened() as database, database.writer() as session:
        try:
            with transaction(session):
                plan = school_actions.plan_file(session, file)
                for line in school_exports.plan_lines(plan):
                    click.echo(line)
                school_actions.apply(session, None, plan, skip_bad_rows=skip_bad_rows)
        except Rejected as problem:
            raise click.ClickException(school_exports.refusal(problem)) from problem
    click.echo(school_exports.receipt(plan))
