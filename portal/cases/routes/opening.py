"""Opening a case from a report, from a session at school, or for a child another body sends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import true
from sqlalchemy.orm import Session

from portal.cases import policy
from portal.cases.actions import taking_in
from portal.cases.actions.file import record_reading
from portal.cases.actions.opening import found_by
from portal.cases.actions.taking_in import TakenIn
from portal.cases.forms.known import child_details
from portal.cases.forms.opening import AddReportForm, Door, OpeningForm
from portal.cases.models import Case
from portal.cases.queries import files, opening
from portal.cases.queries.opening import Known, KnownChild
from portal.cases.routes.blueprint import bp
from portal.core import i18n
from portal.core.access import Permission
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.incidents.actions import arriving
from portal.incidents.models import Report
from portal.incidents.policy import hidden_from_school
from portal.incidents.queries import files as reports
from portal.schools.queries import choices
from portal.visits.models import Visit
from portal.visits.queries.visits import get_visit
from portal.web.database import database, db, office, reader
from portal.web.guard import actor, allow
from portal.web.render import moved_on, page

# In the address: the report or the session a case is opened from, and the case of a sibling.
REPORT, VISIT, SIBLING = "laporan", "kunjungan", "saudara"


@bp.app_template_global()
def cases_from_report(report_id: UUID) -> list[Known] | None:
    """Return the cases a report belongs to; None for whoever may open none from it."""
    if not actor().may(Permission.CASE_OPEN):
        return None
    return opening.cases_of_report(reader(), actor(), report_id)


@bp.app_template_global()
def opens_case_from(visit: Visit) -> bool:
    """Say whether the reader may open a case from a session: it took place, and it was theirs."""
    return policy.may_open_from(actor(), visit)


@bp.get("/kasus/baru")
@allow(Permission.CASE_OPEN)
def open_form() -> ResponseReturnValue:
    """Ask for the little a case begins with; what is known already stands there."""
    door = _door(reader())
    return _form_page(_started(door), door)


@bp.post("/kasus/baru")
@allow(Permission.CASE_OPEN)
def open_case() -> ResponseReturnValue:
    """Open a case with its first task, or go on with the one there is."""
    door = _door(reader())
    form = OpeningForm()
    form.offer(door, office()["caseload_limit"])
    known: list[KnownChild] = []
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                command = form.to_command(_within(writing, door))
                taken = taking_in.take_in(writing, actor(), command)
        except Rejected as problem:
            if problem.code == "case_of_report":
                return _led_to_case(door)
            form.attach(problem)
            if problem.code == "child_known" or form.same_child.data:
                known = _known(form, door)
        else:
            return _gone_on(taken)
    return _form_page(form, door, status=form.reply_status, known=known)


@bp.post("/kasus/baru/tambahkan")
@allow(Permission.CASE_OPEN)
def add_report() -> ResponseReturnValue:
    """Let a report belong to a case that is open already."""
    door = _door(reader())
    if door.report is None:
        abort(404)
    form = AddReportForm()
    if form.validate_on_submit():
        try:
            with transaction(db()) as writing:
                report = _report(writing) or abort(404)
                typed = form.case_number.data or ""
                case = taking_in.add_to_case(writing, actor(), report, typed)
        except Rejected as problem:
            form.attach(problem)
        else:
            return _gone_on(TakenIn(case, opened=False))
    return _form_page(_started(door), door, status=form.reply_status, adding=form)


def _door(session: Session) -> Door:
    """Return by which door this request comes; 404 for a report, session or case not theirs."""
    report, sibling = _report(session), _sibling(session)
    if sibling is not None:
        # Its words and guardians are taken over.
        with database().side_write() as writing:
            record_reading(writing, actor(), sibling.id, page="sibling")
    return Door(
        schools=choices(session, true()),
        people=opening.possible_managers(session, actor(), report),
        report=report,
        visit=_visit(session),
        sibling=sibling,
    )


def _within(session: Session, door: Door) -> Door:
    """Return a door with its records as this session reads them."""
    return replace(door, report=_report(session), sibling=_sibling(session))


def _report(session: Session) -> Report | None:
    asked = request.args.get(REPORT)
    if not asked:
        return None
    report = reports.get_file(session, actor(), asked) or abort(404)
    return report if reports.works_on(session, actor(), report.id) else abort(404)


def _visit(session: Session) -> Visit | None:
    asked = request.args.get(VISIT)
    if not asked:
        return None
    found = get_visit(session, actor(), asked) or abort(404)
    return found.visit if opens_case_from(found.visit) else abort(404)


def _sibling(session: Session) -> Case | None:
    asked = request.args.get(SIBLING)
    if not asked:
        return None
    case = files.get_file(session, actor(), asked) or abort(404)
    return case if files.knows_name(session, actor(), case.id) else abort(404)


def _cases(door: Door) -> list[Known]:
    return opening.cases_of_report(reader(), actor(), door.report.id) if door.report else []


def _started(door: Door) -> OpeningForm:
    """Return the form as it begins, with what the report tells; that it is read is recorded."""
    if door.report is not None:
        with database().side_write() as writing:
            arriving.record_reading(writing, actor(), door.report.id, case=True)
    most = office()["caseload_limit"]
    form = OpeningForm(formdata=None)
    form.offer(door, most)
    usual = opening.usual_manager(actor(), door.people, most)
    form.start(door, office(), usual, (each.public_id for each in _cases(door)))
    return form


def _known(form: OpeningForm, door: Door) -> list[KnownChild]:
    """Return the children it may be; whoever is shown that one is known leaves a trace."""
    wanted = found_by(form.to_command(door).case)
    known = opening.known_children(reader(), actor(), *wanted)
    with database().side_write() as writing:
        for each in (case for child in known for case in child.cases):
            record_reading(writing, actor(), each.id, page="same_child")
    form.ask_which(known)
    return known


def _form_page(
    form: OpeningForm,
    door: Door,
    *,
    status: int = 200,
    known: Sequence[KnownChild] = (),
    adding: AddReportForm | None = None,
) -> ResponseReturnValue:
    return page(
        "cases/open.html",
        status=status,
        form=form,
        door=door,
        cases=_cases(door),
        hides_school=door.report is not None and hidden_from_school(door.report),
        asked=_asked(),
        known=known,
        details=child_details(known),
        adding=adding or AddReportForm(formdata=None),
    )


def _asked(**more: str) -> dict[str, Any]:
    """Return the part of the address that says where the child comes from."""
    names = (REPORT, VISIT, SIBLING)
    return {**{name: request.args[name] for name in names if request.args.get(name)}, **more}


def _led_to_case(door: Door) -> ResponseReturnValue:
    """Go on to the case a colleague opened from the same report meanwhile."""
    with database().reader() as reading:
        cases = opening.cases_of_report(reading, actor(), door.report.id) if door.report else []
    newest = cases[-1] if cases else abort(404)
    flash(
        i18n.gettext(
            "A colleague has just opened case %(number)s from this report.", number=newest.number
        ),
        "info",
    )
    to = url_for("cases.show", case_id=newest.public_id) if newest.listed else _back()
    return moved_on(to)


def _gone_on(taken: TakenIn) -> ResponseReturnValue:
    """Go on to the case, to one for a sibling, or back where the reader came from."""
    case = taken.case
    with database().reader() as reading:
        opens = files.get_file(reading, actor(), case.public_id) is not None
        named = files.knows_name(reading, actor(), case.id)
    flash(_done_words(taken, opens=opens), "ok")
    if opens and taken.opened and request.form.get("next") == SIBLING:
        if named:
            return moved_on(url_for("cases.open_form", **_asked(saudara=case.public_id)))
        flash(i18n.gettext("Whoever works on this case now opens the one for the sibling."), "info")
    return moved_on(url_for("cases.show", case_id=case.public_id) if opens else _back())


def _back() -> str:
    asked = _asked()
    with database().reader() as reading:
        report = reports.get_file(reading, actor(), asked.get(REPORT, ""))
    if report is not None:
        return url_for("incidents.report", report_id=asked[REPORT])
    if VISIT in asked:
        return url_for("visits.show", visit_id=asked[VISIT])
    return url_for("cases.index")


def _done_words(taken: TakenIn, *, opens: bool) -> str:
    number = taken.case.number
    if taken.opened and taken.case.manager_id is None:
        return i18n.gettext(
            "Case %(number)s is open. A coordinator gives it to a case manager.", number=number
        )
    if taken.opened:
        return i18n.gettext("Case %(number)s is open, with its first task.", number=number)
    if opens:
        return i18n.gettext("It belongs to case %(number)s now.", number=number)
    return i18n.gettext("It belongs to the open case of this child now; its manager reads it.")
