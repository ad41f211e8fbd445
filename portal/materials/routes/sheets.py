"""The sheet of a pupil, without account or trace: only the sums of the class rise by one."""

from __future__ import annotations

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.limits import define
from portal.materials.actions import rounds as actions
from portal.materials.forms.quizzes import SheetForm, sheet_form
from portal.materials.queries import rounds as queries
from portal.materials.queries.rounds import ClassRound
from portal.materials.routes.blueprint import bp
from portal.materials.routes.rounds import PHASES
from portal.materials.states import Phase
from portal.web import once, throttle
from portal.web.database import database, db, reader
from portal.web.guard import public, signed_in
from portal.web.render import moved_on, page

# A class sends its sheets from one address within a few minutes, some more than once when the
# signal is poor. Whoever wants to spoil its figures comes no further than this.
SHEETS = define("quiz_sheet", "150/hour")
# Some pupils share a phone.
SHEETS_OF_PHONE = define("quiz_sheet_phone", "5/hour")


@bp.get("/materi/tes/<public_id:round_id>/<any(sebelum,sesudah):phase>")
@public
def sheet(round_id: str, phase: str) -> ResponseReturnValue:
    """Show a pupil the questions."""
    found = _find(round_id)
    return _page(found, PHASES[phase], sheet_form(found.questions)(formdata=None))


@bp.post("/materi/tes/<public_id:round_id>/<any(sebelum,sesudah):phase>")
@public
def send_sheet(round_id: str, phase: str) -> ResponseReturnValue:
    """Count a sheet; pressed twice, it is counted once."""
    found, asked = _find(round_id), PHASES[phase]
    form = sheet_form(found.questions)()
    if not found.standing.takes(asked, clock.now()):
        return _not_now(found, asked)
    if signed_in():
        return _only_pupils(found)
    if not form.validate_on_submit():
        return _page(found, asked, form)
    thanks = url_for("materials.sheet_done", round_id=round_id, phase=phase)
    try:
        _count_try(round_id, phase)
        once.lead_to(thanks)
        with transaction(db()) as session:
            actions.send_sheet(session, found.round.id, asked, found.questions, form.given())
    except Rejected as problem:
        form.attach(problem)
        # It may have ended while the sheet was on its way.
        with database().reader() as reading:
            return _page(queries.asked(reading, round_id) or found, asked, form)
    return moved_on(thanks)


@bp.get("/materi/tes/<public_id:round_id>/<any(sebelum,sesudah):phase>/terima-kasih")
@public
def sheet_done(round_id: str, phase: str) -> ResponseReturnValue:
    """Thank a pupil."""
    return page("materials/sheet_done.html", found=_find(round_id), phase=PHASES[phase])


def _find(round_id: str) -> ClassRound:
    return queries.asked(reader(), round_id) or abort(404)


def _page(found: ClassRound, phase: Phase, form: SheetForm) -> ResponseReturnValue:
    if not found.standing.takes(phase, clock.now()):
        return _not_now(found, phase)
    if signed_in():
        return _only_pupils(found)
    return page(
        "materials/sheet.html",
        status=form.reply_status if form.errors else 200,
        found=found,
        phase=phase,
        form=form,
        questions=found.questions,
        in_address=actions.IN_ADDRESS,
    )


def _count_try(round_id: str, phase: str) -> None:
    """Count a sheet; raises Rejected("sheets_of_phone") or ("sheets_of_network") after too many."""
    # In words for pupils, whom it does not help to know how long an hour's window is still open.
    try:
        throttle.count(SHEETS_OF_PHONE, round_id, phase, throttle.browser())
    except Rejected as problem:
        raise Rejected("sheets_of_phone") from problem
    try:
        throttle.count(SHEETS, round_id, throttle.network())
    except Rejected as problem:
        raise Rejected("sheets_of_network") from problem


def _only_pupils(found: ClassRound) -> ResponseReturnValue:
    """Say that a class's figures hold no sheets of grown-ups."""
    return page("materials/sheet_pupils.html", found=found)


def _not_now(found: ClassRound, phase: Phase) -> ResponseReturnValue:
    """Say kindly that these questions are over, or not asked yet."""
    early = phase is Phase.AFTER and found.standing.phase is Phase.BEFORE
    return page("materials/sheet_closed.html", status=200 if early else 410, early=early)
