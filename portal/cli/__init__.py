"""The operator's commands. Exit codes: 0 done, 1 refused with a message for people, 2 wrong use."""

from __future__ import annotations

import click

from portal.cli.access import access
from portal.cli.audit import audit
from portal.cli.backup import backup
from portal.cli.demo import demo
from portal.cli.doctor import doctor
from portal.cli.erasures import erasures
from portal.cli.files import files
from portal.cli.keys import keys
from portal.cli.move import move_database
from portal.cli.restore import restore
from portal.cli.retention import retention
from portal.cli.schools import schools
from portal.cli.server import run, serve, upgrade
from portal.cli.users import users
from portal.cli.worker import worker
from portal.core import i18n


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--lang", type=click.Choice(i18n.LANGUAGES), default="id", help="Language of answers."
)
def main(lang: str) -> None:
    """Portal Mitra Sekolah."""
    i18n.set_language(lang)


for _command in (
    run,
    serve,
    worker,
    upgrade,
    keys,
    files,
    access,
    audit,
    retention,
    erasures,
    backup,
    restore,
    move_database,
    demo,
    doctor,
    users,
    schools,
):
    main.add_command(_command)
