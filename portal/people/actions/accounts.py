"""Accounts: making them, and what people change about themselves."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.core.access import Actor, Role
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.people.actions import passwords, sessions
from portal.people.actions.appointments import appoint
from portal.people.events import (
    AccountMade,
    ConductAccepted,
    ContactsChanged,
    PasswordChanged,
    ProfileChanged,
)
from portal.people.models import User
from portal.people.queries.accounts import holding


@dataclass(frozen=True)
class Contacts:
    """Where a person is reached and with what they sign in."""

    email: str | None
    phone: str | None


def new_user(session: Session, full_name: str, contacts: Contacts, password_hash: str) -> User:
    """Make an account; raises Rejected("contact_needed") or Rejected("contact_taken")."""
    _check_contacts(session, None, contacts)
    user = User(
        full_name=full_name,
        called="",
        email=contacts.email,
        phone=contacts.phone,
        password_hash=password_hash,
        language="id",
        created_at=clock.now(),
    )
    session.add(user)
    _flush_contacts(session)
    emit(session, None, AccountMade(user.id))
    return user


def create_admin(session: Session, full_name: str, contacts: Contacts, password: str) -> User:
    """Make an account with the role of administrator (command line only).

    Raises Rejected("password_length"), Rejected("password_common") or what `new_user` raises.
    """
    office = settings.read(session)
    passwords.check_strength(office, password, full_name, contacts.email, contacts.phone)
    user = new_user(session, full_name, contacts, passwords.hash_password(password))
    appoint(session, None, user.id, Role.ADMIN, None)
    return user


def _check_contacts(session: Session, user_id: UUID | None, contacts: Contacts) -> None:
    if not contacts.email and not contacts.phone:
        raise Rejected("contact_needed", "email")
    taken = session.scalars(holding(user_id, contacts.email, contacts.phone)).first()
    if taken:
        raise Rejected("contact_taken", "email" if taken.email == contacts.email else "phone")


def _flush_contacts(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        # Two people pressed at once with the same address; the database let one through.
        raise Rejected("contact_taken", "email") from error


def change_profile(session: Session, actor: Actor, user: User, full_name: str, called: str) -> None:
    """Change how a person is named and greeted."""
    if (user.full_name, user.called) == (full_name, called):
        return
    user.full_name = full_name
    user.called = called
    emit(session, actor, ProfileChanged(user.id))


def change_contacts(session: Session, actor: Actor, user: User, contacts: Contacts) -> None:
    """Change with what a person signs in; raises what `new_user` raises."""
    if (user.email, user.phone) == (contacts.email, contacts.phone):
        return
    _check_contacts(session, user.id, contacts)
    former_email = user.email
    user.email, user.phone = contacts.email, contacts.phone
    _flush_contacts(session)
    emit(session, actor, ContactsChanged(user.id, former_email))


def change_password(
    session: Session, actor: Actor, user: User, password_hash: str, *, keep: UUID
) -> None:
    """Set a new password and sign every other device out; `keep` is the session that asks."""
    user.password_hash = password_hash
    user.password_changed_at = clock.now()
    sessions.end_all(session, user.id, but=keep)
    emit(session, actor, PasswordChanged(user.id, by_link=False))


def accept_conduct(session: Session, actor: Actor, user: User, edition: int) -> None:
    """Note that a person accepted an edition of the code of conduct."""
    if user.conduct_edition == edition:
        return
    user.conduct_edition = edition
    user.conduct_accepted_at = clock.now()
    emit(session, actor, ConductAccepted(user.id, edition))


def set_language(session: Session, user_id: UUID, language: str) -> None:
    """Keep a person's language."""
    session.execute(update(User).where(User.id == user_id).values(language=language))
