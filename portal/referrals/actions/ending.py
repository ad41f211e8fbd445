"""Ending a referral: the provider reads nothing of it from that moment on."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.cases.actions.deciding import withdraw
from portal.cases.models import Case, Decision
from portal.cases.states import CaseState, DecisionState
from portal.core import clock
from portal.core.access import Actor
from portal.referrals.actions.drafting import begin_with, note_progress
from portal.referrals.actions.sending import end_links
from portal.referrals.actions.waiting import let_rest
from portal.referrals.events import ReferralMoved
from portal.referrals.models import Referral, ReferralLink
from portal.referrals.states import OPEN, REFERRAL_MACHINE, ReferralState

# The provider took these on, so they end; the others are called off.
TAKEN_ON = frozenset({ReferralState.ACCEPTED, ReferralState.REPORTED})


def end(
    session: Session,
    actor: Actor,
    case: Case,
    referral: Referral,
    reason: str,
    real_cost: int,
) -> None:
    """End a referral with what came of it and what it cost (rupiah).

    Raises what `file.begin` and moving raise.
    """
    begin_with(session, actor, case, referral)
    referral.move(actor, "end")
    referral.real_cost = real_cost
    _finish(session, actor, case, referral, "end", reason)


def cancel(session: Session, actor: Actor, case: Case, referral: Referral, reason: str) -> None:
    """Call a referral off; what waited for approval is taken back.

    Raises what `file.begin` and moving raise.
    """
    begin_with(session, actor, case, referral)
    decision = session.get(Decision, referral.decision_id) if referral.decision_id else None
    if decision is not None and decision.state == DecisionState.PROPOSED:
        withdraw(session, actor, case, decision)
    referral.move(actor, "cancel")
    _finish(session, actor, case, referral, "cancel", reason)


def close_all(session: Session, actor: Actor | None, case: Case, *, transferred: bool) -> None:
    """End or call off every open referral of a case the office ended its work on.

    Only a provider that goes on with the whole case keeps what it was handed, until its link ends.
    """
    for referral in session.scalars(_open_ones(case)):
        taken_on = referral.state in TAKEN_ON
        if taken_on and referral.whole_case and transferred:
            let_rest(session, referral)
            continue
        move = REFERRAL_MACHINE.moves["end" if taken_on else "cancel"]
        referral.follow(move.sources, move.target)
        _finish(session, actor, case, referral, move.name, "")


def end_handed_over(session: Session) -> int:
    """End the referrals of cases that were handed over, once their links are; return how many."""
    live = select(ReferralLink.referral_id).where(
        ReferralLink.ended_at.is_(None), ReferralLink.expires_at > clock.now()
    )
    rows = session.execute(
        select(Referral, Case)
        .join(Case, Case.id == Referral.case_id)
        .where(
            Referral.state.in_(sorted(TAKEN_ON)),
            Case.state != CaseState.OPEN,
            Referral.id.not_in(live),
        )
    ).all()
    move = REFERRAL_MACHINE.moves["end"]
    for referral, case in rows:
        referral.follow(move.sources, move.target)
        _finish(session, None, case, referral, move.name, "")
    return len(rows)


def _open_ones(case: Case) -> Select[Referral]:
    return (
        select(Referral)
        .where(Referral.case_id == case.id, Referral.state.in_(sorted(OPEN)))
        .order_by(Referral.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _finish(
    session: Session,
    actor: Actor | None,
    case: Case,
    referral: Referral,
    move: str,
    reason: str,
) -> None:
    referral.ended_at, referral.end_reason = clock.now(), reason
    session.flush()
    end_links(session, referral)
    let_rest(session, referral)
    note_progress(session, actor, case, referral, ReferralMoved(referral.id, move))
