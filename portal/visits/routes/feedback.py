"""Asking pupils how a session was: the desk of whoever asks, and the sheet without account."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import clock, i18n
from portal.core.access import Actor, Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.limits import define
from portal.documents import qr
from portal.documents.pdf import Paper, placard_pdf
from portal.visits.actions import feedback as actions
from portal.visits.exports.placard import feedback_placard
from portal.visits.forms.feedback import ANSWERS, ASKED, FeedbackForm
from portal.visits.models import Visit
from portal.visits.policy.delivery import may_ask_pupils
from portal.visits.policy.feedback import seen, standing, takes_sheets
from portal.visits.queries import feedback as queries
from portal.visits.queries.visits import VisitFile
from portal.visits.routes.blueprint import bp, find
from portal.web import once, throttle
from portal.web.database import database, db, office, reader
from portal.web.download import download
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow, public, signed_in
from portal.web.render import moved_on, page, whole_address
from portal.web.security import csrf

# All pupils of a session send their sheets from one address within a few minutes.
SHEETS = define("feedback_sheet", "600/hour")
Act = Callable[[Session, Actor, Visit], None]


@bp.get("/sesi/<public_id:visit_id>/umpan-balik")
@allow(Permission.VISIT_READ)
def feedback_desk(visit_id: str) -> ResponseReturnValue:
    """Show the way in for pupils, and once it is over what they said."""
    return _desk(visit_id)


@bp.post("/sesi/<public_id:visit_id>/umpan-balik/buka")
@allow(Permission.QUIZ_ROUND)
def open_feedback(visit_id: str) -> ResponseReturnValue:
    """Let pupils answer, or give them more time."""
    return _move(visit_id, actions.ask, i18n.gettext("Pupils can answer now."))


@bp.post("/sesi/<public_id:visit_id>/umpan-balik/tutup")
@allow(Permission.QUIZ_ROUND)
def close_feedback(visit_id: str) -> ResponseReturnValue:
    """Take no more sheets."""
    return _move(visit_id, actions.close, i18n.gettext("No more answers are taken."))


@bp.get("/sesi/<public_id:visit_id>/umpan-balik/layar")
@allow(Permission.QUIZ_ROUND)
def feedback_screen(visit_id: str) -> ResponseReturnValue:
    """Show the way in as large as the wall of a hall needs it."""
    found, address = _way_in(visit_id)
    # Without the menu: all pupils look on.
    return page("visits/feedback_screen.html", visit=found.visit, address=address, shell=False)


@bp.get("/sesi/<public_id:visit_id>/umpan-balik/qr.svg")
@allow(Permission.QUIZ_ROUND)
def feedback_code(visit_id: str) -> Response:
    """Draw the way in."""
    _found, address = _way_in(visit_id)
    return Response(qr.svg(address), mimetype="image/svg+xml")


@bp.get("/sesi/<public_id:visit_id>/umpan-balik/kertas.pdf")
@allow(Permission.QUIZ_ROUND)
def feedback_paper(visit_id: str) -> Response:
    """Hand over the way in as a sheet to print."""
    found, address = _way_in(visit_id)
    placard = feedback_placard(office(), found.school.name, address)
    made = placard_pdf(placard, i18n.language(), clock.now(), Paper.A4)
    return download(made, f"umpan-balik-{found.visit.reference}.pdf", "application/pdf")


@bp.get("/sesi/umpan-balik/<code>")
@public
def feedback(code: str) -> ResponseReturnValue:
    """Show a pupil the questions."""
    visit, school_name = _asked(code)
    return _sheet(visit, school_name, FeedbackForm(formdata=None))


@bp.post("/sesi/umpan-balik/<code>")
@public
def send_feedback(code: str) -> ResponseReturnValue:
    """Count a sheet; pressed twice, it is counted once."""
    visit, school_name = _asked(code)
    form = FeedbackForm()
    if signed_in() or not takes_sheets(visit, clock.now()) or not form.validate_on_submit():
        return _sheet(visit, school_name, form)
    thanks = url_for("visits.feedback_done", code=code)
    try:
        if not form.given():
            raise Rejected("feedback_empty")
        _count_try(visit)
        once.lead_to(thanks)
        with transaction(db()) as session:
            actions.send(session, visit.id, form.given())
    except Rejected as problem:
        form.attach(problem)
        return _sheet(visit, school_name, form)
    return moved_on(thanks)


# A token would need a cookie, and no cookie ties a sheet to a browser; nobody is signed in here.
csrf.exempt(send_feedback)


@bp.get("/sesi/umpan-balik/<code>/terima-kasih")
@public
def feedback_done(code: str) -> ResponseReturnValue:
    """Thank a pupil."""
    _asked(code)
    return page("visits/feedback_done.html")


def _asked(code: str) -> tuple[Visit, str]:
    return queries.asked(reader(), code) or abort(404)


def _sheet(visit: Visit, school_name: str, form: FeedbackForm) -> ResponseReturnValue:
    now = clock.now()
    if not takes_sheets(visit, now):
        early = now < visit.starts_at
        return page("visits/feedback_closed.html", status=200 if early else 410, early=early)
    if signed_in():
        return page("materials/sheet_pupils.html")
    return page(
        "visits/feedback.html",
        status=form.reply_status if form.errors else 200,
        visit=visit,
        school_name=school_name,
        form=form,
    )


def _count_try(visit: Visit) -> None:
    """Count a sheet; raises Rejected("sheets_of_network") after too many from one network."""
    try:
        throttle.count(SHEETS, str(visit.id), throttle.network())
    except Rejected as problem:
        # In words for pupils, whom it does not help to know how long the window is still open.
        raise Rejected("sheets_of_network") from problem


def _way_in(visit_id: str) -> tuple[VisitFile, str]:
    """Return a session whose pupils one may ask, with the short address; 404 without one."""
    found = find(visit_id)
    if found.visit.feedback_link is None or not may_ask_pupils(actor(), found.visit):
        abort(404)
    return found, _address(found.visit.feedback_link)


def _address(code: str) -> str:
    return whole_address("materials.short_link", code=code)


def _move(visit_id: str, act: Act, done: str) -> ResponseReturnValue:
    found = find(visit_id)
    if not may_ask_pupils(actor(), found.visit):
        abort(404)
    form = PortalForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                act(session, actor(), found.visit)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(done, "ok")
            return moved_on(url_for("visits.feedback_desk", visit_id=visit_id))
    return _desk(visit_id, form)


def _desk(visit_id: str, tried: PortalForm | None = None) -> ResponseReturnValue:
    # A reader of its own: the request's began before a form was carried out.
    with database().reader() as reading:
        found = find(visit_id)
        visit, now = found.visit, clock.now()
        counts = queries.counts_of(reading, visit.id)
        least = office()["feedback_least_sheets"]
        return page(
            "visits/feedback_desk.html",
            status=tried.reply_status if tried else 200,
            found=found,
            visit=visit,
            standing=standing(visit, counts),
            lines=seen(visit, counts, least, now),
            least=least,
            moment=now,
            asked=ASKED,
            answers=ANSWERS,
            may_ask=may_ask_pupils(actor(), visit),
            takes=takes_sheets(visit, now),
            address=_address(visit.feedback_link) if visit.feedback_link else None,
            button=PortalForm(formdata=None),
            tried=tried,
        )
