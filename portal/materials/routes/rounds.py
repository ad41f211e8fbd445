"""A class asked before and after a session: going on, closing, and what came out."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Response, abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import clock, i18n
from portal.core.access import Actor, Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.documents import qr
from portal.materials.actions import rounds as actions
from portal.materials.actions.rounds import IN_ADDRESS
from portal.materials.models import QuizRound
from portal.materials.policy.class_results import Results, results
from portal.materials.queries import rounds as queries
from portal.materials.queries.rounds import ClassRound
from portal.materials.routes.addresses import of_link
from portal.materials.routes.blueprint import bp
from portal.materials.states import Phase
from portal.web import paging
from portal.web.database import database, db, office, reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow, unattended
from portal.web.render import moved_on, page, wants_fragment, whole_page_to

PHASES = {word: phase for phase, word in IN_ADDRESS.items()}
Act = Callable[[Session, Actor, QuizRound], None]


@bp.get("/materi/tes", endpoint="rounds")
@allow(Permission.QUIZ_ROUND)
def list_rounds() -> ResponseReturnValue:
    """List the classes asked at one's own school, or all."""
    after, _before = paging.position(paging.moment, UUID)
    found = queries.list_rounds(reader(), actor(), after)
    return page(
        "materials/rounds.html",
        rows=found.rows,
        next_url=paging.link(paging.AFTER, found.after),
        across=actor().may(Permission.QUIZ_ROUND),
    )


@bp.get("/materi/tes/<public_id:round_id>", endpoint="round")
@allow(Permission.QUIZ_ROUND)
def show_round(round_id: str) -> ResponseReturnValue:
    """Show how far a class is, the way in for its pupils, and what came out."""
    return _page(round_id)


@bp.get("/materi/tes/<public_id:round_id>/layar")
@allow(Permission.QUIZ_ROUND)
def round_screen(round_id: str) -> ResponseReturnValue:
    """Show the way in as large as the wall of a classroom needs it."""
    return _screen(round_id)


@bp.get("/materi/tes/<public_id:round_id>/jumlah")
@allow(Permission.QUIZ_ROUND)
@unattended
def round_count(round_id: str) -> ResponseReturnValue:
    """Show how many have answered; the large page asks for this by itself."""
    asked = PHASES.get(request.args.get("tahap", ""))
    if wants_fragment() and asked != _get(reader(), round_id).standing.phase:
        # Above the number stand words and a code of the other phase.
        return whole_page_to(url_for("materials.round_screen", round_id=round_id))
    return _screen(round_id)


@bp.get("/materi/tes/<public_id:round_id>/qr-<any(sebelum,sesudah):phase>.svg")
@allow(Permission.QUIZ_ROUND)
def round_code(round_id: str, phase: str) -> Response:
    """Draw the way in to a phase."""
    found = _get(reader(), round_id)
    address = _addresses(reader(), found)[PHASES[phase]]
    return Response(qr.svg(address), mimetype="image/svg+xml")


@bp.post("/materi/tes/<public_id:round_id>/lanjut")
@allow(Permission.QUIZ_ROUND)
def go_on(round_id: str) -> ResponseReturnValue:
    """End the questions before the session, and begin those after it."""
    return _move(round_id, actions.go_on, i18n.gettext("Now the class answers after the session."))


@bp.post("/materi/tes/<public_id:round_id>/tutup")
@allow(Permission.QUIZ_ROUND)
def close_round(round_id: str) -> ResponseReturnValue:
    """Take no more sheets."""
    return _move(round_id, actions.close_round, i18n.gettext("No more answers are taken."))


@bp.post("/materi/tes/<public_id:round_id>/buka-lagi")
@allow(Permission.QUIZ_ROUND)
def reopen_round(round_id: str) -> ResponseReturnValue:
    """Give a class more time."""
    return _move(round_id, actions.reopen_round, i18n.gettext("The class can answer again."))


def _get(session: Session, round_id: str) -> ClassRound:
    return queries.get(session, actor(), round_id) or abort(404)


def _move(round_id: str, act: Act, done: str) -> ResponseReturnValue:
    _get(reader(), round_id)
    form = PortalForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                act(session, actor(), _get(session, round_id).round)
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(done, "ok")
            return moved_on(url_for("materials.round", round_id=round_id))
    return _page(round_id, form.reply_status, form)


def _page(round_id: str, status: int = 200, tried: PortalForm | None = None) -> ResponseReturnValue:
    # A reader of its own: the request's began before a form was carried out.
    with database().reader() as reading:
        found = _get(reading, round_id)
        return page(
            "materials/round.html",
            status=status,
            found=found,
            standing=found.standing,
            results=_results(reading, found),
            least=office()["quiz_least_sheets"],
            moment=clock.now(),
            in_address=IN_ADDRESS,
            addresses=_addresses(reading, found),
            button=PortalForm(formdata=None),
            tried=tried,
        )


def _results(session: Session, found: ClassRound) -> Results | None:
    least, now = office()["quiz_least_sheets"], clock.now()
    seen = {
        phase: sums
        for phase, sums in queries.sums(session, found).items()
        if found.standing.shows(phase, now, least)
    }
    return results(found.questions, seen.get(Phase.BEFORE), seen.get(Phase.AFTER))


def _addresses(session: Session, found: ClassRound) -> dict[Phase, str]:
    """Return the short addresses of both phases."""
    codes = queries.codes(session, found.round.id)
    return {phase: of_link(code) for phase, code in codes.items()}


def _screen(round_id: str) -> ResponseReturnValue:
    found = _get(reader(), round_id)
    phase = found.standing.phase
    return page(
        "materials/round_screen.html",
        part="materials/_round_count.html",
        found=found,
        phase=phase,
        sheets=found.standing.sheets(phase),
        taken=found.standing.takes(phase, clock.now()),
        address=_addresses(reader(), found)[phase],
        in_address=IN_ADDRESS,
        # Without the menu: a whole class looks on.
        shell=False,
    )
