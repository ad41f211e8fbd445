"""What referrals do when a word is given about a case, when it ends or changes hands."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.cases.events import (
    CaseAssigned,
    CaseChanged,
    CaseClosed,
    CaseForgotten,
    CaseReleased,
    DecisionMade,
    GuardianKeptOut,
)
from portal.cases.models import Case, Decision
from portal.cases.queries.closure import count_with
from portal.cases.queries.sentences import explain
from portal.cases.states import DecisionKind, DecisionState, EntryKind
from portal.core.access import Actor
from portal.core.events import on
from portal.referrals.actions.ending import close_all
from portal.referrals.actions.forgetting import forget
from portal.referrals.actions.proposing import check_taken_on, follow_decision
from portal.referrals.actions.stopping import leave_guardian_out, stop_unagreed
from portal.referrals.actions.waiting import hand_on
from portal.referrals.models import Referral
from portal.referrals.queries.referrals import under_way
from portal.referrals.queries.words import ANSWERS, STATES, STEPS

count_with(under_way)
# What the lines of a case's timeline say about referrals.
explain(EntryKind.REFERRAL, "state", STATES)
explain(EntryKind.REFERRAL, "answer", ANSWERS)
explain(EntryKind.REFERRAL, "step", STEPS)


@on(DecisionMade)
def follow_word(session: Session, actor: Actor | None, happened: DecisionMade) -> None:
    """Approve a referral, or let it be a draft again, as was decided about it."""
    if happened.kind == DecisionKind.REFERRAL:
        referral = _about(session, happened)
        if referral is not None:
            follow_decision(session, actor, referral, DecisionState(happened.state))


@on(DecisionMade)
def check_handover(session: Session, _actor: Actor | None, happened: DecisionMade) -> None:
    """Let a case be handed only to a provider that still helps."""
    if (happened.kind, happened.state) == (DecisionKind.TRANSFER, DecisionState.APPROVED):
        referral = _about(session, happened)
        if referral is not None:
            check_taken_on(session, referral)


def _about(session: Session, happened: DecisionMade) -> Referral | None:
    decision = session.get_one(Decision, happened.decision_id)
    return session.get(Referral, decision.record_id) if decision.record_id else None


@on(CaseChanged)
def follow_answer(session: Session, _actor: Actor | None, changed: CaseChanged) -> None:
    """Let what was sent lead nowhere once the family does not agree any more."""
    if changed.kind == EntryKind.CONSENT:
        stop_unagreed(session, session.get_one(Case, changed.subject_id))


@on(GuardianKeptOut)
def keep_out(session: Session, actor: Actor | None, happened: GuardianKeptOut) -> None:
    """Let no provider reach a guardian who must hear of nothing, nor rest on their consent."""
    case = session.get_one(Case, happened.subject_id)
    leave_guardian_out(session, actor, case)
    stop_unagreed(session, case)


@on(CaseClosed)
def close_referrals(session: Session, actor: Actor | None, happened: CaseClosed) -> None:
    """End what is open about a case that ends."""
    case = session.get_one(Case, happened.subject_id)
    close_all(session, actor, case, happened.record_id)


@on(CaseAssigned)
@on(CaseReleased)
def hand_over(
    session: Session, _actor: Actor | None, happened: CaseAssigned | CaseReleased
) -> None:
    """Let what waits about referrals wait for whoever manages the case now."""
    session.flush()
    hand_on(session, session.get_one(Case, happened.subject_id))


@on(CaseForgotten)
def forget_words(session: Session, _actor: Actor | None, happened: CaseForgotten) -> None:
    """Forget what was told to providers, and what they wrote."""
    if happened.subject_id is not None:
        forget(session, happened.subject_id)
