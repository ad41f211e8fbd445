"""What ends when the family takes its word back, or a guardian must hear of nothing any more."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.cases.actions.file import write_entry
from portal.cases.actions.tasks import add_automatic
from portal.cases.models import Case
from portal.cases.queries.tasks import CHECK_REFERRALS
from portal.cases.states import EntryKind
from portal.core import clock
from portal.core.access import Actor
from portal.referrals.actions.sending import end_links
from portal.referrals.models import Referral
from portal.referrals.queries.packets import packet_of, without_guardian
from portal.referrals.queries.referrals import missing_consent
from portal.referrals.states import WITH_PROVIDER, ReferralState


def stop_unagreed(session: Session, case: Case) -> None:
    """Where nobody agrees to a referral any more, let no provider begin to help.

    What a provider took on already stays: the case manager is asked to decide.
    """
    if missing_consent(session, case) is None:
        return
    with_provider = Referral.state.in_(sorted(WITH_PROVIDER))
    sent = session.scalars(_locked().where(Referral.case_id == case.id, with_provider)).all()
    for referral in sent:
        if referral.state == ReferralState.SENT:
            end_links(session, referral)
    if sent:
        _ask_manager(session, case)


def leave_guardian_out(session: Session, actor: Actor | None, case: Case) -> None:
    """Take a guardian who must hear of nothing out of what providers were told of the child.

    Whatever leads there ends, so that the manager decides before the rest is read again.
    """
    children = select(Case.id).where(Case.child_id == case.child_id)
    told = _locked().where(Referral.case_id.in_(children), Referral.sent_at.is_not(None))
    for referral in session.scalars(told).all():
        packet = packet_of(referral)
        rest = without_guardian(session, case, packet)
        if rest == packet:
            continue
        referral.packet = rest.to_json()
        session.flush()
        end_links(session, referral)
        facts = {"number": referral.number, "step": "guardian_left_out"}
        write_entry(session, actor, case, EntryKind.REFERRAL, facts=facts, record_id=referral.id)
        if referral.is_with_provider:
            _ask_manager(session, case)


def _locked() -> Select[Referral]:
    return (
        select(Referral)
        .order_by(Referral.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _ask_manager(session: Session, case: Case) -> None:
    due_on = clock.add_working_days(clock.today(), 1)
    add_automatic(session, case, CHECK_REFERRALS, due_on, case.manager_id)
