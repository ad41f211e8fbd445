"""Calendar addresses: making and ending them, and what calendar programs fetch."""

from __future__ import annotations

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.limits import define
from portal.documents import ics
from portal.schools.queries import get_school
from portal.visits.actions import feeds as actions
from portal.visits.exports.calendar import event_of
from portal.visits.queries import feeds as queries
from portal.visits.queries.feeds import Source
from portal.visits.routes.blueprint import bp
from portal.web import errors, throttle
from portal.web.database import db, office, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow, public
from portal.web.render import moved_on, page, whole_address

# Programs of many people fetch from the same network, such as that of a large mail provider.
FETCHED = define("calendar_feed", "1200/hour")
CALENDAR = "text/calendar"


@bp.post("/kalender-sesi/alamat")
@allow(Permission.VISIT_READ)
def make_feed() -> ResponseReturnValue:
    """Make a calendar address, and show it once."""
    school_id = None
    if request.form.get("sekolah"):
        school = get_school(reader(), actor(), request.form["sekolah"]) or abort(404)
        school_id = school.id
    if PortalForm().validate_on_submit():
        try:
            with transaction(db()) as session:
                token = actions.make_feed(session, actor(), school_id)
        except Rejected as problem:
            flash(errors.sentence(problem), "bad")
        else:
            address = whole_address("visits.feed", token=token)
            return page("visits/calendar_address.html", address=address, for_school=school_id)
    return moved_on(url_for("visits.calendar", _anchor="alamat"))


@bp.post("/kalender-sesi/alamat/<public_id:feed_id>/akhiri")
@allow(Permission.VISIT_READ)
def revoke_feed(feed_id: str) -> ResponseReturnValue:
    """End a calendar address."""
    if PortalForm().validate_on_submit():
        with transaction(db()) as session:
            feed = queries.get_feed(session, actor(), feed_id) or abort(404)
            actions.revoke_feed(session, actor(), feed)
        flash(i18n.gettext("The calendar address works no longer."), "ok")
    return moved_on(url_for("visits.calendar", _anchor="alamat"))


@bp.get("/kalender/<token>.ics")
@public
def feed(token: str) -> ResponseReturnValue:
    """Hand out the sessions behind a calendar address."""
    try:
        throttle.count(FETCHED, throttle.network())
    except Rejected:
        abort(429)
    source = queries.find_source(reader(), token) or abort(404)
    with i18n.in_language(source.owner.language):
        content = _content(source)
    response = Response(content, content_type=f"{CALENDAR}; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return response.make_conditional(request)


def _content(source: Source) -> bytes:
    name = i18n.gettext(
        "Sessions: %(whose)s",
        whose=source.school.name if source.school else source.owner.full_name,
    )
    entries = queries.told_by(reader(), source)
    return ics.calendar(
        [event_of(each, _page_of(each.public_id)) for each in entries],
        f"{office()['product_name']} · {name}",
    )


def _page_of(visit_id: str) -> str:
    return whole_address("visits.show", visit_id=visit_id)


@bp.get("/sesi/<public_id:visit_id>/kalender.ics")
@allow(Permission.VISIT_READ)
def calendar_file(visit_id: str) -> ResponseReturnValue:
    """Hand out one session as a calendar file."""
    entry = queries.told_of(reader(), actor(), visit_id) or abort(404)
    response = Response(
        ics.calendar([event_of(entry, _page_of(visit_id))]),
        content_type=f"{CALENDAR}; charset=utf-8",
    )
    name = f"sesi-{entry.reference}.ics"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
