"""Reading referrals: of one case, one of them, what was answered."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.cases.models import Case, Decision
from portal.cases.queries.decisions import NO, is_agreed, newest_consent, still_counts
from portal.cases.states import ConsentAbout, DecisionKind, DecisionState
from portal.core.access import Actor
from portal.core.files import StoredFile
from portal.people.models import User
from portal.referrals import policy
from portal.referrals.models import Provider, Referral, ReferralAnswer
from portal.referrals.states import OPEN

MOST_SHOWN = 100


@dataclass(frozen=True)
class Sent:
    """A referral with its provider."""

    referral: Referral
    provider: Provider


@dataclass(frozen=True)
class Answered:
    """An answer with its file and whoever wrote it down, where it did not come by the link."""

    answer: ReferralAnswer
    file: StoredFile | None
    recorded_by: str


def of_case(session: Session, actor: Actor, case: Case) -> list[Sent]:
    """Return the referrals of a case, the newest first."""
    rows = session.execute(
        select(Referral, Provider)
        .join(Provider, Provider.id == Referral.provider_id)
        .where(Referral.case_id == case.id, policy.visible_to(actor))
        .order_by(Referral.made_at.desc(), Referral.id.desc())
        .limit(MOST_SHOWN)
    )
    return [Sent(row[0], row[1]) for row in rows]


def get_referral(session: Session, actor: Actor, case: Case, public_id: str) -> Referral | None:
    """Return one referral of a case the actor may read."""
    return session.scalar(
        select(Referral).where(
            Referral.case_id == case.id,
            Referral.public_id == public_id,
            policy.visible_to(actor),
        )
    )


def answers_of(session: Session, referral: Referral) -> list[Answered]:
    """Return what a provider answered, in order."""
    rows = session.execute(
        select(ReferralAnswer, StoredFile, User.full_name)
        .outerjoin(StoredFile, StoredFile.id == ReferralAnswer.file_id)
        .outerjoin(User, User.id == ReferralAnswer.recorded_by)
        .where(ReferralAnswer.referral_id == referral.id)
        .order_by(ReferralAnswer.answered_at, ReferralAnswer.id)
    )
    return [Answered(row[0], row[1], row[2] or "") for row in rows]


def decision_of(session: Session, referral: Referral) -> Decision | None:
    """Return what was last decided about sending it."""
    return session.get(Decision, referral.decision_id) if referral.decision_id else None


def transfer_waits(session: Session, referral: Referral) -> bool:
    """Say whether somebody thinks about handing the whole case over because of it."""
    waiting = select(Decision.id).where(
        Decision.record_id == referral.id,
        Decision.kind == DecisionKind.TRANSFER,
        Decision.state == DecisionState.PROPOSED,
    )
    return session.scalars(waiting).first() is not None


def under_way(session: Session, case_id: UUID) -> int:
    """Return how many referrals of a case are not ended yet."""
    count = select(func.count()).where(
        Referral.case_id == case_id, Referral.state.in_(sorted(OPEN))
    )
    return session.scalar(count) or 0


def missing_consent(session: Session, case: Case) -> str | None:
    """Return the reason why a child may not be referred now; None when it may.

    Either somebody agreed (the newest answer counts), or a decision says why nobody was asked.
    """
    consent = newest_consent(session, case, ConsentAbout.REFERRAL)
    if is_agreed(session, consent):
        return None
    refused = consent is not None and consent.answer in NO and still_counts(session, consent)
    return "consent_refused" if refused else "consent_needed"
