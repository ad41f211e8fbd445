"""Whether a browser keeps something that was not sent yet: its script says so with a cookie."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.wrappers import Response

# Says no more than that there is something; static/js/monitoring.js sets it and takes it back.
COOKIE = "unsent"


def init_app(app: Flask) -> None:
    """Let pages bring the script that sends what waits, where something does."""
    app.jinja_env.globals["something_unsent"] = is_kept


def is_kept() -> bool:
    """Say whether the browser of this request keeps something unsent."""
    return COOKIE in request.cookies


def forget(response: Response) -> None:
    """Take the cookie back: what it told of is gone."""
    response.delete_cookie(COOKIE, path="/")
