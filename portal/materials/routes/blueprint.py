"""The blueprint the pages of materials share, and what their templates say things with."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, session
from flask.wrappers import Response

from portal.materials.policy.content import Words
from portal.materials.queries import words
from portal.web.guard import signed_in

bp = Blueprint("materials", __name__)

# How long a browser may show a public page again without asking, in seconds.
LASTING = 60


@bp.app_template_global()
def material_words() -> Any:
    """Return what the codes of materials are called: `material_words().KINDS[kind]`."""
    return words


@bp.app_template_global()
def words_of(record: Any, name: str) -> Words:
    """Return a text that a record or row keeps in both languages: `words_of(row, "title")`."""
    return Words.of(record, name)


def for_everybody(response: Response) -> Response:
    """Let browsers keep a public page for a minute, and ask then only whether it is still so.

    Not of whoever is signed in, nor where a form or a message of this visitor may stand in it.
    """
    # A message just shown has left the session, and its cookie goes with the page.
    own = signed_in() or session or session.modified
    if own or response.status_code != 200:
        return response
    response.headers["Cache-Control"] = f"public, max-age={LASTING}"
    response.vary.update(["Accept-Language", "Cookie"])
    # Also of a file: the tag is made of its bytes.
    response.direct_passthrough = False
    response.add_etag()
    response.make_conditional(request)
    return response
