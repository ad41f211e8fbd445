"""The assessment of a child's situation, and its needs."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.actions import assessing
from portal.cases.actions.file import begin
from portal.cases.forms.assessment import GUIDES, AssessForm, FindingsForm, MetForm, NeedForm
from portal.cases.models import Case
from portal.cases.queries import assessments, files
from portal.cases.queries.header import Opened
from portal.cases.queries.words import DOMAINS
from portal.cases.routes import shell
from portal.cases.routes.blueprint import bp
from portal.cases.states import Domain
from portal.core import clock, i18n
from portal.core.access import Permission
from portal.web.database import reader
from portal.web.forms import PortalForm, complaining
from portal.web.guard import actor, allow


def _page(case_id: str, status: int = 200, tried: PortalForm | None = None) -> ResponseReturnValue:
    def fill(reading: Session, opened: Opened) -> dict[str, Any]:
        fields = assessments.picture(reading, opened.case.id)
        worst = max((each.newest.assessment.concern for each in fields if each.newest), default=0)
        return {
            "fields": fields,
            "untouched": [each.domain for each in fields if each.newest is None],
            "worst": worst,
            "worrying": [
                str(DOMAINS[each.domain])
                for each in fields
                if worst and each.newest and each.newest.assessment.concern == worst
            ],
            "need_form": NeedForm.as_sent(tried),
            "met_forms": {
                each.need.id: MetForm.of(each.need, tried) for one in fields for each in one.needs
            },
            "button": PortalForm(formdata=None),
            "error_form": complaining(tried, shown=opened.editable),
        }

    return shell.show(
        case_id, "assessment", "cases/assessment.html", fill, status=status, tried=tried
    )


def _back(case_id: str) -> str:
    return url_for("cases.assessment", case_id=case_id)


def _domain(code: str) -> Domain:
    return Domain(code) if code in set(Domain) else abort(404)


@bp.get("/kasus/<public_id:case_id>/asesmen")
@allow(Permission.CASE_LIST)
def assessment(case_id: str) -> ResponseReturnValue:
    """Show what was found in the five domains, and what the child needs."""
    return _page(case_id)


def _form_page(
    case_id: str, domain: Domain, form: FindingsForm, status: int = 200, *, tried: bool = False
) -> ResponseReturnValue:
    def fill(reading: Session, opened: Opened) -> dict[str, Any]:
        # What was typed stays on the page, also when the case was closed meanwhile.
        if not opened.editable and not tried:
            abort(redirect(_back(case_id), 303))
        fields = assessments.picture(reading, opened.case.id)
        return {
            "field_of": next(each for each in fields if each.domain == domain),
            "guides": GUIDES[domain],
            "form": form,
        }

    return shell.show(case_id, "assessment", "cases/assess.html", fill, status=status)


@bp.get("/kasus/<public_id:case_id>/asesmen/bidang/<domain>")
@allow(Permission.CASE_LIST)
def assess_form(case_id: str, domain: str) -> ResponseReturnValue:
    """Show the form for what was found in a domain."""
    return _form_page(case_id, _domain(domain), AssessForm())


@bp.post("/kasus/<public_id:case_id>/asesmen/bidang/<domain>")
@allow(Permission.CASE_WORK)
def assess(case_id: str, domain: str) -> ResponseReturnValue:
    """Write down what was found in a domain."""
    chosen, form = _domain(domain), AssessForm()

    def act(writing: Session, case: Case) -> None:
        assessing.assess(writing, actor(), case, chosen, form.to_findings(), form.to_needs())

    def again(case_id: str, status: int, _tried: PortalForm | None) -> ResponseReturnValue:
        return _form_page(case_id, chosen, form, status, tried=True)

    return shell.carry_out(case_id, form, act, i18n.gettext("Saved."), again, _back(case_id))


@bp.get("/kasus/<public_id:case_id>/asesmen/<public_id:assessment_id>")
@allow(Permission.CASE_LIST)
def correct_form(case_id: str, assessment_id: str) -> ResponseReturnValue:
    """Show the form that puts today's assessment right."""

    def fill(reading: Session, opened: Opened) -> dict[str, Any]:
        found = assessments.get_assessment(reading, opened.case.id, assessment_id) or abort(404)
        if not opened.editable or not assessments.is_correctable(reading, found):
            abort(redirect(_back(case_id), 303))
        return _correction(reading, opened, assessment_id, FindingsForm.showing(found))

    return shell.show(case_id, "assessment", "cases/assess.html", fill)


