"""What everybody may read: welcome, privacy, about."""

from __future__ import annotations

from datetime import date

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal import __version__
from portal.home.routes.blueprint import bp
from portal.web import guard
from portal.web.database import office
from portal.web.guard import public
from portal.web.render import page


@bp.get("/")
@public
def landing() -> ResponseReturnValue:
    """Welcome whoever comes first time."""
    if guard.signed_in():
        return redirect(url_for("home.index"), 303)
    return page("home/landing.html")


@bp.get("/privasi")
@public
def privacy() -> ResponseReturnValue:
    """Say what is kept, why, and who reads it."""
    return page("home/privacy.html")


@bp.get("/tentang")
@public
def about() -> ResponseReturnValue:
    """Say what this is and where help is."""
    return page(
        "home/about.html",
        version=__version__,
        checked=date.fromisoformat(office()["help_checked_on"]),
    )
