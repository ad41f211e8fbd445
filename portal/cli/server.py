"""`portal run` and `portal upgrade`."""

from __future__ import annotations

import click

from portal import create_app, migrations
from portal.cli.database import connected, opened_without_keys
from portal.config import ConfigurationError, Settings
from portal.core import crypto, files
from portal.core.crypto import KeyRingError
from portal.core.db import transaction
from portal.web import logs

THREADS = 4


@click.command()
def run() -> None:
    """Serve the portal on PORTAL_BIND."""
    # Waitress loads its own world; other commands do without.
    import waitress

    settings = Settings.from_env()
    connected(settings.database_url).dispose()
    try:
        app = create_app(settings)
    except (ConfigurationError, KeyRingError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Portal Mitra Sekolah: {settings.base_url}  (stop: Ctrl+C)")
    logs.init(app.logger.name, "waitress")
    waitress.serve(
        app,
        listen=settings.bind,
        threads=THREADS,
        ident=None,
        # Else nothing is left for the application to believe its declared proxies by.
        clear_untrusted_proxy_headers=not settings.trusted_proxies,
    )


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
            with database.writer() as session, transaction(session):
                files.seal_plain_files(session, settings.data_dir)
    click.echo("The database is up to date.")
