"""One goal of a plan: written, taken out, looked at again."""

from __future__ import annotations

from typing import Any

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.actions import goals
from portal.cases.actions.file import begin
from portal.cases.forms.plan import GoalForm, ReviewForm
from portal.cases.models import Case, Goal
from portal.cases.queries import files, plans
from portal.cases.queries.header import Opened
from portal.cases.routes import shell
from portal.cases.routes.blueprint import bp
from portal.cases.states import PlanState
from portal.core import i18n
from portal.core.access import Permission
from portal.web.database import reader
from portal.web.forms import PortalForm, complaining
from portal.web.guard import actor, allow


def _page(case_id: str, goal_id: str, status: int, tried: PortalForm | None) -> ResponseReturnValue:
    def fill(reading: Session, opened: Opened) -> dict[str, Any]:
        shown, aim = next(
            (
                (written, aim)
                for written in plans.of_case(reading, opened.case.id)
                for aim in written.aims
                if aim.goal.public_id == goal_id
            ),
            None,
        ) or abort(404)
        goal_form, review_form = None, None
        if opened.editable:
            state = shown.plan.state
            # What was just sent stays on the page, whatever became of the plan meanwhile.
            if state == PlanState.DRAFT or isinstance(tried, GoalForm):
                goal_form = _goal_form(reading, opened.case, aim.goal, tried)
            if state == PlanState.APPROVED or isinstance(tried, ReviewForm):
                review_form = _review_form(aim.goal, tried)
        return {
            "shown": shown,
            "aim": aim,
            "goal_form": goal_form,
            "review_form": review_form,
            "button": PortalForm(formdata=None),
            "error_form": complaining(tried, shown=opened.editable),
        }

    return shell.show(case_id, "plan", "cases/goal.html", fill, status=status, tried=tried)


def _goal_form(reading: Session, case: Case, goal: Goal, tried: PortalForm | None) -> GoalForm:
    form = tried if isinstance(tried, GoalForm) else _showing(reading, case, goal)
    form.offer(plans.unmet_needs(reading, case.id, goal.need_id))
    return form


def _showing(reading: Session, case: Case, goal: Goal) -> GoalForm:
    """Return the form of a goal as it stands."""
    needs = plans.unmet_needs(reading, case.id, goal.need_id)
    its_own = next(each.public_id for each in needs if each.id == goal.need_id)
    form = GoalForm.showing(goal, formdata=None, need=its_own)
    form.offer(needs)
    return form


def _review_form(goal: Goal, tried: PortalForm | None) -> ReviewForm:
    if isinstance(tried, ReviewForm):
        return tried
    form = ReviewForm(formdata=None)
    form.version.data = str(goal.version)
    return form


def _back(case_id: str) -> str:
    return url_for("cases.plan", case_id=case_id)


def _goal(session: Session, case: Case, goal_id: str) -> Goal:
    return plans.get_goal(session, case.id, goal_id) or abort(404)


@bp.get("/kasus/<public_id:case_id>/rencana/tujuan/<public_id:goal_id>")
@allow(Permission.CASE_LIST)
def goal(case_id: str, goal_id: str) -> ResponseReturnValue:
    """Show a goal, what became of it, and the form that is due."""
    return _page(case_id, goal_id, 200, None)


@bp.post("/kasus/<public_id:case_id>/rencana/tujuan/<public_id:goal_id>")
@allow(Permission.CASE_WORK)
def edit_goal(case_id: str, goal_id: str) -> ResponseReturnValue:
    """Change a goal of the plan that is being written."""
    form = GoalForm()
    seen = files.get_file(reader(), actor(), case_id) or abort(404)
    form.offer(plans.unmet_needs(reader(), seen.id, _goal(reader(), seen, goal_id).need_id))

    def act(writing: Session, case: Case) -> None:
        begin(writing, actor(), case)
        changed = _goal(writing, case, goal_id)
        form.check_version(changed, _showing(writing, case, changed))
        goals.edit_goal(writing, actor(), case, changed, form.to_aimed())

    def again(case_id: str, status: int, tried: PortalForm | None) -> ResponseReturnValue:
        return _page(case_id, goal_id, status, tried)

    done = i18n.gettext("Saved.")
    return shell.carry_out(case_id, form, act, done, again, _back(case_id))


@bp.post("/kasus/<public_id:case_id>/rencana/tujuan/<public_id:goal_id>/hapus")
@allow(Permission.CASE_WORK)
def remove_goal(case_id: str, goal_id: str) -> ResponseReturnValue:
    """Take a goal out of the plan that is being written."""

    def act(writing: Session, case: Case) -> None:
        begin(writing, actor(), case)
        goals.remove_goal(writing, actor(), case, _goal(writing, case, goal_id))

    def again(case_id: str, status: int, tried: PortalForm | None) -> ResponseReturnValue:
        return _page(case_id, goal_id, status, tried)

    done = i18n.gettext("The goal is taken out.")
    return shell.carry_out(case_id, PortalForm(), act, done, again, _back(case_id))


@bp.post("/kasus/<public_id:case_id>/rencana/tujuan/<public_id:goal_id>/nilai")
@allow(Permission.CASE_WORK)
def review_goal(case_id: str, goal_id: str) -> ResponseReturnValue:
    """Write down how far a goal is."""
    form = ReviewForm()

    def act(writing: Session, case: Case) -> None:
        begin(writing, actor(), case)
        reviewed = _goal(writing, case, goal_id)
        form.check_version(reviewed, ReviewForm.showing(reviewed, formdata=None))
        goals.review_goal(writing, actor(), case, reviewed, form.to_reviewed())

    def again(case_id: str, status: int, tried: PortalForm | None) -> ResponseReturnValue:
        return _page(case_id, goal_id, status, tried)

    done = i18n.gettext("The review is written down.")
    return shell.carry_out(case_id, form, act, done, again, _back(case_id))
