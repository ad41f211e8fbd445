"""Writing down what a school asks for on the telephone or at the office's desk."""

from __future__ import annotations

from flask import abort, request
from flask.typing import ResponseReturnValue

from portal.core.access import Permission
from portal.schools import queries as schools
from portal.schools.models import School
from portal.visits.forms.booking import CallerForm
from portal.visits.routes import desk as desks
from portal.visits.routes.blueprint import bp
from portal.web.database import db, reader
from portal.web.guard import actor, allow
from portal.web.render import page

MOST_FOUND = 20


def _school(school_id: str) -> School:
    school = schools.get_school(db(), actor(), school_id)
    if school is None or not actor().may(Permission.VISIT_ENTER, school.id):
        abort(404)
    return school


@bp.get("/sesi/baru/untuk-sekolah")
@allow(Permission.VISIT_ENTER)
def callers() -> ResponseReturnValue:
    """Find the school that calls."""
    typed = request.args.get("q", "").strip()[:80]
    found = schools.choices(reader(), schools.meant_by(typed)) if typed else []
    return page(
        "visits/callers.html",
        part="visits/_callers.html",
        typed=typed,
        schools=found[:MOST_FOUND],
        more=len(found) > MOST_FOUND,
    )


@bp.get("/sesi/baru/untuk-sekolah/<public_id:school_id>")
@allow(Permission.VISIT_ENTER)
def enter_form(school_id: str) -> ResponseReturnValue:
    """Show a school's free times to somebody of the office."""
    return desks.booking_page(desks.open_desk(_school(school_id), CallerForm))


@bp.post("/sesi/baru/untuk-sekolah/<public_id:school_id>/tahan")
@allow(Permission.VISIT_ENTER)
def enter_hold(school_id: str) -> ResponseReturnValue:
    """Keep a slot for a school while its caller is on the line."""
    return desks.hold(desks.open_desk(_school(school_id), CallerForm))


@bp.post("/sesi/baru/untuk-sekolah/<public_id:school_id>")
@allow(Permission.VISIT_ENTER)
def enter(school_id: str) -> ResponseReturnValue:
    """Send a request in a school's name; it reads of it at once."""
    return desks.send(desks.open_desk(_school(school_id), CallerForm))
