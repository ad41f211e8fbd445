"""`portal run`, `portal serve` and `portal upgrade`."""

from __future__ import annotations

import click

from portal import create_app, migrations, worker
from portal.cli import supervisor
from portal.cli.database import opened_without_keys
from portal.cli.processes import settings_to_start, told_to_end, until_stdin_ends
from portal.cli.storage import store
from portal.config import ConfigurationError, Settings
from portal.core import crypto, files
from portal.core.crypto import KeyRingError
from portal.core.db import Database, transaction
from portal.core.files import StoreUnavailableError
from portal.core.schedule import Workshop
from portal.materials.actions import starter
from portal.web import logs


@click.command()
def run() -> None:
    """Run the portal: a web server and a worker, started again when they die."""
    settings_to_start()
    supervisor.keep_running(("serve", "worker"), told_to_end())


@click.command()
@until_stdin_ends
def serve(*, supervised: bool) -> None:
    """Serve the portal on PORTAL_BIND; what it does by itself is left to `portal worker`."""
    settings = settings_to_start()
    # Waitress loads its own world; other commands do without.
    from portal.cli.serving import WebServer

    try:
        app = create_app(settings)
    except (ConfigurationError, KeyRingError) as error:
        raise click.ClickException(str(error)) from error
    try:
        server = WebServer(app, settings)
    except (OSError, ValueError) as error:
        raise click.ClickException(
            f"The portal cannot listen on PORTAL_BIND, {settings.bind} ({error}). "
            "Does another one run already? Write an address of this machine and a free port."
        ) from error
    logs.init(app.logger.name, "waitress", kind=settings.log_format)
    worker.wake_from_here(Workshop(app.extensions["database"], settings))
    told = told_to_end(supervised=supervised)
    click.echo(f"Portal Mitra Sekolah: {settings.base_url}  (stop: Ctrl+C)")
    server.serve_until(told)


@click.command()
def upgrade() -> None:
    """Bring the database to the newest version."""
    settings = Settings.from_env()
    with opened_without_keys() as database:
        # An empty database needs no keys yet; one with texts to encrypt says so itself.
        if settings.key_ring.exists():
            crypto.use(settings.key_ring)
        migrations.upgrade(database)
        if settings.key_ring.exists():
            # The version that kept files in plain knew no other store than the data folder.
            folder = files.store_from("", settings.data_dir)
            with database.writer() as session, transaction(session):
                files.seal_plain_files(session, folder)
            _lay_in_materials(database)
        else:
            click.echo("The first materials come with the next upgrade after `portal keys create`.")
    click.echo("The database is up to date.")


def _lay_in_materials(database: Database) -> None:
    """Lay in the materials that come with this version and were never here before."""
    try:
        with database.writer() as session, transaction(session):
            laid_in = starter.lay_in(session, store())
    except StoreUnavailableError as error:
        # The tables are new by now, and whoever upgrades need not wait for a store.
        click.echo(f"The first materials stay out for now: {error}")
        click.echo("Run `portal upgrade` once more when the store answers.")
        return
    if laid_in.materials:
        click.echo(f"{laid_in.materials} materials were laid in; they wait for a review.")
