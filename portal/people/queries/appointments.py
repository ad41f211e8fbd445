"""Reading who is appointed to what."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, contains_eager

from portal.core import clock
from portal.core.access import Actor, Appointment, Role
from portal.core.prepared import TODAY, prepared
from portal.people import policy
from portal.people.models import Membership, User
from portal.schools.queries.above import Colleague


def in_force(day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Return the condition for appointments that hold on a day."""
    return (Membership.starts_on <= day) & (
        Membership.ends_on.is_(None) | (Membership.ends_on >= day)
    )


def appointments_of(session: Session, user_id: UUID) -> tuple[Appointment, ...]:
    """Return the appointments a person holds today."""
    rows = session.execute(*_appointments(user_id=user_id))
    return tuple(Appointment(Role(role), school_id) for role, school_id in rows)


@prepared
def _appointments(*, user_id: UUID) -> Select[Role, UUID | None]:
    return (
        select(Membership.role, Membership.school_id)
        .where(Membership.user_id == user_id, in_force(TODAY))
        .order_by(Membership.starts_on, Membership.id)
    )


def actor_for(session: Session, user: User) -> Actor:
    """Return a person as an actor, for commands and jobs."""
    return Actor(user.id, user.full_name, appointments_of(session, user.id))


def list_members(session: Session, actor: Actor) -> list[Membership]:
    """Return the appointments of today an actor may see, each with its person."""
    return list(
        session.scalars(
            select(Membership)
            .join(Membership.user)
            .options(contains_eager(Membership.user))
            .where(policy.visible_to(actor), in_force(clock.today()))
            .order_by(User.full_name, Membership.id)
        )
    )


def get_membership(session: Session, actor: Actor, public_id: str) -> Membership | None:
    """Return one appointment an actor may see."""
    return session.scalar(
        select(Membership)
        .join(Membership.user)
        .options(contains_eager(Membership.user))
        .where(Membership.public_id == public_id, policy.visible_to(actor))
    )


def successors(session: Session, membership: Membership) -> list[User]:
    """Return who else holds the same role at the same place and could take over the work."""
    return list(
        session.scalars(
            select(User)
            .join(Membership, Membership.user_id == User.id)
            .where(
                Membership.role == membership.role,
                Membership.school_id == membership.school_id,
                Membership.user_id != membership.user_id,
                in_force(clock.today()),
            )
            .order_by(User.full_name)
            .distinct()
        )
    )


def holders(session: Session, role: Role, school_id: UUID | None = None) -> list[UUID]:
    """Return whoever holds a role at a school (None: at the office) today, the longest first."""
    rows = session.scalars(
        select(Membership.user_id)
        .where(
            Membership.role == role,
            Membership.school_id == school_id,
            in_force(clock.today()),
        )
        .order_by(Membership.starts_on, Membership.id)
    )
    return list(dict.fromkeys(rows))


def staff_at(session: Session, school_ids: Collection[UUID]) -> dict[UUID, list[Colleague]]:
    """Return who has an appointment at each of these schools today, by name, with each role."""
    rows = session.execute(
        select(Membership.school_id, User.id, User.full_name, Membership.role, Membership.starts_on)
        .join(User, User.id == Membership.user_id)
        .where(Membership.school_id.in_(school_ids), in_force(clock.today()))
        .order_by(User.full_name, User.id, Membership.starts_on)
    )
    found: dict[Any, list[Colleague]] = {}
    for school_id, user_id, full_name, role, since in rows:
        colleague = Colleague(user_id, full_name, Role(role), since)
        found.setdefault(school_id, []).append(colleague)
    return found


def to_review(session: Session, actor: Actor, months: int) -> list[Membership]:
    """Return the appointments of today that nobody confirmed for so many months, oldest first."""
    limit = clock.now() - timedelta(days=months * 365 / 12)
    day = clock.day_of(limit)
    unconfirmed = (Membership.reviewed_at < limit) | (
        Membership.reviewed_at.is_(None) & (Membership.starts_on < day)
    )
    return list(
        session.scalars(
            select(Membership)
            .join(Membership.user)
            .options(contains_eager(Membership.user))
            .where(policy.visible_to(actor), in_force(clock.today()), unconfirmed)
            .order_by(Membership.role, User.full_name, Membership.id)
        )
    )
