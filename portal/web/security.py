"""Headers, content policy, CSRF and cookie flags."""

from __future__ import annotations

from io import BytesIO

from flask import Flask, abort, request
from flask.wrappers import Response
from flask_wtf import CSRFProtect
from htmx_flask.requests import HtmxAwareRequest

from portal.config import Settings

POLICY = (
    "default-src 'none'; manifest-src 'self'; worker-src 'self'; script-src 'self'; "
    "style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
MAX_BODY_BYTES = 12 * 1024 * 1024
STATIC_SECONDS = 365 * 24 * 3600
FOUND = (200, 206, 304)

csrf = CSRFProtect()


class PortalRequest(HtmxAwareRequest):
    """A request whose files stay in memory: no disk ever sees them in plain, nor can it be full."""

    def _get_file_stream(self, *_about: object, **_more: object) -> BytesIO:
        return BytesIO()


def init_app(app: Flask) -> None:
    """Set what protects every request and response."""
    app.request_class = PortalRequest
    settings: Settings = app.config["PORTAL"]
    app.config.from_mapping(
        TRUSTED_HOSTS=settings.hosts,
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        SESSION_COOKIE_NAME="__Host-form" if settings.https else "form",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # The token lives as long as the browser session: forms stay open on phones for hours.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=settings.https,
    )
    csrf.init_app(app)

    @app.before_request
    def refuse_nul() -> None:
        # Our addresses never hold one, and PostgreSQL breaks off a query that does.
        asked = (request.path, *(value for _name, value in request.args.items(multi=True)))
        if any("\x00" in each for each in asked):
            abort(400)

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if settings.https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint == "static" and response.status_code in FOUND:
            # The address carries the content's hash, so a copy never grows stale.
            lasting = f"public, max-age={STATIC_SECONDS}, immutable"
            headers["Cache-Control"] = lasting if request.args.get("v") else "no-cache"
        else:
            headers.setdefault("Cache-Control", "no-store")
        return response
