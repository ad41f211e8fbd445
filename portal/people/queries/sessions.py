"""Reading sign-in sessions: who holds which device."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Appointment
from portal.core.settings import Office
from portal.core.tokens import token_hash
from portal.people.models import Passkey, SignInSession, User
from portal.people.queries.appointments import appointments_of

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
    row = session.execute(
        select(SignInSession, User, _has_passkey())
        .join(User, User.id == SignInSession.user_id)
        .where(_alive(token), SignInSession.awaits_factor.is_(False))
    ).one_or_none()
    if row is None:
        return None
    held, user, has_passkey = row
    if clock.now() - held.last_seen_at > idle_limit(office, own_device=held.own_device):
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
        proven_at=held.proven_at,
        must=_must(office, user, appointments, has_passkey=has_passkey),
    )


def _alive(token: str) -> ColumnElement[bool]:
    return and_(
        SignInSession.token_hash == token_hash(token),
        SignInSession.ended_at.is_(None),
        SignInSession.expires_at > clock.now(),
    )


def _has_passkey() -> ColumnElement[bool]:
    return exists().where(Passkey.user_id == User.id)


def _must(
    office: Office, user: User, appointments: tuple[Appointment, ...], *, has_passkey: bool
) -> str | None:
    """Return the page that comes before all others: the code of conduct, then the second proof."""
    if user.conduct_edition is None or user.conduct_edition < office["conduct_edition"]:
        return CONDUCT
    needed = {each.role for each in appointments} & set(office["second_factor_roles"])
    if needed and not user.totp_secret and not has_passkey:
        return FACTOR
    return None


def waiting_person(session: Session, token: str) -> tuple[SignInSession, User] | None:
    """Return whose password was right and whose second proof is still awaited."""
    row = session.execute(
        select(SignInSession, User)
        .join(User, User.id == SignInSession.user_id)
        .where(_alive(token), SignInSession.awaits_factor)
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
