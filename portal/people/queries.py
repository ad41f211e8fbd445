"""Reading people, invitations and sessions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import ColumnElement, Select, distinct, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from portal.core import clock
from portal.core.access import Actor, Appointment, Role
from portal.core.settings import Office
from portal.people import policy
from portal.people.models import Invitation, Membership, SignInSession, User


@dataclass(frozen=True)
class SignedInPerson:
    """Whoever is signed in, as the web needs to know them."""

    actor: Actor
    session_id: UUID
    full_name: str
    called: str
    language: str
    own_device: bool
    last_seen_at: datetime
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """Return the id Flask-Login asks for."""
        return str(self.actor.user_id)


def token_hash(token: str) -> bytes:
    """Return what is stored of a 256-bit token."""
    return hashlib.sha256(token.encode()).digest()


def normal_email(text: str) -> str:
    """Return the form in which e-mail addresses are kept and compared."""
    return text.strip().lower()


def is_email(text: str) -> bool:
    """Say whether a text has the shape of an e-mail address."""
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def normal_phone(text: str) -> str | None:
    """Return an Indonesian or international number as `+62...`; None when it is no number."""
    try:
        number = phonenumbers.parse(text, "ID")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


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


def in_force(day: date) -> ColumnElement[bool]:
    """Return the condition for appointments that hold on a day."""
    return (Membership.starts_on <= day) & (
        Membership.ends_on.is_(None) | (Membership.ends_on >= day)
    )


def appointments_of(session: Session, user_id: UUID) -> tuple[Appointment, ...]:
    """Return the appointments a person holds today."""
    rows = session.execute(
        select(Membership.role, Membership.school_id)
        .where(Membership.user_id == user_id, in_force(clock.today()))
        .order_by(Membership.starts_on, Membership.id)
    )
    return tuple(Appointment(Role(role), school_id) for role, school_id in rows)


def actor_for(session: Session, user: User) -> Actor:
    """Return a person as an actor, for commands and jobs."""
    return Actor(user.id, user.full_name, appointments_of(session, user.id))


def signed_in_person(session: Session, token: str, office: Office) -> SignedInPerson | None:
    """Return whoever holds this session cookie; None when it ended, idled out or nothing is held.

    An appointment that ended takes its rights with it at once: without any, nobody is signed in.
    """
    moment = clock.now()
    row = session.execute(
        select(SignInSession, User)
        .join(User, User.id == SignInSession.user_id)
        .where(
            SignInSession.token_hash == token_hash(token),
            SignInSession.ended_at.is_(None),
            SignInSession.expires_at > moment,
        )
    ).one_or_none()
    if row is None:
        return None
    held, user = row
    if moment - held.last_seen_at > idle_limit(office, own_device=held.own_device):
        return None
    appointments = appointments_of(session, user.id)
    if not appointments:
        return None
    return SignedInPerson(
        actor=Actor(user.id, user.full_name, appointments),
        session_id=held.id,
        full_name=user.full_name,
        called=user.short_name,
        language=user.language,
        own_device=held.own_device,
        last_seen_at=held.last_seen_at,
    )


def idle_limit(office: Office, *, own_device: bool) -> timedelta:
    """Return how long a session may rest before it ends."""
    if own_device:
        return timedelta(days=office["own_phone_idle_days"])
    return timedelta(minutes=office["idle_minutes"])


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


def list_open_invitations(session: Session, actor: Actor) -> list[Invitation]:
    """Return invitations that wait for an answer, the newest first."""
    return list(
        session.scalars(
            select(Invitation)
            .where(policy.invitations_visible_to(actor), _open_invitation())
            .order_by(Invitation.created_at.desc())
        )
    )


def get_invitation(session: Session, actor: Actor, public_id: str) -> Invitation | None:
    """Return one open invitation an actor may see."""
    return session.scalar(
        select(Invitation).where(
            Invitation.public_id == public_id,
            policy.invitations_visible_to(actor),
            _open_invitation(),
        )
    )


def find_invitation(session: Session, token: str, *, lock: bool = False) -> Invitation | None:
    """Return the open invitation behind a token, on demand locked so that one press wins."""
    query = select(Invitation).where(Invitation.token_hash == token_hash(token), _open_invitation())
    return session.scalar(query.with_for_update() if lock else query)


def _open_invitation() -> ColumnElement[bool]:
    return (
        Invitation.used_at.is_(None)
        & Invitation.cancelled_at.is_(None)
        & (Invitation.expires_at > clock.now())
    )


def count_at(session: Session, school_id: UUID) -> int:
    """Return how many people hold a role at a school today."""
    holders = select(func.count(distinct(Membership.user_id))).where(
        Membership.school_id == school_id, in_force(clock.today())
    )
    return session.scalar(holders) or 0


def people_with_role(session: Session, role: Role) -> list[User]:
    """Return everybody who holds an office role today, by name."""
    return list(
        session.scalars(
            select(User)
            .join(Membership)
            .where(Membership.role == role, in_force(clock.today()))
            .order_by(User.full_name)
            .distinct()
        )
    )


def everybody_with_appointments(session: Session) -> list[tuple[User, list[Membership]]]:
    """Return all accounts with what they are appointed to today, in the order they were made."""
    rows = session.execute(
        select(User, Membership)
        .join(Membership, Membership.user_id == User.id)
        .where(in_force(clock.today()))
        .order_by(User.id, Membership.id)
    )
    people: dict[UUID, tuple[User, list[Membership]]] = {}
    for user, membership in rows:
        people.setdefault(user.id, (user, []))[1].append(membership)
    return list(people.values())
