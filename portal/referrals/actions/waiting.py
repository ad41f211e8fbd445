"""What waits for a case manager about referrals; without one, for the coordinators.

It stands under the case's id, whose conflict list hides it; the page it leads to says which
referral it is about.
"""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy.orm import Session

from portal.cases.actions.file import link_of
from portal.cases.models import Case
from portal.core import clock, duties, settings
from portal.core.access import Role
from portal.core.duties import Due
from portal.referrals.models import Referral

ASK = "referral_answer"
HEARD = "referral_answered"
OFFICE_OPENS = time(7, 30)


def wait_for_answer(session: Session, case: Case, referral: Referral) -> None:
    """Let the case manager ask, should the provider be silent when its time is over."""
    if referral.answer_by is None:
        return
    due_at = clock.at_wib(referral.answer_by, clock.OFFICE_CLOSES)
    shows_from = clock.at_wib(referral.answer_by, OFFICE_OPENS)
    _open(session, case, referral, ASK, due_at, shows_from)


def note_answer_came(session: Session, case: Case, referral: Referral) -> None:
    """Let the case manager read what was answered."""
    let_rest(session, referral)
    days = settings.read(session)["referral_read_working_days"]
    day = clock.add_working_days(clock.today(), days)
    _open(session, case, referral, HEARD, clock.at_wib(day, clock.OFFICE_CLOSES))


def let_rest(session: Session, referral: Referral) -> None:
    """Let nothing wait about a referral any more."""
    page = _page(session.get_one(Case, referral.case_id), referral)
    for kind in (ASK, HEARD):
        duties.close_duties(session, referral.case_id, kind, link=page)


def is_unread(session: Session, case: Case, referral: Referral) -> bool:
    """Say whether an answer waits to be read."""
    return duties.is_open(session, case.id, HEARD, link=_page(case, referral))


def hand_on(session: Session, case: Case) -> None:
    """Let what waits about a case's referrals wait for whoever manages it now."""
    duties.ask_instead(session, case.id, (ASK, HEARD), case.manager_id, Role.COORDINATOR)


def _page(case: Case, referral: Referral) -> str:
    return f"{link_of(case)}/rujukan/{referral.public_id}"


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
            subject_id=case.id,
            link=_page(case, referral),
            due_at=due_at,
            facts={"number": referral.number},
            person_id=case.manager_id,
            role=None if case.manager_id else Role.COORDINATOR,
            visible_from=visible_from,
        ),
    )
