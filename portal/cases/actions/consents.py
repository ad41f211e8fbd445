"""Asking a guardian and the child before something is done, and acting without asking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from portal.cases.actions.deciding import Reasons, decide
from portal.cases.actions.file import begin, check_past, write_entry
from portal.cases.models import Case, Consent, Guardian
from portal.cases.queries.decisions import NO, newest_consent
from portal.cases.states import ConsentAbout, ConsentAnswer, DecisionKind, EntryKind
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected


@dataclass(frozen=True)
class Asked:
    """What somebody was asked and said."""

    about: ConsentAbout
    answer: ConsentAnswer
    given_on: date
    guardian_id: UUID | None = None
    reason: str = ""
    child_agrees: bool | None = None
    child_view: str = ""


def record_consent(session: Session, actor: Actor, case: Case, asked: Asked) -> Consent:
    """Write down what a guardian and the child said.

    Raises what `file.begin` raises, Rejected("guardian_kept_out") for a guardian who must hear of
    nothing, Rejected("guardian_needed") where nobody gave the consent, Rejected("ask_child") where
    without a guardian the child did not agree either, Rejected("why_refused") for an answer without
    its reason, Rejected("nothing_to_withdraw"), Rejected("newer_answer") where it would not count,
    or Rejected("in_future").
    """
    begin(session, actor, case)
    check_past(asked.given_on, "given_on")
    guardian = session.get(Guardian, asked.guardian_id) if asked.guardian_id else None
    if guardian is not None and guardian.kept_out:
        raise Rejected("guardian_kept_out", "guardian")
    if asked.answer is ConsentAnswer.GIVEN and guardian is None:
        _check_child(asked)
    if asked.answer in NO:
        _check_no(session, case, asked)
    return _write(session, actor, case, asked, None)


def _check_child(asked: Asked) -> None:
    """Where no guardian could be asked, the child's own word is the only consent there is."""
    if not asked.reason:
        raise Rejected("guardian_needed", "guardian")
    if asked.child_agrees is not True:
        raise Rejected("ask_child", "child_agrees")


def _check_no(session: Session, case: Case, asked: Asked) -> None:
    """Make sure that a refusal has its reason and counts from now on."""
    if not asked.reason:
        raise Rejected("why_refused", "reason")
    before = newest_consent(session, case, asked.about)
    if asked.answer is ConsentAnswer.WITHDRAWN and (
        before is None or before.answer != ConsentAnswer.GIVEN
    ):
        raise Rejected("nothing_to_withdraw", "answer")
    if before is not None and before.answer not in NO and asked.given_on < before.given_on:
        raise Rejected("newer_answer", "given_on")


def act_without_asking(
    session: Session, actor: Actor, case: Case, about: ConsentAbout, reasons: Reasons
) -> Consent:
    """Write down that nobody is asked because that would endanger the child, and what allows it.

    Raises what `file.begin` raises, or Rejected("basis_needed") without a legal basis.
    """
    begin(session, actor, case)
    if not reasons.bases:
        raise Rejected("basis_needed", "bases")
    decision = decide(session, actor, case, DecisionKind.CONSENT_NOT_ASKED, reasons)
    asked = Asked(
        about,
        ConsentAnswer.NOT_ASKED,
        clock.today(),
        None,
        reasons.reason,
        None,
        reasons.child_view,
    )
    return _write(session, actor, case, asked, decision.id)


def _write(
    session: Session, actor: Actor, case: Case, asked: Asked, decision_id: UUID | None
) -> Consent:
    consent = Consent(
        id=new_id(),
        case_id=case.id,
        about=asked.about,
        answer=asked.answer,
        guardian_id=asked.guardian_id,
        reason=asked.reason,
        child_agrees=asked.child_agrees,
        child_view=asked.child_view,
        given_on=asked.given_on,
        recorded_by=actor.user_id,
        recorded_at=clock.now(),
        decision_id=decision_id,
    )
    session.add(consent)
    facts = {"about": str(asked.about), "answer": str(asked.answer)}
    write_entry(session, actor, case, EntryKind.CONSENT, facts=facts, record_id=consent.id)
    return consent
