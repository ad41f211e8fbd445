"""E-mails that did not leave, for whoever runs the portal: what stands in the way, trying again."""

from __future__ import annotations

from uuid import UUID

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.notifications.actions import sending
from portal.notifications.queries import failures as queries
from portal.notifications.queries import words
from portal.notifications.routes.blueprint import bp
from portal.notifications.states import DeliveryState
from portal.web import paging
from portal.web.database import db, reader
from portal.web.filters import whatsapp_text
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page, whole_address

# The tabs as they stand in the address.
TABS = {"berhenti": DeliveryState.GIVEN_UP, "dicoba": DeliveryState.WAITING}
# What only the receiver can mend.
ABOUT_THE_ADDRESS = frozenset({"refused", "address", "later"})


@bp.get("/operasi/surel")
@allow(Permission.OPERATIONS)
def failures() -> ResponseReturnValue:
    """List the e-mails that were given up, or that are tried again."""
    chosen = request.args.get("status", "")
    tab = chosen if chosen in TABS else next(iter(TABS))
    after, _before = paging.position(paging.moment, UUID)
    found = queries.list_failures(reader(), actor(), TABS[tab], after)
    counts = queries.count_failures(reader(), actor())
    return page(
        "notifications/failures.html",
        tab=tab,
        counts={name: counts[state] for name, state in TABS.items()},
        rows=found.rows,
        problem_words=words.problem_words,
        chat_about=_chat_about,
        later=after is not None,
        next_url=paging.link(paging.AFTER, found.after),
        button=PortalForm(formdata=None),
    )


def _chat_about(row: queries.Row) -> str | None:
    """Return the address of a chat that asks a receiver to look at their e-mail address."""
    code, _blank, _figure = row.delivery.problem.partition(" ")
    if row.person is None or not row.person.phone or code not in ABOUT_THE_ADDRESS:
        return None
    with i18n.in_language(row.person.language):
        text = i18n.gettext(
            "%(name)s, e-mails from the portal do not reach you. Please check your address here: "
            "%(link)s",
            name=row.person.short_name,
            link=whole_address("people.contacts_form"),
        )
    return whatsapp_text(text, row.person.phone)


@bp.post("/operasi/surel/<public_id:delivery_id>/coba-lagi")
@allow(Permission.OPERATIONS)
def retry(delivery_id: str) -> ResponseReturnValue:
    """Have one e-mail tried anew, from now on."""
    delivery = queries.get_failure(db(), actor(), delivery_id) or abort(404)
    if PortalForm().validate_on_submit():
        if delivery.state not in TABS.values():
            flash(
                i18n.gettext("This e-mail has left meanwhile, or nobody needs it any more."), "info"
            )
        else:
            with transaction(db()) as session:
                sending.retry(session, actor(), delivery)
            flash(i18n.gettext("It is tried again, in a minute at the latest."), "ok")
    return moved_on(url_for("notifications.failures"))


@bp.post("/operasi/surel/coba-lagi")
@allow(Permission.OPERATIONS)
def retry_all() -> ResponseReturnValue:
    """Have every e-mail that was given up tried anew."""
    if PortalForm().validate_on_submit():
        with transaction(db()) as session:
            found = queries.all_given_up(session, actor())
            for delivery in found:
                sending.retry(session, actor(), delivery)
        flash(
            i18n.ngettext(
                "%(num)s e-mail is tried again.", "%(num)s e-mails are tried again.", len(found)
            ),
            "ok",
        )
    return moved_on(url_for("notifications.failures"))
