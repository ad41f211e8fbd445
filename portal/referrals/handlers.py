"""What referrals do when a word is given about a case, when it ends or changes hands."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.cases.events import CaseAssigned, CaseClosed, CaseForgotten, DecisionMade
from portal.cases.models import Case, Decision
from portal.cases.queries.closure import count_with
from portal.cases.queries.sentences import explain
from portal.cases.states import DecisionKind, DecisionState, EntryKind, Part
from portal.core.access import Actor
from portal.core.events import on
from portal.referrals.actions.ending import close_all
from portal.referrals.actions.forgetting import forget
from portal.referrals.actions.proposing import follow_decision
from portal.referrals.actions.waiting import hand_on
from portal.referrals.models import Referral
from portal.referrals.queries.referrals import under_way
from portal.referrals.queries.words import ANSWERS, STATES

count_with(under_way)
# What the lines of a case's timeline say about referrals.
explain(EntryKind.REFERRAL, "state", STATES)
explain(EntryKind.REFERRAL, "answer", ANSWERS)


@on(DecisionMade)
def follow_word(session: Session, actor: Actor | None, happened: DecisionMade) -> None:
    """Approve a referral, or let it be a draft again, as was decided about it."""
    if happened.kind != DecisionKind.REFERRAL:
        return
    decision = session.get_one(Decision, happened.decision_id)
    referral = session.get(Referral, decision.record_id) if decision.record_id else None
    if referral is not None:
        follow_decision(session, actor, referral, DecisionState(happened.state))


@on(CaseClosed)
def close_referrals(session: Session, actor: Actor | None, happened: CaseClosed) -> None:
    """End what is open about a case that ends."""
    case = session.get_one(Case, happened.subject_id)
    close_all(session, actor, case, transferred=happened.transferred)


@on(CaseAssigned)
def hand_over(session: Session, _actor: Actor | None, happened: CaseAssigned) -> None:
    """Let what waits about referrals wait for the new manager."""
    if happened.part == Part.MANAGER and happened.subject_id is not None:
        hand_on(session, happened.subject_id, happened.user_id)


@on(CaseForgotten)
def forget_words(session: Session, _actor: Actor | None, happened: CaseForgotten) -> None:
    """Forget what was told to providers, and what they wrote."""
    if happened.subject_id is not None:
        forget(session, happened.subject_id)
