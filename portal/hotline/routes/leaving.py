"""Leaving: quickly, after a long rest, and by the old address."""

from __future__ import annotations

from flask import current_app, make_response, redirect
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy.orm import Session

from portal.core.db import OUTAGES
from portal.core.settings import REGISTRY
from portal.hotline.actions import opening
from portal.hotline.actions import stories as actions
from portal.hotline.queries import stories
from portal.hotline.routes.blueprint import bp, take_back, token_in
from portal.hotline.routes.replies import INBOX
from portal.hotline.routes.showing import COOKIE, on_to
from portal.web.database import office, write_if_possible
from portal.web.guard import public
from portal.web.render import page
from portal.web.storage import store


@bp.get("/lapor")
@public
def other_address() -> ResponseReturnValue:
    """Lead on whoever expects the usual word."""
    return on_to("hotline.entry")


@bp.get("/cerita/berakhir")
@public
def over() -> ResponseReturnValue:
    """Show a page that tells nobody what was here."""
    return page("hotline/over.html")


@bp.get("/keluar-cepat")
@public
def leave() -> ResponseReturnValue:
    """Forget everything at once and lead to a page that looks like any other.

    Whatever stands in the way, whoever asked for it gets away.
    """
    if token_in(COOKIE) or token_in(INBOX):
        with write_if_possible() as session:
            _forget(session)
    response = make_response(redirect(_elsewhere(), 303))
    take_back(response, COOKIE, INBOX)
    _forget_form_token(response)
    # Of this site: copies of pages, and those the Back button would show as they were left.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _forget(session: Session) -> None:
    opening.end(session, token_in(INBOX))
    telling = stories.find_to_change(session, token_in(COOKIE))
    if telling is not None:
        actions.forget(session, store(), telling)


def _elsewhere() -> str:
    try:
        return str(office()["quick_exit_url"])
    except OUTAGES:
        return str(REGISTRY["quick_exit_url"].default)


def _forget_form_token(response: Response) -> None:
    response.delete_cookie(
        current_app.config["SESSION_COOKIE_NAME"],
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
