"""Days on which the office holds no sessions."""

from __future__ import annotations

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.visits.actions import blackouts as actions
from portal.visits.forms.programmes import BlackoutForm
from portal.visits.queries import blackouts as queries
from portal.visits.queries import visits
from portal.visits.routes.blueprint import bp
from portal.web.database import db
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


def _form() -> BlackoutForm:
    form = BlackoutForm()
    form.offer(visits.list_programmes(db()))
    return form


def _page(form: BlackoutForm, status: int = 200) -> ResponseReturnValue:
    coming = queries.coming(db(), clock.today())
    return page(
        "visits/blackouts.html",
        status=status,
        form=form,
        coming=coming,
        met=queries.met_by(db(), [blackout for blackout, _programme in coming]),
        button=PortalForm(formdata=None),
    )


@bp.get("/hari-tanpa-sesi")
@allow(Permission.PROGRAMME_WRITE)
def blackouts() -> ResponseReturnValue:
    """List the days without sessions that are to come, and the sessions they meet."""
    return _page(_form())


@bp.post("/hari-tanpa-sesi")
@allow(Permission.PROGRAMME_WRITE)
def add_blackout() -> ResponseReturnValue:
    """Hold no sessions on some days; what is settled stays, and is listed."""
    form = _form()
    if form.validate_on_submit():
        ids = {each.code: each.id for each in visits.list_programmes(db())}
        try:
            with transaction(db()) as session:
                actions.add(session, actor(), form.to_command(ids))
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("Schools cannot book these days any more."), "ok")
            return moved_on(url_for("visits.blackouts"))
    return _page(form, form.reply_status)


@bp.post("/hari-tanpa-sesi/<public_id:blackout_id>/hapus")
@allow(Permission.PROGRAMME_WRITE)
def remove_blackout(blackout_id: str) -> ResponseReturnValue:
    """Let schools book these days again."""
    if PortalForm().validate_on_submit():
        with transaction(db()) as session:
            blackout = queries.get(session, blackout_id) or abort(404)
            actions.remove(session, actor(), blackout)
        flash(i18n.gettext("Schools can book these days again."), "ok")
    return moved_on(url_for("visits.blackouts"))
