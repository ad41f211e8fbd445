"""Sign-in sessions: starting, proving anew, ending."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.core import clock, duties, settings
from portal.core.access import Actor
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.core.tokens import new_token, token_hash
from portal.people.events import SignedIn, SignedOut
from portal.people.models import SignInSession, User
from portal.people.queries.appointments import appointments_of

# The duty of whoever can help somebody who cannot get in.
# The duty of whoever can help somebody who cannot get in.
RESET_WANTED = "reset_wanted"
# How long somebody may look for their phone between password and code.
FACTOR_PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True)
class Device:
    """What somebody signs in with."""

    own: bool = False
    name: str = ""


def await_factor(session: Session, user: User, device: Device) -> str:
    """Note that the password was right, and return the token that waits for the second proof.

    Raises Rejected("no_appointment") when the person holds no appointment today.
    """
    return _start(session, user, device, FACTOR_PATIENCE, awaits_factor=True)


def open_session(session: Session, user: User, device: Device, *, strong: bool = False) -> str:
    """Start a signed-in session and return its secret token (256 bits).

    Raises Rejected("no_appointment") when the person holds no appointment today.
    """
    office = settings.read(session)
    lasting = (
        timedelta(days=office["own_phone_idle_days"])
        if device.own
        else timedelta(hours=office["session_hours"])
    )
    token = _start(session, user, device, lasting, strong=strong)
    # Whoever got in needs no link any more.
    duties.close_duties(session, user.id, RESET_WANTED)
    emit(session, Actor(user.id, user.full_name, ()), SignedIn(user.id, strong))
    return token


def _start(session: Session, user: User, device: Device, lasting: timedelta, **marks: bool) -> str:
    if not appointments_of(session, user.id):
        raise Rejected("no_appointment")
    moment = clock.now()
    token = new_token()
    session.add(
        SignInSession(
            token_hash=token_hash(token),
            user_id=user.id,
            own_device=device.own,
            device=device.name,
            proven_at=moment,
            created_at=moment,
            last_seen_at=moment,
            expires_at=moment + lasting,
            **marks,
        )
    )
    session.flush()
    return token


def rotate(session: Session, session_id: UUID) -> str:
    """Give a session a new token, since its rights grew; the old one is dead. Returns the new."""
    token = new_token()
    held = session.get_one(SignInSession, session_id)
    held.token_hash = token_hash(token)
    held.proven_at = clock.now()
    held.strong = True
    return token


def prove(session: Session, session_id: UUID) -> None:
    """Note that whoever holds a session has just proven again who they are."""
    session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id)
        .values(proven_at=clock.now(), last_seen_at=clock.now())
    )


def touch_session(session: Session, session_id: UUID) -> None:
    """Note that a session is in use."""
    session.execute(
        update(SignInSession).where(SignInSession.id == session_id).values(last_seen_at=clock.now())
    )


def close_session(session: Session, session_id: UUID) -> None:
    """End a session for good."""
    held = session.get(SignInSession, session_id)
    if held is None or held.ended_at is not None:
        return
    held.ended_at = clock.now()
    if not held.awaits_factor:
        user = session.get_one(User, held.user_id)
        emit(session, Actor(user.id, user.full_name, ()), SignedOut(user.id))


def revoke(session: Session, actor: Actor, public_id: str) -> None:
    """End one of one's own sessions; raises Rejected("session_unknown")."""
    held = session.scalar(
        select(SignInSession).where(
            SignInSession.public_id == public_id, SignInSession.user_id == actor.user_id
        )
    )
    if held is None:
        raise Rejected("session_unknown")
    close_session(session, held.id)


def end_all(session: Session, user_id: UUID, *, but: UUID | None = None) -> None:
    """End every session of a person, on demand all but one."""
    theirs = [SignInSession.user_id == user_id, SignInSession.ended_at.is_(None)]
    if but is not None:
        theirs.append(SignInSession.id != but)
    session.execute(update(SignInSession).where(*theirs).values(ended_at=clock.now()))
