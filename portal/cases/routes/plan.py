"""The plan of a case as a whole."""

from __future__ import annotations

from typing import Any

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.actions import goals, planning
from portal.cases.actions.file import begin
from portal.cases.actions.peace import SEXUAL
from portal.cases.forms.plan import NewGoalForm, PlanForm, SubmitForm, signs
from portal.cases.models import Case, Plan
from portal.cases.queries import files, plans
from portal.cases.queries.decisions import bases_in_force
from portal.cases.queries.header import Opened
from portal.cases.routes import shell
from portal.cases.routes.blueprint import bp
from portal.cases.states import PlanState
from portal.core import clock, i18n
from portal.core.access import Permission
from portal.web.database import reader
from portal.web.forms import PortalForm, complaining
from portal.web.guard import actor, allow


def show_plan(
    case_id: str, status: int = 200, tried: PortalForm | None = None
) -> ResponseReturnValue:
    """Render the plan page, with the form just sent and what stands against it."""

    def fill(reading: Session, opened: Opened) -> dict[str, Any]:
        case = opened.case
        written = plans.of_case(reading, case.id)
        newest = written[0] if written else None
        return {
            "newest": newest,
            "in_force": next((each for each in written if each.plan.state == "approved"), None),
            "earlier": [each for each in written if each.plan.state == "replaced"],
            "without_goal": plans.without_goal(reading, case.id),
            "against_mediation": plans.against_mediation(reading) if SEXUAL in case.kinds else None,
            "button": PortalForm(formdata=None),
            **_forms(reading, opened, newest.plan if newest else None, tried),
        }

    return shell.show(case_id, "plan", "cases/plan.html", fill, status=status, tried=tried)


def _forms(
    reading: Session, opened: Opened, plan: Plan | None, tried: PortalForm | None
) -> dict[str, Any]:
    """Return the forms of whoever writes the plan.

    What was just sent stays on the page, also when the plan is no longer to be written.
    """
    was_sent = isinstance(tried, PlanForm | NewGoalForm | SubmitForm)
    drafted = plan is not None and plan.state == PlanState.DRAFT
    if not opened.editable or plan is None or not (drafted or was_sent):
        return {"writes": False, "error_form": complaining(tried, shown=False)}
    plan_form = PlanForm.shown(plan, tried)
    goal_form, submit_form = NewGoalForm.as_sent(tried), SubmitForm.as_sent(tried)
    goal_form.offer(plans.unmet_needs(reading, opened.case.id))
    if goal_form is not tried and goal_form.due_on.data is None:
        days = planning.service_days(reading, opened.case)
        goal_form.due_on.data = clock.add_working_days(clock.today(), days)
    submit_form.offer_bases(bases_in_force(reading))
    return {
        "writes": True,
        "plan_form": plan_form,
        "goal_form": goal_form,
        "submit_form": submit_form,
        "error_form": tried,
    }


def _back(case_id: str) -> str:
    return url_for("cases.plan", case_id=case_id)


def _draft(writing: Session, case: Case) -> Plan:
    """Return the newest plan, which the action finds to be written still or not."""
    return plans.newest(writing, case.id) or abort(404)


@bp.get("/kasus/<public_id:case_id>/rencana")
@allow(Permission.CASE_LIST)
def plan(case_id: str) -> ResponseReturnValue:
    """Show the plan: what shall be reached, how one will see it, who does what."""
    return show_plan(case_id)


@bp.post("/kasus/<public_id:case_id>/rencana/mulai")
@allow(Permission.CASE_WORK)
def begin_plan(case_id: str) -> ResponseReturnValue:
    """Begin a plan, with what the one in force has still to reach."""

    def act(writing: Session, case: Case) -> None:
        planning.begin_plan(writing, actor(), case)

    done = i18n.gettext("The plan is begun.")
    return shell.carry_out(case_id, PortalForm(), act, done, show_plan, _back(case_id))


@bp.post("/kasus/<public_id:case_id>/rencana/usulan")
@allow(Permission.CASE_WORK)
def suggest_goals(case_id: str) -> ResponseReturnValue:
    """Draft a goal for each need that has none."""

    def act(writing: Session, case: Case) -> None:
        goals.suggest_goals(writing, actor(), case, signs())

    done = i18n.gettext("Each need has a goal now. Put them into your own words.")
    return shell.carry_out(case_id, PortalForm(), act, done, show_plan, _back(case_id))


@bp.post("/kasus/<public_id:case_id>/rencana")
@allow(Permission.CASE_WORK)
def edit_plan(case_id: str) -> ResponseReturnValue:
    """Change what the plan says as a whole."""
    form = PlanForm()

    def act(writing: Session, case: Case) -> None:
        begin(writing, actor(), case)
        draft = _draft(writing, case)
        form.check_version(draft, PlanForm.showing(draft, formdata=None))
        planning.write_plan(writing, actor(), case, draft, form.to_words())

    return shell.carry_out(case_id, form, act, i18n.gettext("Saved."), show_plan, _back(case_id))


@bp.post("/kasus/<public_id:case_id>/rencana/kirim")
@allow(Permission.CASE_WORK)
def submit_plan(case_id: str) -> ResponseReturnValue:
    """Send the plan for approval."""
    form = SubmitForm()
    form.offer_bases(bases_in_force(reader()))

    def act(writing: Session, case: Case) -> None:
        begin(writing, actor(), case)
        reason = form.reason.data or ""
        planning.submit(writing, actor(), case, _draft(writing, case), reason, form.to_bases())

    done = i18n.gettext("Sent. Somebody who does not work on this case approves it.")
    return shell.carry_out(case_id, form, act, done, show_plan, _back(case_id))


@bp.post("/kasus/<public_id:case_id>/rencana/tujuan")
@allow(Permission.CASE_WORK)
def add_goal(case_id: str) -> ResponseReturnValue:
    """Add a goal to the plan."""
    form = NewGoalForm()
    case = files.get_file(reader(), actor(), case_id) or abort(404)
    form.offer(plans.unmet_needs(reader(), case.id))

    def act(writing: Session, case: Case) -> None:
        goals.add_goal(writing, actor(), case, form.to_aimed())

    done = i18n.gettext("The goal is in the plan.")
    return shell.carry_out(case_id, form, act, done, show_plan, _back(case_id))
