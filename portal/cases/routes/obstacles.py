"""What stands in the way of a case."""

from __future__ import annotations

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.actions import obstacles as actions
from portal.cases.forms.obstacles import ObstacleForm, OvercomeForm
from portal.cases.models import Case
from portal.cases.queries import obstacles as queries
from portal.cases.routes import shell
from portal.cases.routes.blueprint import bp
from portal.cases.routes.stages import stages_page
from portal.core import clock, i18n
from portal.core.access import Permission
from portal.web.guard import actor, allow


def _done(case_id: str) -> str:
    return url_for("cases.stages", case_id=case_id, _anchor="kendala")


@bp.post("/kasus/<public_id:case_id>/kendala")
@allow(Permission.CASE_WORK)
def note_obstacle(case_id: str) -> ResponseReturnValue:
    """Write an obstacle down."""
    form = ObstacleForm()

    def act(writing: Session, case: Case) -> None:
        actions.note(writing, actor(), case, form.to_command())

    done = i18n.gettext("The obstacle is noted.")
    return shell.carry_out(case_id, form, act, done, stages_page, _done(case_id))


@bp.post("/kasus/<public_id:case_id>/kendala/<public_id:obstacle_id>/teratasi")
@allow(Permission.CASE_WORK)
def overcome_obstacle(case_id: str, obstacle_id: str) -> ResponseReturnValue:
    """Write down how an obstacle was overcome."""
    form = OvercomeForm()
    form.about = obstacle_id

    def act(writing: Session, case: Case) -> None:
        obstacle = queries.get(writing, case, obstacle_id) or abort(404)
        day = form.day.data or clock.today()
        actions.overcome(writing, actor(), case, obstacle, day, form.how.data or "")

    done = i18n.gettext("Overcome. It stays in the list.")
    return shell.carry_out(case_id, form, act, done, stages_page, _done(case_id))
