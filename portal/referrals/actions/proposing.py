"""Proposing a referral, and what follows from the answer: consent and quota stand before both."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from portal.cases.actions.deciding import Reasons, decide
from portal.cases.models import Case
from portal.cases.queries.decisions import newest_consent
from portal.cases.states import CaseOutcome, ConsentAbout, DecisionKind, DecisionState
from portal.core import i18n
from portal.core.access import Actor
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.referrals.actions.drafting import begin_with
from portal.referrals.events import ReferralMoved
from portal.referrals.models import Referral
from portal.referrals.queries import quotas
from portal.referrals.queries.referrals import missing_consent
from portal.referrals.states import REFERRAL_MACHINE, ReferralState

# What a decision moves; whoever decides was asked for their permission there.
MOVES = {
    DecisionState.APPROVED: "approve",
    DecisionState.RETURNED: "return",
    DecisionState.WITHDRAWN: "take_back",
}


@dataclass(frozen=True)
class Proposal:
    """Why a child is to be referred; `beyond_reason` why also beyond the quota."""

    reasons: Reasons
    beyond_quota: bool = False
    beyond_reason: str = ""


def propose(
    session: Session, actor: Actor, case: Case, referral: Referral, proposal: Proposal
) -> None:
    """Let a draft wait for somebody else's word.

    Raises what `file.begin`, `check_consent`, `check_places`, moving and deciding raise, or
    Rejected("beyond_reason").
    """
    begin_with(session, actor, case, referral)
    check_consent(session, case)
    if proposal.beyond_quota and not proposal.beyond_reason:
        raise Rejected("beyond_reason", "beyond_reason")
    referral.beyond_quota = proposal.beyond_quota
    check_places(session, referral)
    referral.move(actor, "propose")
    text = f"{referral.number}: {referral.purpose}"
    if proposal.beyond_quota:
        beyond = i18n.gettext("Beyond the quota: %(reason)s", reason=proposal.beyond_reason)
        text = f"{text}\n\n{beyond}"
    reasons = replace(proposal.reasons, text=text)
    consent = newest_consent(session, case, ConsentAbout.REFERRAL)
    referral.consent_id = consent.id if consent else None
    session.flush()
    decision = decide(session, actor, case, DecisionKind.REFERRAL, reasons, record_id=referral.id)
    referral.decision_id = decision.id
    emit(session, actor, ReferralMoved(referral.id, "propose"))


def check_consent(session: Session, case: Case) -> None:
    """Raise Rejected("consent_needed") or Rejected("consent_refused") where nobody agreed."""
    missing = missing_consent(session, case)
    if missing == "consent_refused":
        raise Rejected("consent_refused")
    if missing:
        raise Rejected("consent_needed")


def check_places(session: Session, referral: Referral) -> None:
    """Make sure that the quota bears a referral, and that nobody takes its place meanwhile.

    Raises Rejected("quota_full") or Rejected("budget_full"), unless it goes beyond with a reason.
    """
    year = quotas.year_of(referral)
    quotas.lock(session, referral.provider_id, year)
    if referral.beyond_quota:
        return
    use = quotas.uses(session, [referral.provider_id], year)[referral.provider_id]
    if use.places_left == 0:
        raise Rejected("quota_full", "beyond_quota", year=str(year))
    if use.budget_left is not None and use.budget_left < referral.expected_cost:
        left = i18n.rupiah(use.budget_left)
        raise Rejected("budget_full", "beyond_quota", year=str(year), left=left)


def follow_decision(
    session: Session, actor: Actor | None, referral: Referral, state: DecisionState
) -> None:
    """Let a referral go on as was decided; raises what `check_places` and moving raise."""
    session.refresh(referral, with_for_update=True)
    if referral.state != ReferralState.PROPOSED:
        return
    if state is DecisionState.APPROVED:
        check_places(session, referral)
    move = REFERRAL_MACHINE.moves[MOVES[state]]
    referral.follow(move.sources, move.target)
    session.flush()
    emit(session, actor, ReferralMoved(referral.id, move.name))


def propose_transfer(
    session: Session, actor: Actor, case: Case, referral: Referral, reasons: Reasons
) -> None:
    """Propose that the provider goes on with the case it took on as a whole.

    Raises what `file.begin` and deciding raise, or Rejected("state_changed").
    """
    begin_with(session, actor, case, referral)
    if not referral.whole_case or not referral.is_taken_on:
        raise Rejected("state_changed")
    decide(
        session,
        actor,
        case,
        DecisionKind.TRANSFER,
        reasons,
        record_id=referral.id,
        outcome=CaseOutcome.OTHER_BODY,
    )
    emit(session, actor, ReferralMoved(referral.id, "propose_transfer"))


def check_taken_on(session: Session, referral: Referral) -> None:
    """Raise Rejected("referral_over") where the provider no longer helps, so cannot go on alone."""
    session.refresh(referral, with_for_update=True)
    if not referral.is_taken_on:
        raise Rejected("referral_over")
