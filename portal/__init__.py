"""Portal Mitra Sekolah: the meeting place of Dinas Sosial and its partner schools."""

from __future__ import annotations

from importlib import import_module

from flask import Flask
from flask_compress import Compress
from htmx_flask import Htmx

from portal import web
from portal.config import Settings, asset_folder
from portal.core import db, i18n
from portal.web import errors, filters, guard, language, navigation, security, site

__version__ = "0.1.0"

FEATURES = ("people", "schools", "visits", "insight", "home")


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application; raises ConfigurationError when a secret is missing."""
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
        PORTAL=settings,
        COMPRESS_STREAMS=False,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=5,
    )
    app.extensions["database"] = db.connect(settings.database_url)
    i18n.load(asset_folder("translations"))

    Htmx(app)
    Compress(app)
    web.database.init_app(app)
    # First of all, so that whatever refuses a request does so in the reader's language.
    language.init_app(app)
    # The guard comes before the CSRF check: who was signed out is sent to sign in, not refused.
    guard.init_app(app)
    security.init_app(app)
    filters.init_app(app)
    navigation.init_app(app)
    errors.init_app(app)
    site.init_app(app)

    for feature in FEATURES:
        routes = import_module(f"portal.{feature}.routes")
        for blueprint in routes.blueprints:
            app.register_blueprint(blueprint)

    guard.check_every_view_declares_access(app)
    return app
