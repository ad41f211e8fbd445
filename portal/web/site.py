"""Files that must stand at the root of the site, and typed ids in addresses."""

from __future__ import annotations

from flask import Flask, render_template, send_from_directory, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from werkzeug.routing import BaseConverter

from portal.core import i18n
from portal.web.database import office
from portal.web.guard import public


class PublicIdConverter(BaseConverter):
    """The 22 characters of a public id; anything else is no such page."""

    regex = "[A-Za-z0-9_-]{22}"


def init_app(app: Flask) -> None:
    """Add the manifest, the service worker and the offline page."""
    app.url_map.converters["public_id"] = PublicIdConverter

    @app.get("/manifest.webmanifest")
    @public
    def manifest() -> ResponseReturnValue:
        return {
            "name": office()["product_name"],
            "short_name": "Mitra Sekolah",
            "start_url": "/beranda",
            "display": "standalone",
            "background_color": "#F7F5F0",
            "theme_color": "#0E5A5E",
            "icons": [
                {
                    "src": url_for("static", filename=f"icons/icon-{size}.png"),
                    "sizes": f"{size}x{size}",
                    "type": "image/png",
                    "purpose": "any maskable",
                }
                for size in (192, 512)
            ],
        }, {"Content-Type": "application/manifest+json"}

    @app.get("/sw.js")
    @public
    def service_worker() -> Response:
        response = Response(render_template("sw.js"), mimetype="text/javascript")
        response.headers["Cache-Control"] = "no-cache"
        return response

    @app.get("/luring")
    @public
    def offline() -> ResponseReturnValue:
        return render_template(
            "errors/broken.html",
            title=i18n.gettext("The portal cannot be reached"),
            advice=i18n.gettext(
                "Check your signal and try again. A monitoring form you filled in on this device "
                "is still here and goes out by itself. If you had just sent something else, look "
                "on your home page whether it arrived."
            ),
            icon_name="offline",
            # The worker shows this page in place of another: trying again asks for that one.
            again="",
            saved=url_for("materials.saved"),
        )

    @app.get("/favicon.ico")
    @public
    def favicon() -> Response:
        return send_from_directory(str(app.static_folder), "icons/favicon.ico")
