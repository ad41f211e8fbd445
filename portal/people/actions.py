"""Changing people: sign-in sessions, invitations, appointments."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.core.access import Actor, Appointment, Role
from portal.core.errors import Rejected
from portal.people import policy, queries
from portal.people.models import Invitation, Membership, SignInSession, User

PASSWORD_LEAST = 12
PASSWORD_MOST = 128
TOKEN_BYTES = 32

# Argon2id as in ASVS 5.0 appendix C: 46 MiB, one pass, one lane.
_hasher = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)
# At most four hashes at once, or a burst of sign-ins takes all memory of a small server.
_hashing = threading.Semaphore(4)
# Unknown names are checked against this one, so that the answer takes as long as for a known one.
_dummy_hash = _hasher.hash(secrets.token_urlsafe(16))


@dataclass(frozen=True)
class NewPerson:
    """Who accepts an invitation."""

    full_name: str
    called: str
    password: str
    language: str


@dataclass(frozen=True)
class Invite:
    """Whom to invite, to what."""

    role: Role
    school_id: UUID | None
    full_name: str
    email: str | None
    phone: str | None


def hash_password(password: str) -> str:
    """Return the Argon2id hash; raises Rejected for a length outside 12 to 128."""
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST:
        raise Rejected("password_length", "password", least=PASSWORD_LEAST, most=PASSWORD_MOST)
    with _hashing:
        return _hasher.hash(password)


def password_fits(user: User | None, password: str) -> bool:
    """Check a password, in the same time whether or not the account exists."""
    if len(password) > PASSWORD_MOST:
        return False
    with _hashing:
        try:
            _hasher.verify(user.password_hash if user else _dummy_hash, password)
        except VerificationError:
            return False
    return user is not None


def open_session(session: Session, user_id: UUID, *, own_device: bool) -> str:
    """Start a signed-in session and return its secret token (256 bits).

    Raises Rejected("no_appointment") when the person holds no appointment today.
    """
    if not queries.appointments_of(session, user_id):
        raise Rejected("no_appointment")
    office = settings.read(session)
    moment = clock.now()
    token = secrets.token_urlsafe(TOKEN_BYTES)
    lasting = (
        timedelta(days=office["own_phone_idle_days"])
        if own_device
        else timedelta(hours=office["session_hours"])
    )
    session.add(
        SignInSession(
            token_hash=queries.token_hash(token),
            user_id=user_id,
            own_device=own_device,
            created_at=moment,
            last_seen_at=moment,
            expires_at=moment + lasting,
        )
    )
    return token


def close_session(session: Session, session_id: UUID) -> None:
    """End a session for good."""
    session.execute(
        update(SignInSession).where(SignInSession.id == session_id).values(ended_at=clock.now())
    )


def touch_session(session: Session, session_id: UUID) -> None:
    """Note that a session is in use."""
    session.execute(
        update(SignInSession).where(SignInSession.id == session_id).values(last_seen_at=clock.now())
    )


def set_language(session: Session, user_id: UUID, language: str) -> None:
    """Keep a person's language."""
    session.execute(update(User).where(User.id == user_id).values(language=language))


def create_admin(
    session: Session, full_name: str, email: str | None, phone: str | None, password: str
) -> User:
    """Make an account with the role of administrator (command line only)."""
    user = _new_user(session, full_name, email, phone, hash_password(password))
    appoint(session, user, Role.ADMIN, None)
    return user


def _new_user(
    session: Session, full_name: str, email: str | None, phone: str | None, password_hash: str
) -> User:
    if not email and not phone:
        raise Rejected("contact_needed", "email")
    if session.scalars(queries.holding(None, email, phone)).first():
        raise Rejected("contact_taken", "email")
    user = User(
        full_name=full_name,
        called="",
        email=email,
        phone=phone,
        password_hash=password_hash,
        language="id",
        created_at=clock.now(),
    )
    session.add(user)
    try:
        session.flush()
    except IntegrityError as error:
        # Two people pressed at once with the same address; the database let one through.
        raise Rejected("contact_taken", "email") from error
    return user


def appoint(session: Session, user: User, role: Role, school_id: UUID | None) -> Membership:
    """Give a person a role from today on."""
    membership = Membership(
        user_id=user.id, role=role, school_id=school_id, starts_on=clock.today()
    )
    session.add(membership)
    session.flush()
    return membership


def invite(session: Session, actor: Actor, command: Invite) -> tuple[Invitation, str]:
    """Write an invitation and return it with its secret token, which is never stored.

    Raises Rejected("not_allowed") or Rejected("contact_needed").
    """
    if not policy.may_invite(actor, command.role, command.school_id):
        raise Rejected("not_allowed", "role")
    if not command.email and not command.phone:
        raise Rejected("contact_needed", "email")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    moment = clock.now()
    hours = settings.read(session)["invitation_hours"]
    invitation = Invitation(
        token_hash=queries.token_hash(token),
        role=command.role,
        school_id=command.school_id,
        full_name=command.full_name,
        email=command.email,
        phone=command.phone,
        invited_by=actor.user_id,
        created_at=moment,
        expires_at=moment + timedelta(hours=hours),
    )
    session.add(invitation)
    session.flush()
    return invitation, token


def cancel_invitation(session: Session, actor: Actor, invitation: Invitation) -> None:
    """Withdraw an invitation that nobody has used."""
    if not policy.may_invite(actor, Role(invitation.role), invitation.school_id):
        raise Rejected("not_allowed")
    invitation.cancelled_at = clock.now()


def accept_invitation(session: Session, token: str, person: NewPerson) -> User:
    """Make the account (or use the one that exists) and the appointment.

    Raises Rejected("invitation_over") for a token that is unknown, used or too old and
    Rejected("password_of_account") when the account exists and the password is not its own.
    """
    invitation = queries.find_invitation(session, token, lock=True)
    if invitation is None:
        raise Rejected("invitation_over")
    holders = session.scalars(queries.holding(None, invitation.email, invitation.phone)).all()
    if len(holders) > 1:
        # The address belongs to one account and the number to another; nobody can be both.
        raise Rejected("contact_taken")
    user = holders[0] if holders else None
    if user is None:
        user = _new_user(
            session,
            person.full_name,
            invitation.email,
            invitation.phone,
            hash_password(person.password),
        )
        user.called = person.called
        user.language = person.language
    elif not password_fits(user, person.password):
        raise Rejected("password_of_account", "password")
    held = Appointment(Role(invitation.role), invitation.school_id)
    if held not in queries.appointments_of(session, user.id):
        appoint(session, user, held.role, held.school_id)
    invitation.used_at = clock.now()
    return user


def end_membership(session: Session, actor: Actor, membership: Membership) -> None:
    """End an appointment with yesterday, so that its rights are gone now; also open sessions."""
    if not policy.may_end(actor, membership):
        raise Rejected("not_allowed")
    yesterday = clock.today() - timedelta(days=1)
    # A late press never lengthens an appointment that ended before.
    if membership.ends_on is None or membership.ends_on > yesterday:
        membership.ends_on = max(yesterday, membership.starts_on - timedelta(days=1))
    session.execute(
        update(SignInSession)
        .where(SignInSession.user_id == membership.user_id, SignInSession.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


def change_profile(session: Session, user: User, full_name: str, called: str) -> None:
    """Change how a person is named and greeted."""
    user.full_name = full_name
    user.called = called
