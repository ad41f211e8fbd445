"""Ending a referral: the provider reads nothing of it from that moment on."""

from __future__ import annotations

from uuid import UUID

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
from portal.referrals.states import OPEN, REFERRAL_MACHINE, TAKEN_ON


def end(
    session: Session,
    actor: Actor,
    case: Case,
    referral: Referral,
    reason: str,
    real_cost: int,
) -> None:
    """End a referral with what came of it and what it cost (rupiah).

    What waited for a word about it is taken back. Raises what `file.begin` and moving raise.
    """
    begin_with(session, actor, case, referral)
    _take_back(session, actor, case, referral)
    referral.move(actor, "end")
    referral.real_cost = real_cost
    _finish(session, actor, case, referral, "end", reason)


def cancel(session: Session, actor: Actor, case: Case, referral: Referral, reason: str) -> None:
    """Call off a referral that nobody took on; what waited for approval is taken back.

    Raises what `file.begin` and moving raise.
    """
    begin_with(session, actor, case, referral)
    _take_back(session, actor, case, referral)
    referral.move(actor, "cancel")
    _finish(session, actor, case, referral, "cancel", reason)


def _take_back(session: Session, actor: Actor, case: Case, referral: Referral) -> None:
    waiting = select(Decision).where(
        Decision.record_id == referral.id, Decision.state == DecisionState.PROPOSED
    )
    for decision in session.scalars(waiting).all():
        withdraw(session, actor, case, decision)


def close_all(
    session: Session, actor: Actor | None, case: Case, handed_over_by: UUID | None
) -> None:
    """End or call off every open referral of a case the office ended its work on.

    Only the provider the case was handed to, by the referral of this id, keeps what it was told,
    until its link ends.
    """
    for referral in session.scalars(_open_ones(case)):
        taken_on = referral.is_taken_on
        if taken_on and referral.id == handed_over_by:
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
