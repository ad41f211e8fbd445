"""Reading accounts: by address, by role, by school."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, Select, distinct, func, or_, select
from sqlalchemy.orm import Session

from portal.core.access import Role
from portal.core.addresses import normal_email, normal_phone
from portal.core.prepared import TODAY, prepared
from portal.people.models import Membership, User
from portal.people.queries.appointments import in_force


def normal_identifier(identifier: str) -> str:
    """Return a typed name in the one form in which tries with it are counted."""
    if "@" in identifier:
        return normal_email(identifier)
    return normal_phone(identifier) or identifier.strip().lower()


def find_by_identifier(session: Session, identifier: str) -> User | None:
    """Return the account behind an e-mail address or phone number."""
    if "@" in identifier:
        return session.scalar(select(User).where(User.email == normal_email(identifier)))
    phone = normal_phone(identifier)
    return session.scalar(select(User).where(User.phone == phone)) if phone else None


def get_user(session: Session, public_id: str) -> User | None:
    """Return an account by the id that addresses use."""
    return session.scalar(select(User).where(User.public_id == public_id))


def holding(user_id: UUID | None, email: str | None, phone: str | None) -> Select[User]:
    """Select other accounts that already hold an address or number."""
    matches: list[ColumnElement[bool]] = []
    if email:
        matches.append(User.email == email)
    if phone:
        matches.append(User.phone == phone)
    query = select(User).where(or_(*matches))
    return query.where(User.id != user_id) if user_id else query


def count_at(session: Session, school_id: UUID) -> int:
    """Return how many people hold a role at a school today."""
    return session.scalar(*_number_at(school_id=school_id)) or 0


@prepared
def _number_at(*, school_id: UUID) -> Select[int]:
    return select(func.count(distinct(Membership.user_id))).where(
        Membership.school_id == school_id, in_force(TODAY)
    )


def people_with_role(session: Session, role: Role) -> list[User]:
    """Return everybody who holds an office role today, by name."""
    return list(session.scalars(*_holders(role)))


@prepared
def _holders(role: Role) -> Select[User]:
    return (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.role == role, in_force(TODAY))
        .order_by(User.full_name)
        .distinct()
    )


def everybody_with_appointments(session: Session) -> list[tuple[User, list[Membership]]]:
    """Return all accounts with what they are appointed to today, in the order they were made."""
    rows = session.execute(
        select(User, Membership)
        .join(Membership, Membership.user_id == User.id)
        .where(in_force(TODAY))
        .order_by(User.id, Membership.id)
    )
    people: dict[UUID, tuple[User, list[Membership]]] = {}
    for user, membership in rows:
        people.setdefault(user.id, (user, []))[1].append(membership)
    return list(people.values())
