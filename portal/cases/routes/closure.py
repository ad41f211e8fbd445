"""Ending a case, looking back at it some months later, and going on with it."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.actions import closing
from portal.cases.actions import sentinels as looking_back
from portal.cases.forms.closure import ClosureForm, LookBackForm, ReopenForm, TransferForm
from portal.cases.models import Case
from portal.cases.queries import closure as queries
from portal.cases.queries import files, sentinels
from portal.cases.queries.decisions import bases_in_force
from portal.cases.queries.header import Opened
from portal.cases.routes import shell
from portal.cases.routes.blueprint import bp
from portal.cases.states import CaseOutcome, CaseState, Stage, Wellbeing
from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.web.database import db, reader
from portal.web.forms import PortalForm, complaining
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page

# What makes one think of going on with a case.
WORRYING = (Wellbeing.CONCERN, Wellbeing.RELAPSE)


def _page(case_id: str, status: int = 200, tried: PortalForm | None = None) -> ResponseReturnValue:
    def fill(reading: Session, opened: Opened) -> dict[str, Any]:
        case = opened.case
        context: dict[str, Any] = {
            "reports": queries.open_reports(reading, actor(), case),
            "may_reopen": case.can(actor(), "reopen"),
        }
        if case.state == CaseState.OPEN:
            context |= _before(reading, opened, tried)
            shown = opened.editable
        else:
            context |= _after(reading, case, tried)
            shown = context["due"] is not None
        return {**context, "error_form": complaining(tried, shown=shown)}

    return shell.show(case_id, "closure", "cases/closure.html", fill, status=status, tried=tried)


def _before(reading: Session, opened: Opened, tried: PortalForm | None) -> dict[str, Any]:
    """Return what the page of a case shows that goes on."""
    closure_form, transfer_form = ClosureForm.as_sent(tried), TransferForm.as_sent(tried)
    bases = bases_in_force(reading) if opened.editable else []
    for form in (closure_form, transfer_form):
        form.prepare(opened.case, bases)
    waiting = queries.waiting(reading, opened.case)
    return {
        "closure_form": closure_form,
        "transfer_form": transfer_form,
        "signs": queries.signs(reading, opened.case),
        "waiting": waiting,
        "waits_for": {each.kind for each in waiting},
        "last_stage": opened.case.stage == Stage.TERMINATION,
    }


def _after(reading: Session, case: Case, tried: PortalForm | None) -> dict[str, Any]:
    """Return what the page of a case shows that ended."""
    looks = sentinels.of_case(reading, case.id)
    ended_by = queries.ended_by(reading, case)
    ended_at = ended_by.decided_at if ended_by else None
    # A case that was closed twice keeps what was found after the first time.
    done = [each for each, _by in looks if each.done_at and ended_at and each.done_at > ended_at]
    return {
        "ended_by": ended_by,
        "looks": looks,
        "heard": queries.heard(reading, case),
        "due": sentinels.due_for(reading, actor(), case),
        "worrying": bool(done) and done[-1].found in WORRYING,
        "look_back_form": LookBackForm.as_sent(tried),
    }


def _back(case_id: str) -> str:
    return url_for("cases.closure", case_id=case_id)


@bp.get("/kasus/<public_id:case_id>/penutupan")
@allow(Permission.CASE_LIST)
def closure(case_id: str) -> ResponseReturnValue:
    """Show what speaks for closing a case; afterwards how it ended, and how the child is."""
    return _page(case_id)


@bp.post("/kasus/<public_id:case_id>/penutupan")
@allow(Permission.CASE_WORK)
def propose_closure(case_id: str) -> ResponseReturnValue:
    """Ask the division head to close a case."""
    form = ClosureForm()
    case = files.get_file(reader(), actor(), case_id) or abort(404)
    form.prepare(case, bases_in_force(reader()))

    def act(writing: Session, case: Case) -> None:
        outcome = CaseOutcome(form.outcome.data)
        closing.propose_closure(writing, actor(), case, outcome, form.reasons)

    done = i18n.gettext("Proposed. The division head decides about it.")
    return shell.carry_out(case_id, form, act, done, _page, _back(case_id))


@bp.post("/kasus/<public_id:case_id>/pengalihan")
@allow(Permission.CASE_WORK)
def propose_transfer(case_id: str) -> ResponseReturnValue:
    """Ask the division head to let another body go on with a case."""
    form = TransferForm()
    form.offer_bases(bases_in_force(reader()))

    def act(writing: Session, case: Case) -> None:
        closing.propose_transfer(writing, actor(), case, form.reasons)

    done = i18n.gettext("Proposed. The division head decides about it.")
    return shell.carry_out(case_id, form, act, done, _page, _back(case_id))


@bp.post("/kasus/<public_id:case_id>/kabar/<public_id:sentinel_id>")
@allow(Permission.CASE_WORK)
def look_back(case_id: str, sentinel_id: str) -> ResponseReturnValue:
    """Write how the child was found some months after the closure."""
    form = LookBackForm()

    def act(writing: Session, case: Case) -> None:
        sentinel = sentinels.get_sentinel(writing, case, sentinel_id) or abort(404)
        found, words = Wellbeing(form.found.data), form.words.data or ""
        looking_back.look_back(writing, actor(), case, sentinel, found, words)

    return shell.carry_out(case_id, form, act, i18n.gettext("Saved."), _page, _back(case_id))


def _reopening(case: Case, form: ReopenForm, status: int = 200) -> ResponseReturnValue:
    form.prepare(case, bases_in_force(reader()))
    return page("cases/reopen.html", status=status, case=case, form=form)


@bp.get("/kasus/<public_id:case_id>/buka-lagi")
@allow(Permission.CASE_REOPEN)
def reopen_form(case_id: str) -> ResponseReturnValue:
    """Show the form that lets a case go on; it tells nothing of what is in the file."""
    case = files.get_listed(reader(), actor(), case_id) or abort(404)
    if not case.can(actor(), "reopen"):
        return moved_on(url_for("cases.show", case_id=case_id))
    return _reopening(case, ReopenForm(formdata=None))


@bp.post("/kasus/<public_id:case_id>/buka-lagi")
@allow(Permission.CASE_REOPEN)
def reopen(case_id: str) -> ResponseReturnValue:
    """Go on with a case that was closed or handed to another body."""
    listed = files.get_listed(reader(), actor(), case_id) or abort(404)
    form = ReopenForm()
    form.prepare(listed, bases_in_force(reader()))
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                case = files.get_listed(writing, actor(), case_id) or abort(404)
                closing.reopen(writing, actor(), case, form.to_command())
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(i18n.gettext("The case goes on."), "ok")
            return moved_on(url_for("cases.show", case_id=case_id))
    return _reopening(listed, form, form.reply_status)
