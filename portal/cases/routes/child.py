"""Who the child is: its facts, its schools, its guardians, what it wants, cases beside this one."""

from __future__ import annotations

from typing import Any

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import true
from sqlalchemy.orm import Session

from portal.cases.actions import identity as actions
from portal.cases.actions import linking
from portal.cases.actions.file import begin
from portal.cases.forms import child as forms
from portal.cases.forms.reveal import RevealForm
from portal.cases.models import Case, Child
from portal.cases.queries import files, identity
from portal.cases.queries.header import Opened
from portal.cases.routes import shell
from portal.cases.routes.blueprint import bp
from portal.cases.states import CaseRelation
from portal.core import clock, i18n
from portal.core.access import Permission
from portal.schools.queries import choices
from portal.web.database import reader
from portal.web.forms import PortalForm, VersionedForm, complaining
from portal.web.guard import actor, allow


def child_page(
    case_id: str, status: int = 200, tried: PortalForm | None = None
) -> ResponseReturnValue:
    """Render the tab; without the child's name for whoever may not know it."""

    def fill(reading: Session, opened: Opened) -> dict[str, Any]:
        case = opened.case
        return {
            "advice": identity.advice_of(case),
            "abh_bases": identity.abh_bases(reading) if case.abh else [],
            "linked": identity.linked_to(reading, actor(), case),
            "same_child": identity.same_child(reading, actor(), case),
            "button": PortalForm(formdata=None),
            "error_form": complaining(tried, shown=_is_shown(opened, tried)),
            **(_known(reading, case, opened.child) if opened.child else _closed(tried)),
            **(_forms(reading, opened, tried) if opened.editable else {}),
        }

    return shell.show(case_id, "child", "cases/child.html", fill, status=status, tried=tried)


def _known(reading: Session, case: Case, child: Child) -> dict[str, Any]:
    """Return what only those who know the child's name see."""
    guardians = files.guardians_of(reading, case.child_id)
    age = identity.age_of(child.born, clock.today())
    return {
        "born": identity.born_in_words(child.born),
        "age": age.years if age and age.exact else None,
        "sexes": forms.SEXES,
        "schools": identity.schools_of(reading, case.child_id),
        "guardians": guardians,
        "kept_out": [each for each in guardians if each.kept_out],
        "former": identity.former_guardians(reading, case.child_id),
    }


def _is_shown(opened: Opened, tried: PortalForm | None) -> bool:
    asks_for_name = isinstance(tried, RevealForm)
    return opened.child is None if asks_for_name else opened.editable


def _closed(tried: PortalForm | None) -> dict[str, Any]:
    return {"reveal_form": RevealForm.as_sent(tried)}


def _forms(reading: Session, opened: Opened, tried: PortalForm | None) -> dict[str, Any]:
    """Return the forms of whoever works on the case, the one just sent as it was sent."""
    school_form = forms.SchoolForm.as_sent(tried)
    school_form.offer(choices(reading, true()))
    case = opened.case
    return {
        "child_form": forms.ChildForm.shown(opened.child, tried),
        "school_form": school_form,
        "guardian_form": forms.GuardianForm.as_sent(tried),
        "wishes_form": forms.WishesForm.shown(case, tried),
        "abh_form": forms.AbhForm.shown(case, tried),
        "advice_form": forms.AdviceForm.shown(case, tried),
        "link_form": forms.CaseLinkForm.as_sent(tried),
    }


def _back(case_id: str) -> str:
    return url_for("cases.child", case_id=case_id)


def _carry_out(
    case_id: str, form: PortalForm, act: shell.Act, done: str = ""
) -> ResponseReturnValue:
    done = done or i18n.gettext("Saved.")
    return shell.carry_out(case_id, form, act, done, child_page, _back(case_id))


@bp.get("/kasus/<public_id:case_id>/anak")
@allow(Permission.CASE_LIST)
def child(case_id: str) -> ResponseReturnValue:
    """Show who the child is, as far as the reader may know."""
    return child_page(case_id)


