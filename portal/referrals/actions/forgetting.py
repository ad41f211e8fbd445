"""Letting go of what referrals say, once the time of their case is over."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.actions.forgetting import blank
from portal.referrals.models import Referral, ReferralAnswer


def forget(session: Session, case_id: UUID) -> None:
    """Empty the words of a case's referrals and let go of the files that came with answers."""
    referrals = session.scalars(select(Referral).where(Referral.case_id == case_id)).all()
    ids = [referral.id for referral in referrals]
    answers = session.scalars(
        select(ReferralAnswer).where(ReferralAnswer.referral_id.in_(ids))
    ).all()
    blank([*referrals, *answers])
    for answer in answers:
        answer.file_id = None
