"""One's own messages: reading them, opening what they lead to, and the figure on every page."""

from __future__ import annotations

from uuid import UUID

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal.core.access import Permission
from portal.core.db import transaction
from portal.notifications.actions import reading
from portal.notifications.queries import inbox as queries
from portal.notifications.routes.blueprint import bp, flag
from portal.web import paging
from portal.web.database import db, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


@bp.app_template_global()
def unread_messages() -> int:
    """Return how many messages wait for the signed-in person, one more than a badge can say."""
    return queries.count_unread(reader(), actor())


@bp.get("/pesan")
@allow(Permission.SIGNED_IN)
def inbox() -> ResponseReturnValue:
    """List one's own messages."""
    after, _before = paging.position(flag, paging.moment, UUID)
    found = queries.inbox(reader(), actor(), after)
    return page(
        "notifications/inbox.html",
        unread=[item for item in found.items if item.unread],
        others=[item for item in found.items if not item.unread],
        later=after is not None,
        next_url=paging.link(paging.AFTER, found.after),
    )


@bp.post("/pesan/<public_id:message_id>/buka")
@allow(Permission.SIGNED_IN)
def open_message(message_id: str) -> ResponseReturnValue:
    """Note that a message is read, and go where it leads."""
    message = queries.get_message(db(), actor(), message_id) or abort(404)
    if PortalForm().validate_on_submit():
        with transaction(db()) as session:
            reading.open_message(session, actor(), message)
        return moved_on(_within(message.link))
    return moved_on(url_for("notifications.inbox"))


def _within(link: str) -> str:
    """Return where a message leads; browsers read "//" and "/\\" as the name of another site."""
    if link.startswith("/") and link[1:2] not in {"/", "\\"}:
        return link
    return url_for("notifications.inbox")


@bp.post("/pesan/sudah-dibaca")
@allow(Permission.SIGNED_IN)
def read_all() -> ResponseReturnValue:
    """Note that one has seen every message."""
    if PortalForm().validate_on_submit():
        with transaction(db()) as session:
            reading.read_all(session, actor())
    return moved_on(url_for("notifications.inbox"))