@bp.post("/kasus/<public_id:case_id>/anak")
@allow(Permission.CASE_WORK)
def change_child(case_id: str) -> ResponseReturnValue:
    """Correct what is known of the child."""
    form = forms.ChildForm()

    def act(writing: Session, case: Case) -> None:
        begin(writing, actor(), case)
        known = files.child_of(writing, case)
        form.check_version(known, forms.ChildForm.showing(known, formdata=None))
        actions.change_child(writing, actor(), case, form.to_command())

    return _carry_out(case_id, form, act)


@bp.post("/kasus/<public_id:case_id>/anak/sekolah")
@allow(Permission.CASE_WORK)
def move_school(case_id: str) -> ResponseReturnValue:
    """Let the child go to another school or class."""
    form = forms.SchoolForm()
    form.offer(choices(reader(), true()))

    def act(writing: Session, case: Case) -> None:
        actions.move_school(writing, actor(), case, form.to_command())

    return _carry_out(case_id, form, act)


@bp.post("/kasus/<public_id:case_id>/anak/wali")
@allow(Permission.CASE_WORK)
def add_guardian(case_id: str) -> ResponseReturnValue:
    """Write down somebody who answers for the child."""
    form = forms.GuardianForm()

    def act(writing: Session, case: Case) -> None:
        actions.add_guardian(writing, actor(), case, form.to_command())

    return _carry_out(case_id, form, act)


@bp.post("/kasus/<public_id:case_id>/anak/kepentingan")
@allow(Permission.CASE_WORK)
def record_wishes(case_id: str) -> ResponseReturnValue:
    """Write down what the child wants and what serves it best."""
    form = forms.WishesForm()

    def act(writing: Session, case: Case) -> None:
        _check(writing, case, form, forms.WishesForm.showing(case, formdata=None))
        best, view = form.best_interests.data or "", form.child_view.data or ""
        actions.record_wishes(writing, actor(), case, best, view)

    return _carry_out(case_id, form, act)


@bp.post("/kasus/<public_id:case_id>/anak/abh")
@allow(Permission.CASE_WORK)
def record_abh(case_id: str) -> ResponseReturnValue:
    """Mark the child as one in conflict with the law, or take the mark back."""
    form = forms.AbhForm()

    def act(writing: Session, case: Case) -> None:
        _check(writing, case, form, forms.AbhForm.showing(case, formdata=None))
        actions.record_abh(writing, actor(), case, form.abh.data or "")

    return _carry_out(case_id, form, act)


@bp.post("/kasus/<public_id:case_id>/anak/hak")
@allow(Permission.CASE_WORK)
def record_advice(case_id: str) -> ResponseReturnValue:
    """Write down what an adviser on children's rights said."""
    form = forms.AdviceForm()

    def act(writing: Session, case: Case) -> None:
        _check(writing, case, form, forms.AdviceForm.showing(case, formdata=None))
        day, adviser = form.adviser_on.data or clock.today(), form.adviser.data or ""
        actions.record_advice(writing, actor(), case, day, adviser, form.advice.data or "")

    return _carry_out(case_id, form, act)


def _check(writing: Session, case: Case, form: VersionedForm, shown: VersionedForm) -> None:
    """Lock the case, so that the version looked at is the one that is changed."""
    begin(writing, actor(), case)
    form.check_version(case, shown)


@bp.post("/kasus/<public_id:case_id>/anak/kasus-lain")
@allow(Permission.CASE_WORK)
def link_case(case_id: str) -> ResponseReturnValue:
    """Note that another case belongs to this one."""
    form = forms.CaseLinkForm()

    def act(writing: Session, case: Case) -> None:
        relation = CaseRelation(form.case_relation.data)
        linking.link(writing, actor(), case, form.case_number.data or "", relation)

    return _carry_out(case_id, form, act, i18n.gettext("Both cases name each other now."))


@bp.post("/kasus/<public_id:case_id>/anak/kasus-lain/<public_id:other_id>/lepas")
@allow(Permission.CASE_WORK)
def unlink_case(case_id: str, other_id: str) -> ResponseReturnValue:
    """Take back that two cases belong together."""
    identity.get_known(reader(), actor(), other_id) or abort(404)

    def act(writing: Session, case: Case) -> None:
        other = identity.get_known(writing, actor(), other_id) or abort(404)
        linking.unlink(writing, actor(), case, other)

    return _carry_out(case_id, PortalForm(), act)
