"""Answers for whoever watches the portal."""

from __future__ import annotations

import hmac

from flask import Response, abort, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy import literal, select

from portal import __version__
from portal.config import Settings
from portal.operations.queries.checks import examine, figures, ready
from portal.operations.routes.blueprint import bp
from portal.web import watching
from portal.web.database import reader
from portal.web.guard import public

PLAIN_FIGURES = "text/plain; version=0.0.4; charset=utf-8"


@bp.get("/sehat")
@public
def alive() -> ResponseReturnValue:
    """Tell a watcher that the process lives and its database answers."""
    reader().execute(select(literal(1)))
    return {"status": "ok", "version": __version__}


@bp.get("/siap")
@public
def all_well() -> ResponseReturnValue:
    """Tell a watcher whether everything is well, and what is not; how, only the page tells."""
    settings: Settings = current_app.config["PORTAL"]
    checks = examine(reader(), settings)
    well = ready(checks)
    answer = {"ready": well, "checks": {check.name: check.state for check in checks}}
    return answer, 200 if well else 503


@bp.get("/metrik")
@public
def metrics() -> ResponseReturnValue:
    """Give Prometheus its figures, if it shows the token."""
    meter = watching.meter()
    settings: Settings = current_app.config["PORTAL"]
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if meter is None or not hmac.compare_digest(shown.encode(), settings.metrics_token.encode()):
        abort(404)
    return Response(meter.report(figures(reader())), mimetype=None, content_type=PLAIN_FIGURES)
