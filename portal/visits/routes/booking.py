"""The school's side: choosing a time and sending the request, once or as a series."""

from __future__ import annotations

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.visits.actions import series as actions
from portal.visits.forms.deciding import ReasonForm
from portal.visits.queries import series as queries
from portal.visits.queries.series import SeriesFile
from portal.visits.routes import desk as desks
from portal.visits.routes.asked import own_school
from portal.visits.routes.blueprint import bp
from portal.web.database import db
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page


@bp.get("/sesi/baru")
@allow(Permission.VISIT_REQUEST)
def book_form() -> ResponseReturnValue:
    """Show the free times, with everything else filled in."""
    return desks.booking_page(desks.open_desk(own_school()))


@bp.post("/sesi/baru/tahan")
@allow(Permission.VISIT_REQUEST)
def hold() -> ResponseReturnValue:
    """Keep the chosen slot for some minutes while the rest is looked over."""
    return desks.hold(desks.open_desk(own_school()))


@bp.post("/sesi/baru")
@allow(Permission.VISIT_REQUEST)
def book() -> ResponseReturnValue:
    """Send the request; a press on another week or programme only turns the page."""
    return desks.send(desks.open_desk(own_school()))


def _series(series_id: str) -> SeriesFile:
    return queries.get(db(), actor(), series_id) or abort(404)


def _calls_off(found: SeriesFile) -> bool:
    """Say whether this person may call off a series, for the school or the office."""
    sides = (Permission.VISIT_REQUEST, Permission.VISIT_APPROVE)
    return any(actor().may(side, found.school.id) for side in sides)


def _series_page(found: SeriesFile, form: ReasonForm, status: int = 200) -> ResponseReturnValue:
    return page(
        "visits/series.html",
        status=status,
        found=found,
        form=form,
        sent=bool(request.args.get("terkirim")),
        books=actor().may(Permission.VISIT_REQUEST, found.school.id),
        calls_off=_calls_off(found) and bool(found.to_come or form.errors),
    )


@bp.get("/sesi/rangkaian/<public_id:series_id>")
@allow(Permission.VISIT_READ)
def series(series_id: str) -> ResponseReturnValue:
    """Show a series: its sessions, and the starts no time was found for."""
    return _series_page(_series(series_id), ReasonForm(formdata=None))


@bp.post("/sesi/rangkaian/<public_id:series_id>/batal")
@allow(Permission.VISIT_READ)
def cancel_series(series_id: str) -> ResponseReturnValue:
    """Call off what is still to come of a series, with a reason both sides read."""
    found = _series(series_id)
    if not _calls_off(found):
        abort(404)
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                number = actions.cancel_rest(session, actor(), found.series, form.reason.data or "")
        except Rejected as problem:
            form.attach(problem)
        else:
            done = i18n.ngettext(
                "%(num)s session is called off.", "%(num)s sessions are called off.", number
            )
            flash(done, "ok")
            return moved_on(url_for("visits.series", series_id=series_id))
    return _series_page(_series(series_id), form, form.reply_status)
