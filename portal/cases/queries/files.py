"""One case, as far as somebody may know of it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.cases import policy
from portal.cases.models import Case, CaseAssignment, Child, Decision, Guardian, SopVersion
from portal.core import clock
from portal.core.access import Actor
from portal.core.prepared import prepared
from portal.people.models import User


def get_listed(session: Session, actor: Actor, public_id: str) -> Case | None:
    """Return a case the actor may know of by its number, or read."""
    found: Case | None = session.scalar(*_listed(actor, public_id=public_id))
    return found


@prepared
def _listed(actor: Actor, *, public_id: str) -> Select[Case]:
    return select(Case).where(
        Case.public_id == public_id, policy.listed_to(actor) | policy.open_to(actor)
    )


def get_file(session: Session, actor: Actor, public_id: str) -> Case | None:
    """Return a case whose work the actor may read now."""
    found: Case | None = session.scalar(*_file(actor, public_id=public_id))
    return found


@prepared
def _file(actor: Actor, *, public_id: str) -> Select[Case]:
    return select(Case).where(Case.public_id == public_id, policy.open_to(actor))


def works_on(session: Session, actor: Actor, case_id: UUID) -> bool:
    """Say whether a case is the actor's to work on."""
    return session.scalar(*_worked_on(actor, case_id=case_id)) is not None


@prepared
def _worked_on(actor: Actor, *, case_id: UUID) -> Select[UUID]:
    return select(Case.id).where(Case.id == case_id, policy.worked_on_by(actor))


def steers(session: Session, actor: Actor, case_id: UUID) -> bool:
    """Say whether an actor may add reports to a case and keep people away from it."""
    found = select(Case.id).where(Case.id == case_id, policy.steered_by(actor))
    return session.scalar(found) is not None


def may_look_back(session: Session, actor: Actor, case_id: UUID) -> bool:
    """Say whether an actor may write how the child was found after a case was closed."""
    found = select(Case.id).where(Case.id == case_id, policy.looked_back_on_by(actor))
    return session.scalar(found) is not None


def knows_name(session: Session, actor: Actor, case_id: UUID) -> bool:
    """Say whether the actor may know now who the child is."""
    return session.scalar(*_named(actor, case_id=case_id)) is not None


@prepared
def _named(actor: Actor, *, case_id: UUID) -> Select[UUID]:
    return select(Case.id).where(Case.id == case_id, policy.named_to(actor))


def workers_of(session: Session, case_id: UUID) -> frozenset[UUID]:
    """Return who works on a case now."""
    return frozenset(session.scalars(policy.workers_of(case_id)))


def assignments_of(session: Session, case_id: UUID) -> list[tuple[CaseAssignment, User]]:
    """Return who works or worked on a case, those who do now first."""
    rows = session.execute(
        select(CaseAssignment, User)
        .join(User, User.id == CaseAssignment.user_id)
        .where(CaseAssignment.case_id == case_id)
        .order_by(CaseAssignment.ended_at.is_not(None), CaseAssignment.since, CaseAssignment.id)
    )
    return [(row[0], row[1]) for row in rows]


def child_of(session: Session, case: Case) -> Child:
    """Return the child a case is about; only for whoever may know its name."""
    return session.get_one(Child, case.child_id)


def guardians_of(session: Session, child_id: UUID) -> list[Guardian]:
    """Return a child's guardians, those to be kept out of everything last."""
    return list(
        session.scalars(
            select(Guardian)
            .where(Guardian.child_id == child_id, Guardian.ended_at.is_(None))
            .order_by(Guardian.kept_out, Guardian.id)
        )
    )


def procedure_of(session: Session, case: Case) -> SopVersion:
    """Return the edition of the procedure a case follows."""
    return session.get_one(SopVersion, case.sop_version_id)


def current_procedure(session: Session) -> SopVersion:
    """Return the edition that cases opened today follow."""
    return (
        session.scalars(
            select(SopVersion)
            .where(SopVersion.valid_from <= clock.today())
            .order_by(SopVersion.valid_from.desc(), SopVersion.number.desc())
        ).first()
        or session.scalars(select(SopVersion).order_by(SopVersion.number)).one()
    )


def may_decide(session: Session, actor: Actor, decision: Decision) -> bool:
    """Say whether a decision's fate lies with this actor."""
    found = select(Decision.id).where(Decision.id == decision.id, policy.may_decide(actor))
    return session.scalar(found) is not None


def something_waits_for(session: Session, actor: Actor, case_id: UUID) -> bool:
    """Say whether a decision about a case waits for this actor's word."""
    waiting = select(Decision.id).where(Decision.case_id == case_id, policy.waits_for(actor))
    return session.scalars(waiting).first() is not None
