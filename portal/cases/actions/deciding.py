"""Decisions about a case: with a reason, what serves the child best, and what the child thinks.

Some are made by whoever works on the case; others wait for the word of somebody who does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.actions.file import begin, lock, write_entry
from portal.cases.actions.peace import check_peace
from portal.cases.actions.waiting import RETURNED, close_word, wait_for_better, wait_for_word
from portal.cases.events import DecisionMade, DecisionProposed
from portal.cases.models import Case, Decision, DecisionBasis, LegalBasis
from portal.cases.queries import files
from portal.cases.states import (
    APPROVALS,
    CaseState,
    DecisionKind,
    DecisionState,
    EntryKind,
)
from portal.core import clock, duties
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit


@dataclass(frozen=True)
class Reasons:
    """Why something is decided; every decision has all of it."""

    reason: str
    best_interests: str
    child_view: str
    text: str = ""
    bases: tuple[UUID, ...] = ()


def decide(
    session: Session,
    actor: Actor,
    case: Case,
    kind: DecisionKind,
    reasons: Reasons,
    *,
    record_id: UUID | None = None,
    outcome: str = "",
) -> Decision:
    """Write a decision down: made at once, or proposed where it needs somebody else's word.

    The case is locked by the caller (`file.begin`). Raises what `check_peace` raises, or
    Rejected("decision_waits") while one of the same kind about the same record waits already.
    """
    check_peace(case, reasons.text)
    waits = kind in APPROVALS
    if waits and _waiting(session, case, kind, record_id) is not None:
        raise Rejected("decision_waits")
    decision = _written(actor, case, kind, reasons)
    decision.record_id, decision.outcome = record_id, outcome
    session.add(decision)
    session.flush()
    _rest_on(session, decision, reasons.bases)
    _note(session, actor, case, decision)
    if waits:
        duties.close_duties(session, case.id, RETURNED)
        wait_for_word(session, case, kind, actor.user_id)
        emit(session, actor, DecisionProposed(case.id, kind, decision.id))
    else:
        emit(session, actor, DecisionMade(case.id, kind, decision.id, decision.state))
    return decision


def _written(actor: Actor, case: Case, kind: DecisionKind, reasons: Reasons) -> Decision:
    waits, moment = kind in APPROVALS, clock.now()
    return Decision(
        id=new_id(),
        case_id=case.id,
        kind=kind,
        state=DecisionState.PROPOSED if waits else DecisionState.MADE,
        text=reasons.text,
        reason=reasons.reason,
        best_interests=reasons.best_interests,
        child_view=reasons.child_view,
        proposed_by=actor.user_id,
        proposed_at=moment,
        decided_by=None if waits else actor.user_id,
        decided_at=None if waits else moment,
    )


def _rest_on(session: Session, decision: Decision, bases: tuple[UUID, ...]) -> None:
    known = select(LegalBasis.id).where(LegalBasis.id.in_(bases))
    session.add_all(
        DecisionBasis(decision_id=decision.id, basis_id=each) for each in session.scalars(known)
    )


def approve(session: Session, actor: Actor, case: Case, decision: Decision, answer: str) -> None:
    """Agree to a proposed decision; what follows from it hears of `DecisionMade`.

    Raises what `_judge` raises.
    """
    _judge(session, actor, case, decision, "approve", answer)


def send_back(session: Session, actor: Actor, case: Case, decision: Decision, answer: str) -> None:
    """Ask for something better, in words; raises what `_judge` raises."""
    _judge(session, actor, case, decision, "return", answer)
    wait_for_better(session, case)


def withdraw(session: Session, actor: Actor, case: Case, decision: Decision) -> None:
    """Take a proposal back; raises what `file.begin` and moving raise."""
    begin(session, actor, case)
    session.refresh(decision)
    decision.move(actor, "withdraw")
    decision.decided_by, decision.decided_at = actor.user_id, clock.now()
    _settle(session, actor, case, decision)


def lapse_all(session: Session, actor: Actor, case: Case) -> None:
    """Let every proposal lapse, because its case ends; whoever ends it works on nothing in it."""
    waiting = select(Decision).where(
        Decision.case_id == case.id, Decision.state == DecisionState.PROPOSED
    )
    for decision in session.scalars(waiting).all():
        decision.follow(frozenset({DecisionState.PROPOSED}), DecisionState.WITHDRAWN)
        decision.decided_by, decision.decided_at = actor.user_id, clock.now()
        _settle(session, actor, case, decision)


def _judge(
    session: Session, actor: Actor, case: Case, decision: Decision, verb: str, answer: str
) -> None:
    """Raises Rejected("case_closed"), Rejected("own_decision"), or what moving raises."""
    lock(session, case)
    session.refresh(decision)
    if case.state != CaseState.OPEN:
        raise Rejected("case_closed")
    kind = DecisionKind(decision.kind)
    waits = decision.state == DecisionState.PROPOSED and actor.may(APPROVALS[kind])
    if waits and not files.may_decide(session, actor, decision):
        raise Rejected("own_decision")
    decision.move(actor, f"{verb}_{kind}")
    decision.decided_by, decision.decided_at = actor.user_id, clock.now()
    decision.answer = answer
    _settle(session, actor, case, decision)


def _settle(session: Session, actor: Actor, case: Case, decision: Decision) -> None:
    kind = DecisionKind(decision.kind)
    session.flush()
    if _waiting(session, case, kind) is None:
        close_word(session, case, kind)
    _note(session, actor, case, decision)
    emit(session, actor, DecisionMade(case.id, kind, decision.id, decision.state))


def _waiting(
    session: Session, case: Case, kind: DecisionKind, record_id: UUID | None = None
) -> Decision | None:
    waiting = select(Decision).where(
        Decision.case_id == case.id,
        Decision.kind == kind,
        Decision.state == DecisionState.PROPOSED,
    )
    if record_id is not None:
        waiting = waiting.where(Decision.record_id == record_id)
    return session.scalars(waiting).first()


def _note(session: Session, actor: Actor, case: Case, decision: Decision) -> None:
    facts = {"kind": str(decision.kind), "state": str(decision.state)}
    write_entry(session, actor, case, EntryKind.DECISION, facts=facts, record_id=decision.id)
