"""The monitoring of a case's child: how it is read together, and how it goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.actions import deciding
from portal.cases.actions.file import begin
from portal.cases.models import Case
from portal.cases.queries import files
from portal.cases.queries.decisions import bases_in_force
from portal.cases.queries.header import Opened
from portal.cases.routes import shell
from portal.cases.states import CaseState, DecisionKind
from portal.core import i18n
from portal.core.access import Permission
from portal.monitoring.actions import scheduling, watching
from portal.monitoring.forms.steering import (
    EndForm,
    GoOnForm,
    PauseForm,
    RestartForm,
    ResumeForm,
    TeacherForm,
)
from portal.monitoring.models import FollowUp
from portal.monitoring.queries import ending, following, history, reading, staff
from portal.monitoring.queries.alerts import unsettled
from portal.monitoring.queries.answers import read
from portal.monitoring.queries.curve import curve_of
from portal.monitoring.queries.history import History
from portal.monitoring.routes.blueprint import bp
from portal.monitoring.states import FollowUpState
from portal.people.queries.confidential import kept_away
from portal.schools.queries import school_days
from portal.web.database import reader
from portal.web.forms import PortalForm, complaining
from portal.web.guard import actor, allow

TAB = "monitoring"
PLACE = "/kasus/<public_id:case_id>/pemantauan"
Act = Callable[[Session, Case, FollowUp], None]


def _page(case_id: str, status: int = 200, tried: PortalForm | None = None) -> ResponseReturnValue:
    def fill(session: Session, opened: Opened) -> dict[str, Any]:
        case = opened.case
        told = history.of_case(session, case.id)
        steers = opened.editable and bool(told) and told[0].follow_up.state != FollowUpState.ENDED
        return {
            "told": told[0] if told else None,
            "earlier": told[1:],
            "alerts": unsettled(session, FollowUp.case_id == case.id),
            "steers": steers,
            "error_form": complaining(tried, shown=steers),
            **(_shown(session, case, told[0]) if told else {}),
            **(_forms(session, opened, told[0], tried) if steers else {}),
        }

    template = "monitoring/of_case.html"
    return shell.show(case_id, TAB, template, fill, status=status, tried=tried)


def _shown(session: Session, case: Case, told: History) -> dict[str, Any]:
    """Return how the forms of the present follow-up are read."""
    newest = told.newest
    return {
        "words": reading,
        "summary": reading.reading_of(told.looks),
        "curve": curve_of(told, history.marks_of(session, told)),
        "compared": read(session, newest) if newest else None,
        "asked": staff.asked_now(session, told.follow_up.id),
        "outlook": ending.outlook_of(session, case, told) if case.state == CaseState.OPEN else None,
        "wanted": ending.WANTED,
        "over": told.follow_up.state == FollowUpState.ACTIVE and told.next is None,
        "skipped": _skipped(session, told),
    }


def _skipped(session: Session, told: History) -> list[Any]:
    """Return the weeks before the next form that do not count, with their names."""
    if told.next is None:
        return []
    before = [each.form.due_on for each in told.entries if each.form is not told.next]
    since = max(before, default=told.follow_up.began_on)
    return reading.passed_over(school_days(session, told.school), since, told.next.due_on)


def _forms(
    session: Session, opened: Opened, told: History, tried: PortalForm | None
) -> dict[str, Any]:
    """Return the forms of whoever works on the case, the one just sent as it was."""
    teacher_form = TeacherForm.as_sent(tried)
    _offer(teacher_form, session, told.follow_up)
    go_on_form = GoOnForm.as_sent(tried)
    go_on_form.prepare(opened.case, bases_in_force(session))
    return {
        "teacher_form": teacher_form,
        "go_on_form": go_on_form,
        "pause_form": PauseForm.as_sent(tried),
        "resume_form": ResumeForm.as_sent(tried),
        "restart_form": RestartForm.as_sent(tried),
        "end_form": EndForm.as_sent(tried),
        "button": PortalForm(formdata=None),
    }


def _offer(form: TeacherForm, session: Session, follow_up: FollowUp) -> None:
    kept = kept_away(session, follow_up.case_id)
    form.offer(
        [each for each in staff.teachers_at(session, follow_up.school_id) if each.id not in kept]
    )


def _steer(case_id: str, form: PortalForm, act: Act, done: str) -> ResponseReturnValue:
    """Take a step with the follow-up that goes on; without one there is nothing to steer."""

    def carry(writing: Session, case: Case) -> None:
        act(writing, case, following.current(writing, case.id) or abort(404))

    to = url_for("monitoring.of_case", case_id=case_id)
    return shell.carry_out(case_id, form, carry, done, _again, to)


def _again(case_id: str, status: int, tried: PortalForm | None) -> ResponseReturnValue:
    return _page(case_id, status, tried)


@bp.get(PLACE)
@allow(Permission.CASE_LIST)
def of_case(case_id: str) -> ResponseReturnValue:
    """Show how the child gets on at school, what speaks for an ending, and what comes next."""
    return _page(case_id)


@bp.post(f"{PLACE}/guru")
@allow(Permission.CASE_WORK)
def choose_teacher(case_id: str) -> ResponseReturnValue:
    """Choose who fills in the forms."""
    form = TeacherForm()
    case = files.get_file(reader(), actor(), case_id) or abort(404)
    _offer(form, reader(), following.current(reader(), case.id) or abort(404))

    def act(writing: Session, case: Case, follow_up: FollowUp) -> None:
        begin(writing, actor(), case)
        watching.name_watcher(writing, actor(), follow_up, form.chosen, substitute=form.substitute)

    return _steer(case_id, form, act, i18n.gettext("Saved. They are asked from now on."))


@bp.post(f"{PLACE}/guru/lepas")
@allow(Permission.CASE_WORK)
def end_substitute(case_id: str) -> ResponseReturnValue:
    """Let the regular teacher fill in the forms again."""

    def act(writing: Session, case: Case, follow_up: FollowUp) -> None:
        begin(writing, actor(), case)
        for each in following.watchers(writing, follow_up.id):
            if each.substitute:
                watching.release_watcher(writing, actor(), follow_up, each.user_id)

    return _steer(case_id, PortalForm(), act, i18n.gettext("Saved."))


@bp.post(f"{PLACE}/jeda")
@allow(Permission.CASE_WORK)
def pause(case_id: str) -> ResponseReturnValue:
    """Let no form come for a while."""
    form = PauseForm()

    def act(writing: Session, _case: Case, follow_up: FollowUp) -> None:
        scheduling.pause(
            writing, actor(), follow_up, reason=form.reason.data or "", until=form.until.data
        )

    return _steer(case_id, form, act, i18n.gettext("Paused. Nobody at the school is asked."))


@bp.post(f"{PLACE}/lanjut")
@allow(Permission.CASE_WORK)
def resume(case_id: str) -> ResponseReturnValue:
    """Let forms come again."""
    form = ResumeForm()

    def act(writing: Session, _case: Case, follow_up: FollowUp) -> None:
        scheduling.resume(writing, actor(), follow_up, was_away=bool(form.was_away.data))

    return _steer(case_id, form, act, i18n.gettext("The monitoring goes on."))


@bp.post(f"{PLACE}/mingguan")
@allow(Permission.CASE_WORK)
def restart(case_id: str) -> ResponseReturnValue:
    """Let forms come weekly again."""
    form = RestartForm()

    def act(writing: Session, _case: Case, follow_up: FollowUp) -> None:
        scheduling.restart_weekly(writing, actor(), follow_up, reason=form.reason.data or "")

    return _steer(case_id, form, act, i18n.gettext("Forms come weekly again."))


@bp.post(f"{PLACE}/<public_id:form_id>/lewati")
@allow(Permission.CASE_WORK)
def skip(case_id: str, form_id: str) -> ResponseReturnValue:
    """Leave out the form that comes next."""

    def act(writing: Session, _case: Case, follow_up: FollowUp) -> None:
        form = history.get_form(writing, follow_up, form_id) or abort(404)
        scheduling.skip_form(writing, actor(), form)

    return _steer(case_id, PortalForm(), act, i18n.gettext("Left out. The next one follows."))


@bp.post(f"{PLACE}/akhiri")
@allow(Permission.CASE_WORK)
def end(case_id: str) -> ResponseReturnValue:
    """End the monitoring while the case goes on."""
    form = EndForm()

    def act(writing: Session, _case: Case, follow_up: FollowUp) -> None:
        scheduling.end(writing, actor(), follow_up, reason=form.reason.data or "")

    return _steer(case_id, form, act, i18n.gettext("Ended. Nobody at the school is asked."))


@bp.post(f"{PLACE}/teruskan")
@allow(Permission.CASE_WORK)
def go_on(case_id: str) -> ResponseReturnValue:
    """Write down with reasons that the monitoring goes on."""
    form = GoOnForm()
    form.offer_bases(bases_in_force(reader()))

    def act(writing: Session, case: Case, follow_up: FollowUp) -> None:
        begin(writing, actor(), case)
        deciding.decide(writing, actor(), case, DecisionKind.OTHER, form.reasons)
        if form.weekly.data or scheduling.is_over(writing, follow_up):
            scheduling.restart_weekly(writing, actor(), follow_up)

    return _steer(case_id, form, act, i18n.gettext("The decision is written down."))
