"""Sending a referral, and the one-time link by which its provider reads and answers it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.cases.models import Case
from portal.core import clock, settings
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.tokens import new_token, token_hash
from portal.referrals.actions.drafting import begin_with, note_progress
from portal.referrals.actions.proposing import check_consent
from portal.referrals.actions.waiting import wait_for_answer
from portal.referrals.events import ReferralLinkMade, ReferralMoved, ReferralOpened
from portal.referrals.models import Referral, ReferralLink
from portal.referrals.queries.links import find_link, hash_of, opened_in
from portal.referrals.queries.packets import packet_of, preview
from portal.referrals.queries.referrals import missing_consent


def send(session: Session, actor: Actor, case: Case, referral: Referral) -> str:
    """Freeze what the provider is told and return the token of its link, which is never stored.

    Raises what `file.begin`, `check_consent` and moving raise.
    """
    begin_with(session, actor, case, referral)
    check_consent(session, case)
    referral.move(actor, "send")
    packet = replace(packet_of(referral), parts=preview(session, case, referral))
    referral.packet = packet.to_json()
    days = settings.read(session)["referral_answer_working_days"]
    referral.sent_at = clock.now()
    referral.answer_by = clock.add_working_days(clock.today(), days)
    session.flush()
    wait_for_answer(session, case, referral)
    note_progress(session, actor, case, referral, ReferralMoved(referral.id, "send"))
    return _add_link(session, actor, referral)


def make_link(session: Session, actor: Actor, case: Case, referral: Referral) -> str:
    """Return the token of a new link; the one before ends with it.

    Raises what `file.begin` and `check_consent` raise, or Rejected("state_changed").
    """
    begin_with(session, actor, case, referral)
    if not referral.is_with_provider:
        raise Rejected("state_changed")
    check_consent(session, case)
    return _add_link(session, actor, referral)


def _add_link(session: Session, actor: Actor, referral: Referral) -> str:
    end_links(session, referral)
    token, moment = new_token(), clock.now()
    days = settings.read(session)["referral_link_days"]
    session.add(
        ReferralLink(
            id=new_id(),
            referral_id=referral.id,
            token_hash=token_hash(token),
            made_by=actor.user_id,
            made_at=moment,
            expires_at=moment + timedelta(days=days),
        )
    )
    emit(session, actor, ReferralLinkMade(referral.id))
    return token


def end_links(session: Session, referral: Referral) -> None:
    """Let no link of a referral lead anywhere any more."""
    session.execute(
        update(ReferralLink)
        .where(ReferralLink.referral_id == referral.id, ReferralLink.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


def open_link(session: Session, token: str, browser: str) -> Referral:
    """Open a link in one browser, or once more in the same.

    Raises Rejected("link_over") for one that leads nowhere, or is first opened when nobody agrees
    any more, or Rejected("link_used") when another browser opened it.
    """
    found = find_link(session, token)
    if found is None:
        raise Rejected("link_over")
    link, referral = found
    # Of two browsers that open it at once, the second looks again.
    session.refresh(link, with_for_update=True)
    if link.ended_at is not None:
        raise Rejected("link_over")
    if link.opened_at is not None and not opened_in(link, browser):
        raise Rejected("link_used")
    if link.opened_at is None:
        case = session.get_one(Case, referral.case_id)
        if missing_consent(session, case):
            raise Rejected("link_over")
        link.opened_at, link.browser_hash = clock.now(), hash_of(link, browser)
    note_reading(session, referral)
    return referral


def note_reading(session: Session, referral: Referral) -> None:
    """Write down that the provider reads what it was told."""
    emit(session, None, ReferralOpened(referral.id))
