"""Semester plans: the list, asking for one, looking at it, sending its offers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.files import XLSX
from portal.insight.actions import plans as actions
from portal.insight.actions import sending
from portal.insight.exports import plans as exports
from portal.insight.forms.plans import SOON, SOON_WEEKS, PlanForm, SendForm
from portal.insight.models import SemesterPlan
from portal.insight.policy.planning import engines
from portal.insight.queries import plan_fits, plan_refusals
from portal.insight.queries import plans as queries
from portal.insight.routes.blueprint import bp
from portal.insight.states import STANDING, PlanState
from portal.visits.queries import programmes as offered
from portal.web import errors
from portal.web.database import database, db, office, reader
from portal.web.download import download
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page, wants_fragment, whole_page_to

Act = Callable[[Session, SemesterPlan], SemesterPlan | None]
BY_WEEK, BY_SCHOOL, WITHOUT = "pekan", "sekolah", "belum"
FIRST_ROWS = 30
# So many reasons are told one by one.
MOST_REASONS = 5


def _list_page(form: PlanForm | None = None, status: int = 200) -> ResponseReturnValue:
    programmes = [each for each in offered.every(reader()) if each.active]
    return page(
        "insight/plans.html",
        status=status,
        plans=queries.listed(reader()),
        form=form or PlanForm.asking(office(), programmes, formdata=None),
        tried=form,
        writes=actor().may(Permission.PLAN_WRITE),
        thorough=engines.available(),
        words=exports,
    )


@bp.get("/rencana")
@allow(Permission.PLAN_READ)
def plans() -> ResponseReturnValue:
    """Show the plans there are, and the form for a new one."""
    return _list_page()


@bp.post("/rencana")
@allow(Permission.PLAN_WRITE)
def plan_ask() -> ResponseReturnValue:
    """Ask for a plan of a semester; it is made by the worker, not here."""
    programmes = [each for each in offered.every(db()) if each.active]
    form = PlanForm.asking(office(), programmes)
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                plan = actions.ask(session, actor(), form.to_command(programmes))
        except Rejected as problem:
            form.attach(problem)
        else:
            return moved_on(url_for("insight.plan", plan_id=plan.public_id))
    return _list_page(form, form.reply_status)


def _get(session: Session, plan_id: str) -> SemesterPlan:
    return queries.get(session, plan_id) or abort(404)


def show_plan(
    plan_id: str, status: int = 200, tried: PortalForm | None = None
) -> ResponseReturnValue:
    """Return the page of a plan, with what was just sent on it."""
    # A reader of its own: the request's began before a form was carried out.
    with database().reader() as reading:
        found = queries.file_of(reading, _get(reading, plan_id))
        if wants_fragment() and found.plan.state != PlanState.SOLVING:
            # It is ready; what asks again and again gets the whole page.
            return whole_page_to(url_for("insight.plan", plan_id=plan_id))
        view = request.args.get("tampil", BY_WEEK)
        return page(
            "insight/plan.html",
            part="insight/_plan_progress.html",
            status=status,
            found=found,
            plan=found.plan,
            view=view if view in (BY_WEEK, BY_SCHOOL, WITHOUT) else BY_WEEK,
            text=request.args.get("cari", "").strip(),
            most=None if request.args.get("semua") == "1" else FIRST_ROWS,
            problems=[
                errors.sentence(each) for each in plan_refusals.problems(reading, found.plan)
            ],
            form=tried,
            send_form=tried if isinstance(tried, SendForm) else SendForm(formdata=None),
            button=PortalForm(formdata=None),
            unheard=actions.unheard(found.plan),
            unfit=plan_fits.unfit(reading, found.plan) if found.plan.state in STANDING else set(),
            writes=actor().may(Permission.PLAN_WRITE),
            words=exports,
        )


@bp.get("/rencana/<public_id:plan_id>")
@allow(Permission.PLAN_READ)
def plan(plan_id: str) -> ResponseReturnValue:
    """Show a plan: how far it is while it is being made, then week by week or by school."""
    return show_plan(plan_id)


@bp.get("/rencana/<public_id:plan_id>.xlsx")
@allow(Permission.PLAN_READ)
def plan_xlsx(plan_id: str) -> ResponseReturnValue:
    """Hand over a plan as a workbook."""
    found = queries.file_of(reader(), _get(reader(), plan_id))
    made = exports.plan_workbook(found, clock.now())
    return download(made, f"rencana-{found.plan.first_on:%Y-%m}.xlsx", XLSX)


def _carry_out(plan_id: str, act: Act, done: str) -> ResponseReturnValue:
    """Do what a button asks for and show the plan it leads to, or what stands against it."""
    form = PortalForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as session:
                shown = act(session, _get(session, plan_id))
                address = shown.public_id if shown else plan_id
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(done, "ok")
            return moved_on(url_for("insight.plan", plan_id=address))
    return show_plan(plan_id, form.reply_status, form)


@bp.post("/rencana/<public_id:plan_id>/henti")
@allow(Permission.PLAN_WRITE)
def plan_stop(plan_id: str) -> ResponseReturnValue:
    """Stop looking for a better plan."""

    def act(session: Session, plan: SemesterPlan) -> None:
        actions.stop(session, actor(), plan)

    return _carry_out(plan_id, act, i18n.gettext("The search ends. The plan found so far stays."))


@bp.post("/rencana/<public_id:plan_id>/ulang")
@allow(Permission.PLAN_WRITE)
def plan_again(plan_id: str) -> ResponseReturnValue:
    """Plan anew around what is locked; the plan stands until the new one is kept."""

    def act(session: Session, plan: SemesterPlan) -> SemesterPlan:
        return actions.ask_again(session, actor(), plan)

    return _carry_out(plan_id, act, i18n.gettext("Being planned anew. Nothing is sent."))


@bp.post("/rencana/<public_id:plan_id>/pakai")
@allow(Permission.PLAN_WRITE)
def plan_keep(plan_id: str) -> ResponseReturnValue:
    """Let a changed plan take the place of the one before."""

    def act(session: Session, plan: SemesterPlan) -> None:
        actions.keep(session, actor(), plan)

    return _carry_out(plan_id, act, i18n.gettext("This plan counts now."))


@bp.post("/rencana/<public_id:plan_id>/singkirkan")
@allow(Permission.PLAN_WRITE)
def plan_drop(plan_id: str) -> ResponseReturnValue:
    """Put a plan aside."""

    def act(session: Session, plan: SemesterPlan) -> SemesterPlan | None:
        actions.drop(session, actor(), plan)
        return session.get(SemesterPlan, plan.follows_id) if plan.follows_id else None

    return _carry_out(plan_id, act, i18n.gettext("The plan is put aside."))


@bp.post("/rencana/<public_id:plan_id>/kirim")
@allow(Permission.PLAN_WRITE)
def plan_send(plan_id: str) -> ResponseReturnValue:
    """Offer sessions to their schools, each in a transaction of its own; a clash stays behind."""
    form = SendForm()
    if not form.validate_on_submit():
        return show_plan(plan_id, form.reply_status, form)
    plan = _get(db(), plan_id)
    until = clock.now() + timedelta(weeks=SOON_WEEKS) if form.which.data == SOON else None
    try:
        sending.check_sendable(db(), plan)
        waiting = sending.waiting(db(), plan, until)
    except Rejected as problem:
        form.attach(problem)
        return show_plan(plan_id, form.reply_status, form)
    reasons = []
    for item_id in waiting:
        with transaction(db()) as session:
            name = sending.school_name(session, item_id)
        try:
            with transaction(db()) as session:
                sending.offer(session, actor(), plan, item_id)
        except Rejected as problem:
            reasons.append(f"{name}: {errors.sentence(problem)}")
    with transaction(db()) as session:
        plan = _get(session, plan_id)
        sending.sent(session, actor(), plan, len(waiting) - len(reasons), len(reasons))
    _tell(len(waiting) - len(reasons), reasons)
    return moved_on(url_for("insight.plan", plan_id=plan_id))


def _tell(offers: int, reasons: list[str]) -> None:
    if offers:
        done = i18n.ngettext("%(num)s offer is sent.", "%(num)s offers are sent.", offers)
        flash(done, "ok")
    elif not reasons:
        flash(i18n.gettext("Nothing of these weeks waits to be offered."), "info")
    for reason in reasons[:MOST_REASONS]:
        flash(reason, "warn")
    more = len(reasons) - MOST_REASONS
    if more > 0:
        flash(
            i18n.ngettext(
                "%(num)s more session could not be offered. Plan anew to find it another time.",
                "%(num)s more sessions could not be offered. Plan anew to find them other times.",
                more,
            ),
            "warn",
        )
