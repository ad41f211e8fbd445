"""What is planned and done for a child, and writing it down."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.actions import serving
from portal.cases.forms.services import AppointmentForm, PastForm, PlanForm
from portal.cases.models import Case
from portal.cases.queries import files
from portal.cases.queries import services as queries
from portal.cases.queries.header import Opened
from portal.cases.routes import shell
from portal.cases.routes.blueprint import bp
from portal.cases.routes.working import worked_on
from portal.core import i18n
from portal.core.access import Permission
from portal.web import paging
from portal.web.database import reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow


def _page(case_id: str, status: int = 200, tried: PortalForm | None = None) -> ResponseReturnValue:
    def fill(reading: Session, opened: Opened) -> dict[str, Any]:
        case = opened.case
        after, _before = paging.position(paging.moment, UUID)
        planned = queries.planned(reading, case.id)
        over = queries.history(reading, case.id, after)
        forms: dict[str, AppointmentForm] = {
            "plan_form": PlanForm.as_sent(tried),
            "past_form": PastForm.as_sent(tried),
        }
        for form in forms.values():
            _offer(reading, case, form)
            if form is not tried:
                form.begin_new(actor().user_id)
        return {
            **forms,
            "waiting": [line for line in planned if line.waits],
            "coming": [line for line in planned if not line.waits],
            "clashes": queries.clashes(reading, planned),
            "over": over.lines,
            "later": after is not None,
            "next_url": paging.link(paging.AFTER, over.after),
            "totals": queries.totals(reading, case.id),
            "kept_out": any(each.kept_out for each in files.guardians_of(reading, case.child_id)),
            "error_form": tried,
        }

    return shell.show(case_id, "services", "cases/services.html", fill, status=status, tried=tried)


def _offer(reading: Session, case: Case, form: AppointmentForm) -> None:
    form.offer(queries.goals_for(reading, case.id), queries.holders(reading, case.id))


def _back(case_id: str) -> str:
    return url_for("cases.services", case_id=case_id)


@bp.get("/kasus/<public_id:case_id>/layanan")
@allow(Permission.CASE_LIST)
def services(case_id: str) -> ResponseReturnValue:
    """Show what is to be recorded, what comes, and what was done."""
    return _page(case_id)


@bp.post("/kasus/<public_id:case_id>/layanan/rencanakan")
@allow(Permission.CASE_WORK)
def plan_service(case_id: str) -> ResponseReturnValue:
    """Plan an appointment."""
    form = PlanForm()
    _offer(reader(), worked_on(case_id), form)

    def act(writing: Session, case: Case) -> None:
        serving.plan(writing, actor(), case, form.to_appointment())

    return shell.carry_out(case_id, form, act, i18n.gettext("Planned."), _page, _back(case_id))


@bp.post("/kasus/<public_id:case_id>/layanan/catat")
@allow(Permission.CASE_WORK)
def record_past_service(case_id: str) -> ResponseReturnValue:
    """Write down something that happened already."""
    form = PastForm()
    _offer(reader(), worked_on(case_id), form)

    def act(writing: Session, case: Case) -> None:
        held = form.to_appointment()
        serving.record_past(writing, actor(), case, held, form.to_outcome(held.minutes))

    return shell.carry_out(case_id, form, act, i18n.gettext("Recorded."), _page, _back(case_id))
