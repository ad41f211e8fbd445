"""What waits for a case manager about referrals.

These to-dos name a referral by its number and are never handed on, so they stand under its own id.
"""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.actions.file import link_of
from portal.cases.models import Case
from portal.core import clock, duties
from portal.core.duties import Due, Duty
from portal.referrals.models import Referral

ASK = "referral_answer"
HEARD = "referral_answered"
OFFICE_OPENS = time(7, 30)
DAYS_TO_READ = 2


def wait_for_answer(session: Session, case: Case, referral: Referral) -> None:
    """Let the case manager ask, should the provider be silent when its time is over."""
    if referral.answer_by is None:
        return
    due_at = clock.at_wib(referral.answer_by, clock.OFFICE_CLOSES)
    shows_from = clock.at_wib(referral.answer_by, OFFICE_OPENS)
    _open(session, case, referral, ASK, due_at, shows_from)


def note_answer_came(session: Session, case: Case, referral: Referral) -> None:
    """Let the case manager read what was answered."""
    duties.close_duties(session, referral.id, ASK)
    duties.close_duties(session, referral.id, HEARD)
    day = clock.add_working_days(clock.today(), DAYS_TO_READ)
    _open(session, case, referral, HEARD, clock.at_wib(day, clock.OFFICE_CLOSES))


def let_rest(session: Session, referral: Referral) -> None:
    """Let nothing wait about a referral any more."""
    duties.close_duties(session, referral.id)


def hand_on(session: Session, case_id: UUID, manager_id: UUID) -> None:
    """Give what waits about a case's referrals to its new manager."""
    theirs = select(Duty.subject_id, Duty.person_id).where(
        Duty.subject_id.in_(select(Referral.id).where(Referral.case_id == case_id)),
        Duty.closed_at.is_(None),
        Duty.person_id != manager_id,
    )
    for referral_id, person_id in session.execute(theirs).all():
        if person_id is not None:
            duties.hand_over(session, person_id, manager_id, subject_id=referral_id)


def _open(
    session: Session,
    case: Case,
    referral: Referral,
    kind: str,
    due_at: datetime,
    visible_from: datetime | None = None,
) -> None:
    duties.open_duty(
        session,
        Due(
            kind=kind,
            subject_id=referral.id,
            link=f"{link_of(case)}/rujukan/{referral.public_id}",
            due_at=due_at,
            facts={"number": referral.number},
            person_id=case.manager_id or referral.made_by,
            visible_from=visible_from,
        ),
    )
