"""What somebody typed when their form could not be carried out: kept, and given back."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from flask import Flask, g, request
from flask.wrappers import Response
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from portal.core import drafts, receipts
from portal.core.db import transaction
from portal.web import guard
from portal.web.database import database, reader, stop_reading, write_if_possible
from portal.web.once import KEY_FIELD

PAGE_LENGTH = 300
# Secrets are typed again, and keys belong to the page that is shown next.
NEVER_KEPT = frozenset(
    {"csrf_token", KEY_FIELD, "password", "present", "code", "offer", "credential"}
)


def init_app(app: Flask) -> None:
    """Keep what was typed when somebody must first go elsewhere, until it was sent after all."""
    guard.keep_typed_with(keep)

    @app.after_request
    def forget(response: Response) -> Response:
        if "session" in g and receipts.is_done(g.session) and guard.signed_in():
            left = urlsplit(guard.page_left() or "")
            if guard.TYPED in parse_qs(left.query) and stop_reading():
                with write_if_possible() as writing:
                    drafts.discard(writing, guard.actor().user_id, left.path)
        return response


def fields() -> drafts.Fields:
    """Return what this request's form says, without its secrets."""
    try:
        return [
            (name, value)
            for name, value in request.form.items(multi=True)
            if name not in NEVER_KEPT
        ]
    except HTTPException:
        # Too large to be read, and so too large to be given back.
        return []


def keep(user_id: UUID, page: str | None) -> str | None:
    """Keep what was typed for its writer and return the draft's id; None when nothing was."""
    typed = fields()
    path = urlsplit(page or "").path
    if not any(value.strip() for _name, value in typed) or not path or len(path) > PAGE_LENGTH:
        return None
    with database().writer() as writing, transaction(writing):
        return drafts.keep(writing, user_id, path, typed).public_id


def restored() -> MultiDict[str, str] | None:
    """Return what was typed on this page before, when the address asks for it."""
    if "typed" not in g:
        g.typed = _restored()
    typed: MultiDict[str, str] | None = g.typed
    return typed


def _restored() -> MultiDict[str, str] | None:
    asked = request.args.get(guard.TYPED)
    # Also the page that refuses an odd address has forms.
    if not (asked or "").isprintable() or request.method != "GET" or not guard.signed_in():
        return None
    draft = drafts.find(reader(), guard.actor().user_id, asked) if asked else None
    if draft is None or draft.page != request.path:
        return None
    return MultiDict(drafts.fields_of(draft))


def may_be_sent_again() -> bool:
    """Say whether this form came from a page of our own, so that a second press may send it."""
    origin = request.headers.get("Origin") or request.headers.get("Referer") or ""
    # Pages that send no referrer say no origin either; browsers then vouch for it in this way.
    vouched = request.headers.get("Sec-Fetch-Site") == "same-origin"
    return request.method == "POST" and (vouched or urlsplit(origin).netloc == request.host)