def _correction(
    reading: Session, opened: Opened, assessment_id: str, form: FindingsForm
) -> dict[str, Any]:
    found = assessments.get_assessment(reading, opened.case.id, assessment_id) or abort(404)
    fields = assessments.picture(reading, opened.case.id)
    return {
        "field_of": next(each for each in fields if each.domain == found.domain),
        "guides": GUIDES[Domain(found.domain)],
        "form": form,
        "corrected": found,
    }


@bp.post("/kasus/<public_id:case_id>/asesmen/<public_id:assessment_id>")
@allow(Permission.CASE_WORK)
def correct_assessment(case_id: str, assessment_id: str) -> ResponseReturnValue:
    """Put today's assessment right."""
    form = FindingsForm()

    def act(writing: Session, case: Case) -> None:
        begin(writing, actor(), case)
        found = assessments.get_assessment(writing, case.id, assessment_id) or abort(404)
        form.check_version(found, FindingsForm.showing(found, formdata=None))
        assessing.correct(writing, actor(), case, found, form.to_findings())

    def again(case_id: str, status: int, _tried: PortalForm | None) -> ResponseReturnValue:
        def fill(reading: Session, opened: Opened) -> dict[str, Any]:
            return _correction(reading, opened, assessment_id, form)

        return shell.show(case_id, "assessment", "cases/assess.html", fill, status=status)

    return shell.carry_out(case_id, form, act, i18n.gettext("Saved."), again, _back(case_id))


@bp.post("/kasus/<public_id:case_id>/kebutuhan")
@allow(Permission.CASE_WORK)
def add_need(case_id: str) -> ResponseReturnValue:
    """Note something the child or its family needs."""
    form = NeedForm()

    def act(writing: Session, case: Case) -> None:
        domain = Domain(form.domain.data)
        assessing.add_need(writing, actor(), case, domain, form.need.data or "")

    return shell.carry_out(case_id, form, act, i18n.gettext("Saved."), _page, _back(case_id))


@bp.post("/kasus/<public_id:case_id>/kebutuhan/<public_id:need_id>/terpenuhi")
@allow(Permission.CASE_WORK)
def meet_need(case_id: str, need_id: str) -> ResponseReturnValue:
    """Note that a need is met."""
    form = MetForm().about(need_id)
    seen = files.get_file(reader(), actor(), case_id) or abort(404)
    assessments.get_need(reader(), seen.id, need_id) or abort(404)

    def act(writing: Session, case: Case) -> None:
        need = assessments.get_need(writing, case.id, need_id) or abort(404)
        assessing.meet_need(writing, actor(), case, need, form.met_on.data or clock.today())

    return shell.carry_out(case_id, form, act, i18n.gettext("Saved."), _page, _back(case_id))


@bp.post("/kasus/<public_id:case_id>/kebutuhan/<public_id:need_id>/buka")
@allow(Permission.CASE_WORK)
def reopen_need(case_id: str, need_id: str) -> ResponseReturnValue:
    """Note that a need is there again."""

    def act(writing: Session, case: Case) -> None:
        need = assessments.get_need(writing, case.id, need_id) or abort(404)
        assessing.reopen_need(writing, actor(), case, need)

    done = i18n.gettext("The need is open again.")
    return shell.carry_out(case_id, PortalForm(), act, done, _page, _back(case_id))
