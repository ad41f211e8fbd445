"""What was decided about a case, what was consented to, and the regulations it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from portal.cases import policy
from portal.cases.models import Case, Consent, Decision, DecisionBasis, Guardian, LegalBasis
from portal.cases.queries import files
from portal.cases.states import ConsentAbout, ConsentAnswer, DecisionState
from portal.core import clock, settings
from portal.core.access import Actor, Permission
from portal.people.models import User

MOST_SHOWN = 100
NO = frozenset({ConsentAnswer.REFUSED, ConsentAnswer.WITHDRAWN})
# Of one day, what was written down last.
NEWEST_CONSENT = (Consent.given_on.desc(), Consent.recorded_at.desc(), Consent.id.desc())


@dataclass(frozen=True)
class Entry:
    """A decision with the people and the regulations it names."""

    decision: Decision
    proposer: str
    decider: str
    bases: list[str]
    # Whether its fate lies with whoever reads, and whether they may take it back.
    answers: bool
    takes_back: bool


@dataclass(frozen=True)
class Said:
    """A consent with the guardian who was asked; no name for whoever may not know the family."""

    consent: Consent
    guardian: str
    recorded_by: str


def of_case(session: Session, actor: Actor, case: Case) -> list[Entry]:
    """Return the decisions about a case: those that wait first, then the newest."""
    proposer, decider = aliased(User), aliased(User)
    rows = session.execute(
        select(Decision, proposer.full_name, decider.full_name)
        .join(proposer, proposer.id == Decision.proposed_by)
        .outerjoin(decider, decider.id == Decision.decided_by)
        .where(Decision.case_id == case.id)
        .order_by(
            (Decision.state != DecisionState.PROPOSED),
            Decision.proposed_at.desc(),
            Decision.id.desc(),
        )
        .limit(MOST_SHOWN)
    ).all()
    bases = _bases_of(session, [row[0].id for row in rows])
    answering = select(Decision.id).where(Decision.case_id == case.id, policy.waits_for(actor))
    answers = set(session.scalars(answering))
    works = files.works_on(session, actor, case.id)
    return [
        Entry(
            decision=decision,
            proposer=by,
            decider=of or "",
            bases=bases.get(decision.id, []),
            answers=decision.id in answers,
            takes_back=decision.state == DecisionState.PROPOSED and works,
        )
        for decision, by, of in rows
    ]


def _bases_of(session: Session, decisions: list[UUID]) -> dict[UUID, list[str]]:
    rows = session.execute(
        select(DecisionBasis.decision_id, LegalBasis.citation)
        .join(LegalBasis, LegalBasis.id == DecisionBasis.basis_id)
        .where(DecisionBasis.decision_id.in_(decisions))
        .order_by(LegalBasis.citation)
    )
    found: dict[UUID, list[str]] = {}
    for decision_id, citation in rows:
        found.setdefault(decision_id, []).append(citation)
    return found


def get_decision(session: Session, case: Case, public_id: str) -> Decision | None:
    """Return one decision about a case."""
    return session.scalar(
        select(Decision).where(Decision.case_id == case.id, Decision.public_id == public_id)
    )


def consents_of(session: Session, actor: Actor, case: Case) -> list[Said]:
    """Return what was consented to, the newest answer first."""
    named = files.knows_name(session, actor, case.id)
    rows = session.execute(
        select(Consent, User.full_name)
        .join(User, User.id == Consent.recorded_by)
        .where(Consent.case_id == case.id)
        .order_by(*NEWEST_CONSENT)
        .limit(MOST_SHOWN)
    ).all()
    asked = {each.guardian_id for each, _by in rows if each.guardian_id}
    names: dict[UUID, str] = {}
    if named:
        found = session.scalars(select(Guardian).where(Guardian.id.in_(asked)))
        names = {each.id: each.full_name for each in found}
    return [Said(each, names.get(each.guardian_id or case.id, ""), by) for each, by in rows]


def newest_consent(session: Session, case: Case, about: ConsentAbout) -> Consent | None:
    """Return the answer that counts: the newest about one thing."""
    return session.scalars(
        select(Consent)
        .where(Consent.case_id == case.id, Consent.about == about)
        .order_by(*NEWEST_CONSENT)
    ).first()


def still_counts(session: Session, consent: Consent) -> bool:
    """Say whether an answer still counts: not that of a guardian who must hear of nothing now."""
    guardian = session.get(Guardian, consent.guardian_id) if consent.guardian_id else None
    return guardian is None or not guardian.kept_out


def is_agreed(session: Session, consent: Consent | None) -> bool:
    """Say whether an answer lets the office act: agreed, or not asked for a written reason.

    Where no guardian could be asked, the child agrees itself.
    """
    if consent is None or not still_counts(session, consent):
        return False
    if consent.answer == ConsentAnswer.GIVEN:
        return consent.guardian_id is not None or consent.child_agrees is True
    return consent.answer == ConsentAnswer.NOT_ASKED and consent.decision_id is not None


def bases_in_force(session: Session, day: date | None = None) -> list[LegalBasis]:
    """Return the regulations in force on a day (today)."""
    day = day or clock.today()
    return list(
        session.scalars(
            select(LegalBasis)
            .where(
                or_(LegalBasis.valid_from.is_(None), LegalBasis.valid_from <= day),
                or_(LegalBasis.valid_until.is_(None), LegalBasis.valid_until >= day),
            )
            .order_by(LegalBasis.citation)
        )
    )


def bases_about(session: Session, law: str) -> list[LegalBasis]:
    """Return the regulations in force that are told by the words of an office setting."""
    words = [each.strip() for each in settings.read(session)[law].lower().split(",")]

    def told(basis: LegalBasis) -> bool:
        text = f"{basis.citation} {basis.title} {basis.note}".lower()
        return any(word and word in text for word in words)

    return [each for each in bases_in_force(session) if told(each)]


def list_bases(session: Session, actor: Actor) -> list[LegalBasis]:
    """Return all regulations, those in force first."""
    today = clock.today()
    rows = session.scalars(
        select(LegalBasis)
        .where(actor.within(Permission.SOP_READ))
        .order_by(LegalBasis.citation, LegalBasis.id)
    ).all()
    return sorted(rows, key=lambda each: each.valid_until is not None and each.valid_until < today)


def get_basis(session: Session, actor: Actor, public_id: str) -> LegalBasis | None:
    """Return one regulation."""
    return session.scalar(
        select(LegalBasis).where(
            LegalBasis.public_id == public_id, actor.within(Permission.SOP_READ)
        )
    )
