"""One appointment: what it is, what came of it, moving and cancelling it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.actions import conferences, serving
from portal.cases.actions.file import begin
from portal.cases.forms.decisions import DecisionForm
from portal.cases.forms.services import (
    CancelForm,
    ChangeForm,
    ConferenceRecordForm,
    InviteForm,
    RecordForm,
)
from portal.cases.models import Case, Service
from portal.cases.queries import conferences as meetings
from portal.cases.queries import decisions
from portal.cases.queries import services as queries
from portal.cases.queries.header import Opened
from portal.cases.routes import shell
from portal.cases.routes.blueprint import bp
from portal.cases.routes.working import worked_on
from portal.cases.states import ServiceKind, ServiceState
from portal.core import i18n
from portal.core.access import Permission
from portal.web.database import reader
from portal.web.forms import PortalForm
from portal.web.guard import actor, allow

Act = Callable[[Session, Case, Service], None]


def show_page(
    case_id: str, service_id: str, status: int = 200, tried: PortalForm | None = None
) -> ResponseReturnValue:
    """Render the page of one appointment, with the form just sent."""

    def fill(reading: Session, opened: Opened) -> dict[str, Any]:
        line = queries.get_line(reading, opened.case.id, service_id) or abort(404)
        service = line.service
        planned = service.state == ServiceState.PLANNED
        conference = service.kind == ServiceKind.CONFERENCE
        guests = meetings.guests_of(reading, service.id) if conference else []
        named = opened.child is not None
        record_form = _record_form(service, guests, named=named)
        change_form = _change_form(reading, opened.case, service)
        context = {
            "line": line,
            "service": service,
            "conference": conference,
            "clashes": queries.clashes(reading, [line]) if planned else {},
            "guests": [(each.person, each.label(named=named)) for each in guests],
            "record_form": tried if isinstance(tried, RecordForm) else record_form,
            "change_form": tried if isinstance(tried, ChangeForm) else change_form,
            "cancel_form": CancelForm.as_sent(tried),
            "button": PortalForm(formdata=None),
            "error_form": tried,
        }
        return context | (_meeting(reading, opened.case, service, tried) if conference else {})

    return shell.show(case_id, "services", "cases/service.html", fill, status=status, tried=tried)


def _meeting(
    reading: Session, case: Case, service: Service, tried: PortalForm | None
) -> dict[str, Any]:
    """Return what the page of a conference shows besides."""
    decision_form = DecisionForm.as_sent(tried)
    decision_form.prepare(case, decisions.bases_in_force(reading))
    invite_form = InviteForm.as_sent(tried)
    invite_form.offer(meetings.colleagues_for(reading, case.id, service.id))
    entries = decisions.of_case(reading, actor(), case)
    return {
        "decision_form": decision_form,
        "invite_form": invite_form,
        "entries": [each for each in entries if each.decision.record_id == service.id],
    }


def _record_form(service: Service, guests: list[meetings.Guest], *, named: bool) -> RecordForm:
    """Return the form for what came of an appointment, filled with what is recorded so far."""
    if service.kind != ServiceKind.CONFERENCE:
        return RecordForm.of(service)
    form = ConferenceRecordForm.of(service)
    form.offer(guests, named=named)
    form.tick(guests)
    return form


def _change_form(reading: Session, case: Case, service: Service) -> ChangeForm:
    goals = queries.goals_for(reading, case.id, service.goal_id)
    return ChangeForm.of(service, goals, queries.holders(reading, case.id, service.held_by))


def found(case_id: str, service_id: str) -> tuple[Case, Service]:
    """Return what a form that was sent is about; 404 for whoever does not work on the case."""
    case = worked_on(case_id)
    return case, queries.get_service(reader(), case.id, service_id) or abort(404)


def carry_out(
    case_id: str, service_id: str, form: PortalForm, act: Act, done: str
) -> ResponseReturnValue:
    """Do what a form of this page asks for and come back to it."""

    def locked(writing: Session, case: Case) -> None:
        # Locked first, so that the version looked at is the one that is changed.
        begin(writing, actor(), case)
        service = queries.get_service(writing, case.id, service_id) or abort(404)
        act(writing, case, service)

    def again(_case_id: str, status: int, tried: PortalForm | None) -> ResponseReturnValue:
        return show_page(case_id, service_id, status, tried)

    back = url_for("cases.service", case_id=case_id, service_id=service_id)
    return shell.carry_out(case_id, form, locked, done, again, back)


@bp.get("/kasus/<public_id:case_id>/layanan/<public_id:service_id>")
@allow(Permission.CASE_LIST)
def service(case_id: str, service_id: str) -> ResponseReturnValue:
    """Show one appointment, and what came of it."""
    return show_page(case_id, service_id)


@bp.post("/kasus/<public_id:case_id>/layanan/<public_id:service_id>/hasil")
@allow(Permission.CASE_WORK)
def record_service(case_id: str, service_id: str) -> ResponseReturnValue:
    """Write down what came of an appointment, or put that right."""
    _case, service = found(case_id, service_id)
    guests = meetings.guests_of(reader(), service.id)
    conference = service.kind == ServiceKind.CONFERENCE
    form = ConferenceRecordForm() if conference else RecordForm()
    if isinstance(form, ConferenceRecordForm):
        form.offer(guests, named=True)

    def act(writing: Session, case: Case, service: Service) -> None:
        now = meetings.guests_of(writing, service.id)
        form.check_version(service, _record_form(service, now, named=True))
        if isinstance(form, ConferenceRecordForm):
            conferences.record(writing, actor(), case, service, form.outcome, form.present())
        else:
            serving.record(writing, actor(), case, service, form.outcome)

    return carry_out(case_id, service_id, form, act, i18n.gettext("Recorded."))


@bp.post("/kasus/<public_id:case_id>/layanan/<public_id:service_id>/ubah")
@allow(Permission.CASE_WORK)
def change_service(case_id: str, service_id: str) -> ResponseReturnValue:
    """Move an appointment, or put right what it is."""
    case, service = found(case_id, service_id)
    form = ChangeForm()
    form.offer(
        queries.goals_for(reader(), case.id, service.goal_id),
        queries.holders(reader(), case.id, service.held_by),
    )

    def act(writing: Session, case: Case, service: Service) -> None:
        form.check_version(service, _change_form(writing, case, service))
        serving.change(writing, actor(), case, service, form.to_appointment())

    return carry_out(case_id, service_id, form, act, i18n.gettext("Saved."))


@bp.post("/kasus/<public_id:case_id>/layanan/<public_id:service_id>/batalkan")
@allow(Permission.CASE_WORK)
def cancel_service(case_id: str, service_id: str) -> ResponseReturnValue:
    """Cancel what was planned."""
    found(case_id, service_id)
    form = CancelForm()

    def act(writing: Session, case: Case, service: Service) -> None:
        serving.cancel(writing, actor(), case, service, form.why.data or "")

    return carry_out(case_id, service_id, form, act, i18n.gettext("Cancelled."))
