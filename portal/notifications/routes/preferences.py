"""What somebody wants to be told by e-mail."""

from __future__ import annotations

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.notifications.actions import preferences as actions
from portal.notifications.forms import PreferenceForm
from portal.notifications.routes.blueprint import bp
from portal.people.models import User
from portal.web.database import db, office, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


def _preference_page(form: PortalForm, status: int = 200) -> ResponseReturnValue:
    return page(
        "notifications/preferences.html",
        status=status,
        form=form,
        user=reader().get_one(User, actor().user_id),
    )


@bp.get("/akun/pesan")
@allow(Permission.SIGNED_IN)
def preference_form() -> ResponseReturnValue:
    """Show how one is told now."""
    present = actions.wishes_of(reader(), office(), actor())
    return _preference_page(PreferenceForm(obj=present))


@bp.post("/akun/pesan")
@allow(Permission.SIGNED_IN)
def change_preference() -> ResponseReturnValue:
    """Change how one is told."""
    form = PreferenceForm()
    if form.validate_on_submit():
        with transaction(db()) as session:
            actions.change_preference(session, actor(), form.to_command())
        flash(i18n.gettext("Saved."), "ok")
        return moved_on(url_for("notifications.preference_form"))
    return _preference_page(form, form.reply_status)
