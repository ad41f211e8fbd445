"""Reading conflict lists and emergency accesses."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, false, or_, select, true
from sqlalchemy.orm import Session, aliased

from portal.core import clock
from portal.core.access import Actor, Permission
from portal.people import policy
from portal.people.models import Conflict, EmergencyAccess, User


def conflicts_of(session: Session, subject_id: UUID) -> list[Row[tuple[Conflict, User]]]:
    """Return who must not see a record, each with the person."""
    return list(
        session.execute(
            select(Conflict, User)
            .join(User, User.id == Conflict.user_id)
            .where(Conflict.subject_id == subject_id, Conflict.lifted_at.is_(None))
            .order_by(User.full_name)
        )
    )


def kept_away(session: Session, subject_id: UUID) -> frozenset[UUID]:
    """Return who must not see a record, or hear of an emergency access: the id may be either's."""
    opened = select(EmergencyAccess.subject_id).where(EmergencyAccess.id == subject_id)
    kept = select(Conflict.user_id).where(
        or_(Conflict.subject_id == subject_id, Conflict.subject_id.in_(opened)),
        Conflict.lifted_at.is_(None),
    )
    return frozenset(session.scalars(kept))


def all_kept_away(session: Session) -> frozenset[tuple[UUID, UUID]]:
    """Return all pairs of a record, or an emergency access to it, and who must not see it."""
    open_ones = Conflict.lifted_at.is_(None)
    records = select(Conflict.subject_id, Conflict.user_id).where(open_ones)
    accesses = (
        select(EmergencyAccess.id, Conflict.user_id)
        .join(Conflict, Conflict.subject_id == EmergencyAccess.subject_id)
        .where(open_ones)
    )
    both = (*session.execute(records), *session.execute(accesses))
    return frozenset((subject_id, user_id) for subject_id, user_id in both)


def in_conflict(session: Session, actor: Actor, subject_id: UUID) -> bool:
    """Say whether an actor stands on the conflict list of a record."""
    mine = policy.conflicts_of(actor).where(Conflict.subject_id == subject_id)
    return session.scalar(mine) is not None


def get_conflict(session: Session, subject_id: UUID, public_id: str) -> Conflict | None:
    """Return one open entry of a record's conflict list."""
    return session.scalar(
        select(Conflict).where(
            Conflict.public_id == public_id,
            Conflict.subject_id == subject_id,
            Conflict.lifted_at.is_(None),
        )
    )


def running_emergency(session: Session, actor: Actor, subject_id: UUID) -> EmergencyAccess | None:
    """Return the emergency access this actor has to a record now."""
    return session.scalars(
        select(EmergencyAccess)
        .where(
            EmergencyAccess.user_id == actor.user_id,
            EmergencyAccess.subject_id == subject_id,
            EmergencyAccess.expires_at > clock.now(),
        )
        .order_by(EmergencyAccess.expires_at.desc())
    ).first()


def list_emergencies(
    session: Session, actor: Actor, *, limit: int = 100
) -> list[Row[tuple[EmergencyAccess, User, User | None]]]:
    """Return emergency accesses this actor may know of, newest first, with both people."""
    reviewer = aliased(User)
    return list(
        session.execute(
            select(EmergencyAccess, User, reviewer)
            .join(User, User.id == EmergencyAccess.user_id)
            .outerjoin(reviewer, reviewer.id == EmergencyAccess.reviewed_by)
            .where(_known_to(actor))
            .order_by(EmergencyAccess.opened_at.desc())
            .limit(limit)
        )
    )


def get_emergency(session: Session, actor: Actor, public_id: str) -> EmergencyAccess | None:
    """Return one emergency access this actor may know of."""
    return session.scalar(
        select(EmergencyAccess).where(EmergencyAccess.public_id == public_id, _known_to(actor))
    )


def _known_to(actor: Actor) -> ColumnElement[bool]:
    if actor.may(Permission.EMERGENCY_REVIEW):
        reached: ColumnElement[bool] = true()
    elif actor.may(Permission.EMERGENCY_ACCESS):
        reached = EmergencyAccess.user_id == actor.user_id
    else:
        reached = false()
    # The reason for opening a file may tell of it, so its conflict list holds here as well.
    return and_(reached, EmergencyAccess.subject_id.not_in(policy.conflicts_of(actor)))
