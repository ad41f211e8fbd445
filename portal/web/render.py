"""Pages and fragments: the only reader and writer of htmx headers."""

from __future__ import annotations

from typing import Any

from flask import current_app, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from htmx_flask import make_response as make_htmx_response
from htmx_flask import request


def wants_fragment() -> bool:
    """Say whether htmx asks for a piece of a page (and not for history or a boosted link)."""
    htmx = request.htmx
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def page(
    template: str, *, part: str | None = None, status: int = 200, **context: object
) -> Response:
    """Render a whole page, or its fragment `part` when htmx asks for it."""
    name = part if part and wants_fragment() else template
    response = make_response(render_template(name, **context), status)
    response.vary.add("HX-Request")
    return response


def whole_address(endpoint: str, **values: Any) -> str:
    """Return a page's address as people outside reach it, whatever host this request named."""
    return f"{current_app.config['PORTAL'].base_url}{url_for(endpoint, **values)}"


def whole_page_to(address: str) -> ResponseReturnValue:
    """Tell htmx to load another page as a whole."""
    response: Response = make_htmx_response("", 200, redirect=address)
    return response


def in_place_of_page(response: Response) -> Response:
    """Let htmx, where it swaps this answer in at all, put it in the place of the whole page."""
    if wants_fragment():
        response.headers["HX-Retarget"] = "body"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def moved_on(address: str) -> ResponseReturnValue:
    """Answer a finished POST: 303, or the same as an htmx instruction."""
    if wants_fragment():
        return whole_page_to(address)
    response = make_response("", 303)
    response.headers["Location"] = address
    return response
