"""Bringing messages to schools by WhatsApp: what waits, what was brought, and noting it."""

from __future__ import annotations

from uuid import UUID

from flask import abort, current_app, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.notifications.actions import handing_over as actions
from portal.notifications.queries import hand_over as queries
from portal.notifications.queries import words
from portal.notifications.routes.blueprint import bp, flag
from portal.notifications.states import Nature
from portal.web import errors, paging
from portal.web.database import db, reader
from portal.web.filters import whatsapp_text
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow, page_left
from portal.web.render import moved_on, page, wants_fragment

_ = i18n.lazy

errors.add_sentences({"handed_over_already": _("A colleague has sent this message already.")})

# The tab with what was brought, in the address.
GIVEN = "diserahkan"


@bp.app_template_global()
def message_whatsapp(row: queries.Row) -> str:
    """Return the address of a chat with a message's receiver, its text filled in for them."""
    message = row.message
    address = f"{current_app.config['PORTAL'].base_url}{message.link}"
    with i18n.in_language(row.person.language):
        said = words.words_of(message.kind, Nature(message.nature), message.facts)
        text = words.chat_text(message.kind, said, row.person.short_name, address)
        return whatsapp_text(text, row.person.phone)


@bp.app_template_global()
def handing_over(subject_id: UUID, person_id: UUID) -> queries.Trace | None:
    """Return how far a person's messages about a record are, for pages of features below this."""
    if not actor().may_somewhere(Permission.MESSAGE_HAND_OVER):
        return None
    return queries.trace(reader(), actor(), subject_id, person_id)


@bp.get("/pesan/serahkan")
@allow(Permission.MESSAGE_HAND_OVER)
def hand_over_list() -> ResponseReturnValue:
    """List what waits to be brought to somebody, or what was."""
    if request.args.get("status") == GIVEN:
        return _log_page()
    after, _before = paging.position(flag, paging.moment, UUID)
    found = queries.waiting(reader(), actor(), after)
    return page(
        "notifications/hand_over.html",
        rows=found.rows,
        later=after is not None,
        next_url=paging.link(paging.AFTER, found.after),
    )


def _log_page() -> ResponseReturnValue:
    after, _before = paging.position(paging.moment, UUID)
    found = queries.log(reader(), actor(), after)
    return page(
        "notifications/handed_over.html",
        entries=found.entries,
        later=after is not None,
        next_url=paging.link(paging.AFTER, found.after),
    )


@bp.post("/pesan/<public_id:message_id>/serahkan")
@allow(Permission.MESSAGE_HAND_OVER)
def hand_over(message_id: str) -> ResponseReturnValue:
    """Note that the ready text was sent; in the list the row becomes a receipt."""
    message = queries.get_message(db(), actor(), message_id) or abort(404)
    if PortalForm().validate_on_submit():
        try:
            with transaction(db()) as session:
                actions.hand_over(session, actor(), message)
        except Rejected as problem:
            flash(errors.sentence(problem), "info")
        else:
            if wants_fragment():
                return page("notifications/_receipt.html", message=message)
            flash(i18n.gettext("Noted: you sent this message by WhatsApp."), "ok")
    return moved_on(page_left() or url_for("notifications.hand_over_list"))
