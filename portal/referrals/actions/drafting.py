"""Writing a referral: to whom, for what, and what the provider is told."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.cases.actions.file import begin, write_entry
from portal.cases.actions.peace import check_peace
from portal.cases.models import Case
from portal.cases.states import EntryKind
from portal.core import clock, settings
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import Event, emit
from portal.core.numbering import add_numbered
from portal.referrals.events import ReferralMade, ReferralMoved
from portal.referrals.models import Provider, Referral
from portal.referrals.queries.packets import Packet, offered
from portal.referrals.states import ReferralState


@dataclass(frozen=True)
class Draft:
    """What a referral says; without `expected_cost` (rupiah) the provider's usual one counts."""

    provider: Provider
    purpose: str
    whole_case: bool = False
    chosen: tuple[str, ...] = ()
    safety: str = ""
    expected_cost: int | None = None


def draft(session: Session, actor: Actor, case: Case, command: Draft) -> Referral:
    """Write a referral that nobody else hears of yet; it has its number from now on.

    Raises what `file.begin` and `check_peace` raise, or Rejected("provider_over").
    """
    begin(session, actor, case)
    referral = Referral(
        id=new_id(),
        case_id=case.id,
        state=ReferralState.DRAFT,
        made_by=actor.user_id,
        made_at=clock.now(),
    )
    _fill(session, case, referral, command)
    add_numbered(session, settings.read(session)["referral_number_prefix"], referral)
    note_progress(session, actor, case, referral, ReferralMade(referral.id, case.id))
    return referral


def change(session: Session, actor: Actor, case: Case, referral: Referral, command: Draft) -> None:
    """Write a draft anew.

    Raises what `draft` raises, or Rejected("state_changed") once it is no draft any more.
    """
    begin_with(session, actor, case, referral)
    if referral.state != ReferralState.DRAFT:
        raise Rejected("state_changed")
    _fill(session, case, referral, command)
    emit(session, actor, ReferralMoved(referral.id, "change"))


def _fill(session: Session, case: Case, referral: Referral, command: Draft) -> None:
    provider = command.provider
    if not provider.active and referral.provider_id != provider.id:
        raise Rejected("provider_over", "provider")
    check_peace(case, command.purpose)
    known = offered(session, case)
    chosen = tuple(code for code in known if code in command.chosen)
    cost = provider.usual_cost if command.expected_cost is None else command.expected_cost
    referral.provider_id = provider.id
    referral.purpose = command.purpose
    referral.whole_case = command.whole_case
    referral.packet = Packet(chosen, command.safety).to_json()
    referral.expected_cost = cost


def begin_with(session: Session, actor: Actor, case: Case, referral: Referral) -> None:
    """Lock a case and one of its referrals; raises what `file.begin` raises."""
    begin(session, actor, case)
    session.refresh(referral, with_for_update=True)


def note_progress(
    session: Session, actor: Actor | None, case: Case, referral: Referral, happened: Event
) -> None:
    """Tell what happened, and write on the timeline how far a referral is."""
    facts = {"number": referral.number, "state": str(referral.state)}
    write_entry(session, actor, case, EntryKind.REFERRAL, facts=facts, record_id=referral.id)
    emit(session, actor, happened)
