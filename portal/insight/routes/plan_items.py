"""One session of a plan: why it is there, moving it, keeping it where it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.insight.actions import plans as actions
from portal.insight.exports import plans as exports
from portal.insight.forms.plans import MoveForm
from portal.insight.models import PlanItem, SemesterPlan
from portal.insight.queries import plans as queries
from portal.insight.routes.blueprint import bp
from portal.insight.states import PlanState
from portal.visits.queries import slots
from portal.web.database import database, db, office
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page

Act = Callable[[Session, SemesterPlan, PlanItem], None]


def _get(session: Session, plan_id: str, item_id: str) -> tuple[SemesterPlan, PlanItem]:
    plan = queries.get(session, plan_id) or abort(404)
    return plan, queries.get_item(session, plan, item_id) or abort(404)


def _move_form(session: Session, item: PlanItem, **more: object) -> MoveForm:
    workers = slots.load_workers(session, clock.today())
    starts = [time.fromisoformat(each) for each in slots.every_start(office())]
    return MoveForm.of(item, starts, workers, **more)


def _show(
    plan_id: str, item_id: str, status: int = 200, tried: PortalForm | None = None
) -> ResponseReturnValue:
    # A reader of its own: the request's began before a form was carried out.
    with database().reader() as reading:
        plan, item = _get(reading, plan_id, item_id)
        found = queries.row_of(reading, item)
        form = tried if isinstance(tried, MoveForm) else None
        return page(
            "insight/plan_item.html",
            status=status,
            plan=plan,
            found=found,
            item=item,
            form=form or _move_form(reading, item, formdata=None),
            tried=tried,
            button=PortalForm(formdata=None),
            writes=actor().may(Permission.PLAN_WRITE)
            and item.visit_id is None
            and plan.state in (PlanState.READY, PlanState.SENT),
            words=exports,
        )


@bp.get("/rencana/<public_id:plan_id>/sesi/<public_id:item_id>")
@allow(Permission.PLAN_READ)
def plan_item(plan_id: str, item_id: str) -> ResponseReturnValue:
    """Show why a session is where it is, and the form that moves it."""
    return _show(plan_id, item_id)


@bp.post("/rencana/<public_id:plan_id>/sesi/<public_id:item_id>")
@allow(Permission.PLAN_WRITE)
def plan_item_move(plan_id: str, item_id: str) -> ResponseReturnValue:
    """Move a session; what speaks against it is named."""
    _plan, item = _get(db(), plan_id, item_id)
    form = _move_form(db(), item)

    def act(session: Session, plan: SemesterPlan, item: PlanItem) -> None:
        form.check_version(item, _move_form(session, item, formdata=None))
        actions.move(session, actor(), plan, item, form.to_command())

    done = i18n.gettext("Moved and locked. Nothing is sent.")
    return _carry_out(plan_id, item_id, form, act, done)


@bp.post("/rencana/<public_id:plan_id>/sesi/<public_id:item_id>/kunci")
@allow(Permission.PLAN_WRITE)
def plan_item_lock(plan_id: str, item_id: str) -> ResponseReturnValue:
    """Keep a session where it is."""

    def act(session: Session, plan: SemesterPlan, item: PlanItem) -> None:
        actions.set_locked(session, actor(), plan, item, locked=True)

    done = i18n.gettext("Locked. Planning anew leaves it where it is.")
    return _carry_out(plan_id, item_id, PortalForm(), act, done)


@bp.post("/rencana/<public_id:plan_id>/sesi/<public_id:item_id>/lepas")
@allow(Permission.PLAN_WRITE)
def plan_item_release(plan_id: str, item_id: str) -> ResponseReturnValue:
    """Let a session go where planning anew puts it."""

    def act(session: Session, plan: SemesterPlan, item: PlanItem) -> None:
        actions.set_locked(session, actor(), plan, item, locked=False)

    done = i18n.gettext("Released. Planning anew may move it.")
    return _carry_out(plan_id, item_id, PortalForm(), act, done)


def _carry_out(
    plan_id: str, item_id: str, form: PortalForm, act: Act, done: str
) -> ResponseReturnValue:
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                act(session, *_get(session, plan_id, item_id))
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(done, "ok")
            return moved_on(url_for("insight.plan_item", plan_id=plan_id, item_id=item_id))
    return _show(plan_id, item_id, form.reply_status, form)
