"""Reading sign-in sessions: who holds which device."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Appointment, Role
from portal.core.prepared import NOW, TODAY, prepared
from portal.core.settings import Office
from portal.core.tokens import token_hash
from portal.people.models import Membership, Passkey, SignInSession, User, short_name
from portal.people.queries.appointments import in_force

CONDUCT = "people.conduct_form"
FACTOR = "people.factor_form"
# A session notes at most so often that it is in use.
TOUCH_EVERY = timedelta(minutes=1)


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
    # When they last proved who they are.
    proven_at: datetime
    # The step that comes before everything else, if there is one.
    must: str | None = None
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """Return the id Flask-Login asks for."""
        return str(self.actor.user_id)


def signed_in_person(session: Session, token: str, office: Office) -> SignedInPerson | None:
    """Return whoever holds this session cookie; None when it ended, idled out or nothing is held.

    An appointment that ended takes its rights with it at once: without any, nobody is signed in.
    """
    rows = session.execute(*_holder(hashed=token_hash(token))).all()
    if not rows:
        return None
    held = rows[0]
    if clock.now() - held.last_seen_at > idle_limit(office, own_device=held.own_device):
        return None
    appointments = tuple(Appointment(Role(row.role), row.school_id) for row in rows)
    return SignedInPerson(
        actor=Actor(held.user_id, held.full_name, appointments),
        session_id=held.id,
        full_name=held.full_name,
        called=short_name(held.called, held.full_name),
        language=held.language,
        own_device=held.own_device,
        last_seen_at=held.last_seen_at,
        proven_at=held.proven_at,
        must=_must(office, held, appointments),
    )


@prepared
def _holder(*, hashed: bytes) -> Select[*tuple[Any, ...]]:
    """Select a session with its person, once for each appointment of today."""
    return (
        select(
            SignInSession.id,
            SignInSession.user_id,
            SignInSession.own_device,
            SignInSession.last_seen_at,
            SignInSession.proven_at,
            User.full_name,
            User.called,
            User.language,
            User.conduct_edition,
            # Whether there is a second proof; what it is has no business here.
            or_(User.totp_secret.is_not(None), exists().where(Passkey.user_id == User.id)).label(
                "has_factor"
            ),
            Membership.role,
            Membership.school_id,
        )
        .join(User, User.id == SignInSession.user_id)
        .join(Membership, Membership.user_id == User.id)
        .where(_alive(hashed), SignInSession.awaits_factor.is_(False), in_force(TODAY))
        .order_by(Membership.starts_on, Membership.id)
    )


def _alive(hashed: bytes) -> ColumnElement[bool]:
    return and_(
        SignInSession.token_hash == hashed,
        SignInSession.ended_at.is_(None),
        SignInSession.expires_at > NOW,
    )


def _must(
    office: Office, held: Row[*tuple[Any, ...]], appointments: tuple[Appointment, ...]
) -> str | None:
    """Return the page that comes before all others: the code of conduct, then the second proof."""
    if held.conduct_edition is None or held.conduct_edition < office["conduct_edition"]:
        return CONDUCT
    needed = {each.role for each in appointments} & set(office["second_factor_roles"])
    if needed and not held.has_factor:
        return FACTOR
    return None


def waiting_person(session: Session, token: str) -> tuple[SignInSession, User] | None:
    """Return whose password was right and whose second proof is still awaited."""
    row = session.execute(
        select(SignInSession, User)
        .join(User, User.id == SignInSession.user_id)
        .where(_alive(token_hash(token)), SignInSession.awaits_factor)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def owner_of(session: Session, token: str) -> UUID | None:
    """Return whose session this was, also when it has ended: it says who, not that they may."""
    return session.scalar(
        select(SignInSession.user_id).where(
            SignInSession.token_hash == token_hash(token), SignInSession.awaits_factor.is_(False)
        )
    )


def has_factor(session: Session, user: User) -> bool:
    """Say whether an account asks for a second proof."""
    held = select(Passkey.id).where(Passkey.user_id == user.id)
    return bool(user.totp_secret) or session.scalars(held).first() is not None


def list_sessions(session: Session, user_id: UUID) -> list[SignInSession]:
    """Return the sessions somebody could still use, the last used first."""
    return list(
        session.scalars(
            select(SignInSession)
            .where(
                SignInSession.user_id == user_id,
                SignInSession.ended_at.is_(None),
                SignInSession.expires_at > clock.now(),
                SignInSession.awaits_factor.is_(False),
            )
            .order_by(SignInSession.last_seen_at.desc())
        )
    )


def list_passkeys(session: Session, user_id: UUID) -> list[Passkey]:
    """Return somebody's passkeys, the oldest first."""
    return list(
        session.scalars(
            select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.created_at)
        )
    )


def idle_limit(office: Office, *, own_device: bool) -> timedelta:
    """Return how long a session may rest before it ends."""
    if own_device:
        return timedelta(days=office["own_phone_idle_days"])
    return timedelta(minutes=office["idle_minutes"])
