"""The decisions about a case, and what was consented to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.actions import consents, deciding
from portal.cases.actions.file import begin
from portal.cases.forms.decisions import (
    AnswerForm,
    ConsentForm,
    DecisionForm,
    NotAskedForm,
    SendBackForm,
)
from portal.cases.models import Case, Decision
from portal.cases.queries import decisions as queries
from portal.cases.queries import files, identity
from portal.cases.queries.header import Opened
from portal.cases.routes import shell
from portal.cases.routes.blueprint import bp
from portal.cases.states import ConsentAbout, DecisionKind
from portal.core import i18n
from portal.core.access import Actor, Permission
from portal.web.database import reader
from portal.web.forms import PortalForm, complaining
from portal.web.guard import actor, allow

F = TypeVar("F", bound=AnswerForm)
Answer = Callable[[Session, Actor, Case, Decision, str], None]


def _answer_forms(
    entries: list[queries.Entry], tried: PortalForm | None
) -> dict[str, tuple[AnswerForm, SendBackForm]]:
    """Return the two forms of each decision that waits for the reader."""

    def shown(kind: type[F], decision_id: str) -> F:
        fresh = kind(formdata=None, known_as=f"{kind.verb}-{decision_id}")
        if isinstance(tried, kind) and tried.answer.id == fresh.answer.id:
            return tried
        return fresh

    ids = [each.decision.public_id for each in entries if each.answers]
    return {each: (shown(AnswerForm, each), shown(SendBackForm, each)) for each in ids}


def _page(case_id: str, status: int = 200, tried: PortalForm | None = None) -> ResponseReturnValue:
    def fill(reading: Session, opened: Opened) -> dict[str, Any]:
        bases = queries.bases_in_force(reading)
        decision_form = DecisionForm.as_sent(tried)
        not_asked_form = NotAskedForm.as_sent(tried)
        for form in (decision_form, not_asked_form):
            form.prepare(opened.case, bases)
        consent_form = ConsentForm.as_sent(tried)
        named = opened.child is not None
        consent_form.offer(identity.askable(reading, opened.case, named=named))
        entries = queries.of_case(reading, actor(), opened.case)
        answer_forms = _answer_forms(entries, tried)
        answered = any(tried is each for pair in answer_forms.values() for each in pair)
        return {
            "entries": entries,
            "consents": queries.consents_of(reading, actor(), opened.case),
            "decision_form": decision_form,
            "not_asked_form": not_asked_form,
            "consent_form": consent_form,
            "answer_forms": answer_forms,
            "button": PortalForm(formdata=None),
            "error_form": complaining(tried, shown=opened.editable or answered),
        }

    return shell.show(
        case_id, "decisions", "cases/decisions.html", fill, status=status, tried=tried
    )


def _back(case_id: str) -> str:
    return url_for("cases.decisions", case_id=case_id)


@bp.get("/kasus/<public_id:case_id>/keputusan")
@allow(Permission.CASE_LIST)
def decisions(case_id: str) -> ResponseReturnValue:
    """Show what waits for a word, what was decided, and what was consented to."""
    return _page(case_id)


@bp.post("/kasus/<public_id:case_id>/keputusan")
@allow(Permission.CASE_WORK)
def add_decision(case_id: str) -> ResponseReturnValue:
    """Write down a decision that needs nobody else's word."""
    form = DecisionForm()
    form.offer_bases(queries.bases_in_force(reader()))

    def act(writing: Session, case: Case) -> None:
        begin(writing, actor(), case)
        reasons = form.to_reasons(form.text.data or "")
        deciding.decide(writing, actor(), case, DecisionKind.OTHER, reasons)

    done = i18n.gettext("The decision is written down.")
    return shell.carry_out(case_id, form, act, done, _page, _back(case_id))


def _answer(
    case_id: str, decision_id: str, kind: type[AnswerForm], verb: Answer, done: str
) -> ResponseReturnValue:
    form = kind(known_as=f"{kind.verb}-{decision_id}")

    def act(writing: Session, case: Case) -> None:
        decision = queries.get_decision(writing, case, decision_id) or abort(404)
        verb(writing, actor(), case, decision, form.answer.data or "")

    return shell.carry_out(case_id, form, act, done, _page, _back(case_id))


@bp.post("/kasus/<public_id:case_id>/keputusan/<public_id:decision_id>/setujui")
@allow(Permission.CASE_PLAN_APPROVE)
def approve(case_id: str, decision_id: str) -> ResponseReturnValue:
    """Agree to a proposal."""
    done = i18n.gettext("Approved. The case manager sees it now.")
    return _answer(case_id, decision_id, AnswerForm, deciding.approve, done)


@bp.post("/kasus/<public_id:case_id>/keputusan/<public_id:decision_id>/kembalikan")
@allow(Permission.CASE_PLAN_APPROVE)
def send_back(case_id: str, decision_id: str) -> ResponseReturnValue:
    """Ask for something better."""
    done = i18n.gettext("Sent back. The case manager reads your words.")
    return _answer(case_id, decision_id, SendBackForm, deciding.send_back, done)


@bp.post("/kasus/<public_id:case_id>/keputusan/<public_id:decision_id>/tarik")
@allow(Permission.CASE_WORK)
def withdraw(case_id: str, decision_id: str) -> ResponseReturnValue:
    """Take a proposal back."""

    def act(writing: Session, case: Case) -> None:
        decision = queries.get_decision(writing, case, decision_id) or abort(404)
        deciding.withdraw(writing, actor(), case, decision)

    done = i18n.gettext("Taken back.")
    return shell.carry_out(case_id, PortalForm(), act, done, _page, _back(case_id))


@bp.post("/kasus/<public_id:case_id>/persetujuan")
@allow(Permission.CASE_WORK)
def add_consent(case_id: str) -> ResponseReturnValue:
    """Write down what a guardian and the child said."""
    form = ConsentForm()
    case = files.get_file(reader(), actor(), case_id) or abort(404)
    form.offer(identity.askable(reader(), case, named=False))

    def act(writing: Session, case: Case) -> None:
        consents.record_consent(writing, actor(), case, form.to_command())

    return shell.carry_out(case_id, form, act, i18n.gettext("Saved."), _page, _back(case_id))


@bp.post("/kasus/<public_id:case_id>/tanpa-persetujuan")
@allow(Permission.CASE_WORK)
def act_without_asking(case_id: str) -> ResponseReturnValue:
    """Write down why a guardian is not asked."""
    form = NotAskedForm()
    form.offer_bases(queries.bases_in_force(reader()))

    def act(writing: Session, case: Case) -> None:
        about = ConsentAbout(form.about.data)
        consents.act_without_asking(writing, actor(), case, about, form.to_reasons())

    done = i18n.gettext("The decision is written down.")
    return shell.carry_out(case_id, form, act, done, _page, _back(case_id))
