"""One's own account."""

from __future__ import annotations

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.people import actions
from portal.people.forms import ProfileForm
from portal.people.models import User
from portal.people.routes.blueprint import bp, role_at
from portal.schools import queries as school_queries
from portal.web.database import db, reader
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


@bp.get("/akun")
@allow(Permission.SIGNED_IN)
def account() -> ResponseReturnValue:
    """Show the own account."""
    user = _myself()
    form = ProfileForm(obj=user)
    return page("people/account.html", form=form, user=user, places=_my_places())


@bp.post("/akun")
@allow(Permission.SIGNED_IN)
def change_account() -> ResponseReturnValue:
    """Change the own name and form of address."""
    form = ProfileForm()
    user = _myself()
    if form.validate_on_submit():
        with transaction(db()) as writing:
            actions.change_profile(writing, user, form.full_name.data or "", form.called.data or "")
        flash(i18n.gettext("Saved."), "ok")
        return moved_on(url_for("people.account"))
    return page(
        "people/account.html",
        status=form.reply_status,
        form=form,
        user=user,
        places=_my_places(),
    )


def _myself() -> User:
    return db().get_one(User, actor().user_id)


def _my_places() -> list[str]:
    names = school_queries.names(reader())
    return [
        role_at(appointment.role, appointment.school_id, names)
        for appointment in actor().appointments
    ]
