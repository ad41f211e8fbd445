"""The stages of a case: what is there, what is missing, and going on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.actions import stages as actions
from portal.cases.forms.obstacles import ObstacleForm, OvercomeForm
from portal.cases.forms.reasons import ReasonsForm
from portal.cases.forms.stages import GoBackForm, PassageForm, SignForm, SkipForm
from portal.cases.models import Case
from portal.cases.queries import decisions, obstacles
from portal.cases.queries import stages as queries
from portal.cases.queries.header import Opened
from portal.cases.routes import shell
from portal.cases.routes.blueprint import bp
from portal.core import i18n
from portal.core.access import Actor, Permission
from portal.web.database import reader
from portal.web.forms import PortalForm, complaining
from portal.web.guard import actor, allow

Mark = Callable[[Session, Actor, Case, int, str], None]
PRESENT = "langkah"


def stages_page(
    case_id: str, status: int = 200, tried: PortalForm | None = None
) -> ResponseReturnValue:
    """Show the stages of a case, with what was just sent."""

    def fill(reading: Session, opened: Opened) -> dict[str, Any]:
        view = queries.view(reading, opened.case)
        context: dict[str, Any] = {
            "view": view,
            "obstacles": obstacles.of_case(reading, opened.case),
            "error_form": complaining(tried, shown=opened.editable),
        }
        if opened.editable:
            context |= _forms(reading, opened, view, tried)
        return context

    return shell.show(case_id, "stages", "cases/stages.html", fill, status=status, tried=tried)


def _forms(
    reading: Session, opened: Opened, view: queries.StageView, tried: PortalForm | None
) -> dict[str, Any]:
    skip_form, back_form = SkipForm.as_sent(tried), GoBackForm.as_sent(tried)
    bases = decisions.bases_in_force(reading)
    for form in (skip_form, back_form):
        form.prepare(opened.case, bases)
    back_form.offer(view)
    button = PassageForm(formdata=None)
    for each in (skip_form, back_form, button):
        each.about(view)
    return {
        "skip_form": skip_form,
        "back_form": back_form,
        "obstacle_form": ObstacleForm.as_sent(tried),
        "overcome_form": OvercomeForm.as_sent(tried),
        "blank_overcome": OvercomeForm(formdata=None),
        "button": button,
    }


def _done(case_id: str) -> str:
    return url_for("cases.stages", case_id=case_id, _anchor=PRESENT)


def _decided_on(form: ReasonsForm) -> None:
    form.offer_bases(decisions.bases_in_force(reader()))


@bp.get("/kasus/<public_id:case_id>/tahap")
@allow(Permission.CASE_LIST)
def stages(case_id: str) -> ResponseReturnValue:
    """Show the seven stages, and the present one with its checklist."""
    return stages_page(case_id)


@bp.post("/kasus/<public_id:case_id>/tahap/selesai")
@allow(Permission.CASE_WORK)
def sign_stage(case_id: str) -> ResponseReturnValue:
    """Finish the present stage."""
    form = SignForm()

    def act(writing: Session, case: Case) -> None:
        actions.sign(writing, actor(), case, form.shown)

    done = i18n.gettext("Signed. The next stage has begun.")
    return shell.carry_out(case_id, form, act, done, stages_page, _done(case_id))


@bp.post("/kasus/<public_id:case_id>/tahap/lewati")
@allow(Permission.CASE_WORK)
def skip_stage(case_id: str) -> ResponseReturnValue:
    """Pass over the present stage."""
    form = SkipForm()
    _decided_on(form)

    def act(writing: Session, case: Case) -> None:
        actions.skip(writing, actor(), case, form.shown, form.to_reasons())

    done = i18n.gettext("Skipped. The next stage has begun.")
    return shell.carry_out(case_id, form, act, done, stages_page, _done(case_id))


@bp.post("/kasus/<public_id:case_id>/tahap/kembali")
@allow(Permission.CASE_WORK)
def go_back(case_id: str) -> ResponseReturnValue:
    """Go through an earlier stage once more."""
    form = GoBackForm()
    _decided_on(form)

    def act(writing: Session, case: Case) -> None:
        actions.go_back(writing, actor(), case, form.shown, form.chosen, form.to_reasons())

    done = i18n.gettext("The earlier stage has begun once more.")
    return shell.carry_out(case_id, form, act, done, stages_page, _done(case_id))


def _mark(case_id: str, code: str, mark: Mark, done: str) -> ResponseReturnValue:
    form = PassageForm()

    def act(writing: Session, case: Case) -> None:
        mark(writing, actor(), case, form.shown, code)

    return shell.carry_out(case_id, form, act, done, stages_page, _done(case_id))


@bp.post("/kasus/<public_id:case_id>/tahap/<code>/centang")
@allow(Permission.CASE_WORK)
def tick(case_id: str, code: str) -> ResponseReturnValue:
    """Tick an item of the present checklist."""
    return _mark(case_id, code, actions.tick, i18n.gettext("Ticked."))


@bp.post("/kasus/<public_id:case_id>/tahap/<code>/batal")
@allow(Permission.CASE_WORK)
def untick(case_id: str, code: str) -> ResponseReturnValue:
    """Take a tick back."""
    return _mark(case_id, code, actions.untick, i18n.gettext("The tick is taken back."))
