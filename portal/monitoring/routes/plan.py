"""A return-to-school plan as the school reads it: on a phone, acknowledged, and on paper."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.cases.actions.file import record_export
from portal.cases.models import Case
from portal.cases.queries import files
from portal.core import audit, clock, i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.files import PDF
from portal.monitoring.actions import plans as actions
from portal.monitoring.exports.plan import plan_pdf as made_pdf
from portal.monitoring.forms.plans import AcknowledgeForm
from portal.monitoring.models import ReturnPlan
from portal.monitoring.queries import plan_words as words
from portal.monitoring.queries import plans
from portal.monitoring.routes.blueprint import bp
from portal.schools.models import School
from portal.web.database import database, db, office, reader
from portal.web.download import download
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow, fresh
from portal.web.render import moved_on, page

SUBJECT = "return_plan"


def _found(plan_id: str) -> ReturnPlan:
    """Return a plan the reader may read now, after noting that they do, or end with 404."""
    plan = plans.get_readable(reader(), actor(), plan_id) or abort(404)
    # It comes before anything is shown; if it cannot be written, nothing is.
    with database().side_write() as writing:
        audit.record_read(writing, actor(), SUBJECT, plan.id)
    return plan


def _page(plan_id: str, status: int = 200, tried: PortalForm | None = None) -> ResponseReturnValue:
    _found(plan_id)
    # A reader of its own: the request's began before a form was carried out.
    with database().reader() as reading:
        plan = plans.get_readable(reading, actor(), plan_id) or abort(404)
        read = plans.readers_of(reading, [plan.id]).get(plan.id, [])
        return page(
            "monitoring/plan.html",
            status=status,
            plan=plan,
            school=reading.get_one(School, plan.school_id),
            mine=next((each for each in read if each.user.id == actor().user_id), None),
            others=[each for each in read if each.user.id != actor().user_id],
            changed=plans.changed_fields(plan, plans.before(reading, plan)),
            ack_by=plans.acknowledge_by(reading, plan, read),
            today=clock.today(),
            form=AcknowledgeForm.as_sent(tried),
        )


@bp.app_template_global()
def plan_words() -> Any:
    """Return what the parts of a plan are called, and their order: `plan_words().TITLES[name]`."""
    return words


@bp.get("/rencana-kembali/<public_id:plan_id>")
@allow(Permission.RETURN_PLAN_READ)
def plan(plan_id: str) -> ResponseReturnValue:
    """Show what the school must know so that a child can come back safely."""
    return _page(plan_id)


@bp.post("/rencana-kembali/<public_id:plan_id>/terima")
@allow(Permission.RETURN_PLAN_READ)
def acknowledge(plan_id: str) -> ResponseReturnValue:
    """Note that somebody read it, and what they ask or add."""
    plans.get_readable(reader(), actor(), plan_id) or abort(404)
    form = AcknowledgeForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                found = plans.get_readable(writing, actor(), plan_id) or abort(404)
                actions.acknowledge(writing, actor(), found, form.words.data or "")
        except Rejected as problem:
            form.attach(problem)
        else:
            flash(_thanks(form), "ok")
            return moved_on(url_for("monitoring.plan", plan_id=plan_id))
    return _page(plan_id, form.reply_status, form)


def _thanks(form: AcknowledgeForm) -> str:
    if form.words.data:
        return i18n.gettext("Thank you. The case manager reads it.")
    return i18n.gettext("Thank you. The case manager sees that you have read it.")


@bp.get("/rencana-kembali/<public_id:plan_id>/cetak.pdf")
@allow(Permission.RETURN_PLAN_READ)
@fresh
def plan_pdf(plan_id: str) -> ResponseReturnValue:
    """Hand out the plan on one page, for whoever reads it."""
    found = _found(plan_id)
    return _on_paper(found, reader().get_one(Case, found.case_id))


@bp.get("/kasus/<public_id:case_id>/kembali-sekolah/<public_id:plan_id>/cetak.pdf")
@allow(Permission.CASE_LIST)
@fresh
def print_plan(case_id: str, plan_id: str) -> ResponseReturnValue:
    """Hand out a plan on one page to the office, for whoever knows the child's name."""
    case = files.get_file(reader(), actor(), case_id) or abort(404)
    if not files.knows_name(reader(), actor(), case.id):
        abort(404)
    return _on_paper(plans.get_plan(reader(), case, plan_id) or abort(404), case)


def _on_paper(plan: ReturnPlan, case: Case) -> ResponseReturnValue:
    with database().side_write() as writing:
        record_export(writing, actor(), case, SUBJECT)
    school = reader().get_one(School, plan.school_id)
    content = made_pdf(plan, school.name, office()["office_name"], actor().name, clock.now())
    return download(content, f"{i18n.gettext('return-to-school-plan')}.pdf", PDF)
