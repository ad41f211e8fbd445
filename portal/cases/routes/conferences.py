"""Who comes to a case conference, and what it decides."""

from __future__ import annotations

from flask import abort
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.actions import conferences
from portal.cases.forms.decisions import DecisionForm
from portal.cases.forms.services import InviteForm
from portal.cases.models import Case, Service
from portal.cases.queries import conferences as queries
from portal.cases.queries import decisions
from portal.cases.routes.appointment import carry_out, found
from portal.cases.routes.blueprint import bp
from portal.core import i18n
from portal.core.access import Permission
from portal.web.database import reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow


@bp.post("/kasus/<public_id:case_id>/layanan/<public_id:service_id>/undang")
@allow(Permission.CASE_WORK)
def invite(case_id: str, service_id: str) -> ResponseReturnValue:
    """Write down who is invited to a conference."""
    case, service = found(case_id, service_id)
    form = InviteForm()
    form.offer(queries.colleagues_for(reader(), case.id, service.id))

    def act(writing: Session, case: Case, service: Service) -> None:
        conferences.invite(writing, actor(), case, service, form.to_command())

    return carry_out(case_id, service_id, form, act, i18n.gettext("They are on the list."))


@bp.post(
    "/kasus/<public_id:case_id>/layanan/<public_id:service_id>/undang/<public_id:person_id>/hapus"
)
@allow(Permission.CASE_WORK)
def uninvite(case_id: str, service_id: str, person_id: str) -> ResponseReturnValue:
    """Take somebody off the list of a conference."""
    _case, service = found(case_id, service_id)
    queries.get_guest(reader(), service.id, person_id) or abort(404)

    def act(writing: Session, case: Case, service: Service) -> None:
        person = queries.get_guest(writing, service.id, person_id) or abort(404)
        conferences.uninvite(writing, actor(), case, service, person)

    done = i18n.gettext("They are no longer on the list.")
    return carry_out(case_id, service_id, PortalForm(), act, done)


@bp.post("/kasus/<public_id:case_id>/layanan/<public_id:service_id>/keputusan")
@allow(Permission.CASE_WORK)
def decide_in_conference(case_id: str, service_id: str) -> ResponseReturnValue:
    """Write down what a conference decided."""
    found(case_id, service_id)
    form = DecisionForm()
    form.offer_bases(decisions.bases_in_force(reader()))

    def act(writing: Session, case: Case, service: Service) -> None:
        reasons = form.to_reasons(form.text.data or "")
        conferences.decide(writing, actor(), case, service, reasons)

    done = i18n.gettext("The decision is written down.")
    return carry_out(case_id, service_id, form, act, done)
