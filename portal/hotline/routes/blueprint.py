"""The blueprint of Ruang Cerita, the cookies it uses, and the address of what it shows."""

from __future__ import annotations

from flask import Blueprint, current_app, request
from flask.wrappers import Response

from portal.web.security import csrf

bp = Blueprint("hotline", __name__)
# Each form checks its own token. The check for every form would also ask for a referrer, which
# these pages send to nobody.
csrf.exempt(bp)


def _named(cookie: str) -> str:
    # The prefix binds the cookie to this host; browsers accept it only with HTTPS.
    return f"__Host-{cookie}" if current_app.config["PORTAL"].https else cookie


def token_in(cookie: str) -> str | None:
    """Return the token of a cookie of ours, by its plain name."""
    return request.cookies.get(_named(cookie)) or None


def hand_out(response: Response, cookie: str, token: str) -> Response:
    """Give the browser a token until it is closed."""
    response.set_cookie(
        _named(cookie),
        token,
        secure=current_app.config["PORTAL"].https,
        httponly=True,
        samesite="Strict",
    )
    return response


def take_back(response: Response, *cookies: str) -> Response:
    """Let the browser forget cookies of ours."""
    for cookie in cookies:
        response.delete_cookie(
            _named(cookie),
            secure=current_app.config["PORTAL"].https,
            httponly=True,
            samesite="Strict",
        )
    return response


@bp.after_request
def keep_still(response: Response) -> Response:
    """Tell no other site that somebody was here."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
