"""Portal Mitra Sekolah: the meeting place of Dinas Sosial and its partner schools."""

from __future__ import annotations

from importlib import import_module

from flask import Flask
from flask_compress import Compress
from htmx_flask import Htmx
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import features, web
from portal.config import Settings, asset_folder
from portal.core import crypto, db, files, i18n, retention
from portal.web import (
    errors,
    filters,
    guard,
    language,
    logs,
    navigation,
    once,
    security,
    site,
    templates,
    typed,
    unsent,
    watching,
)

__version__ = "0.3.0"


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application; raises ConfigurationError or KeyRingError when a secret is missing."""
    settings = settings or Settings.from_env()
    app = Flask(
        __name__,
        template_folder=str(asset_folder("templates")),
        static_folder=str(asset_folder("static")),
        static_url_path="/static",
    )
    app.config.from_mapping(
        SECRET_KEY=settings.require_secret(),
        TESTING=settings.testing,
        COMPRESS_STREAMS=False,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=5,
    )
    app.jinja_environment = templates.BilingualEnvironment
    settle(app, settings)
    i18n.load(asset_folder("translations"))

    logs.init_app(app)
    watching.init_app(app)
    near = settings.require_proxies()
    if near:
        # Their word counts for who asks and by which scheme, never for the name of the host.
        fixed = ProxyFix(app.wsgi_app, x_for=near, x_proto=near, x_host=0)
        app.wsgi_app = fixed  # type: ignore[method-assign]
    Htmx(app)
    Compress(app)
    web.database.init_app(app)
    # First of all, so that whatever refuses a request does so in the reader's language.
    language.init_app(app)
    # The guard comes before the CSRF check: who was signed out is sent to sign in, not refused.
    guard.init_app(app)
    security.init_app(app)
    # And then: has this very form been carried out before?
    once.init_app(app)
    typed.init_app(app)
    unsent.init_app(app)
    filters.init_app(app)
    navigation.init_app(app)
    errors.init_app(app)
    site.init_app(app)

    features.load()
    for feature in features.NAMES:
        routes = import_module(f"portal.{feature}.routes")
        for blueprint in routes.blueprints:
            app.register_blueprint(blueprint)

    guard.check_every_view_declares_access(app)
    return app


def settle(app: Flask, settings: Settings) -> None:
    """Tell an application where its keys, data, database and files are."""
    crypto.use(settings.key_ring)
    retention.use(settings.data_dir / retention.FILE_NAME)
    app.config["PORTAL"] = settings
    app.extensions["database"] = db.connect(settings.database_url)
    app.extensions["store"] = files.store_from(settings.storage_url, settings.data_dir)
