"""Reading invitations."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor
from portal.core.tokens import token_hash
from portal.people import policy
from portal.people.models import Invitation


def list_open_invitations(session: Session, actor: Actor) -> list[Invitation]:
    """Return invitations that wait for an answer, the newest first."""
    return list(
        session.scalars(
            select(Invitation)
            .where(policy.invitations_visible_to(actor), open_invitation())
            .order_by(Invitation.created_at.desc())
        )
    )


def get_invitation(session: Session, actor: Actor, public_id: str) -> Invitation | None:
    """Return one open invitation an actor may see."""
    return session.scalar(
        select(Invitation).where(
            Invitation.public_id == public_id,
            policy.invitations_visible_to(actor),
            open_invitation(),
        )
    )


def find_invitation(session: Session, token: str, *, lock: bool = False) -> Invitation | None:
    """Return the open invitation behind a token, on demand locked so that one press wins.

    One that still needs the division head's word is not open yet.
    """
    query = select(Invitation).where(
        Invitation.token_hash == token_hash(token),
        open_invitation(),
        Invitation.needs_approval.is_(False) | Invitation.approved_at.is_not(None),
    )
    return session.scalar(query.with_for_update() if lock else query)


def open_invitation() -> ColumnElement[bool]:
    """Return the condition for invitations that nobody used or withdrew, in their time."""
    return (
        Invitation.used_at.is_(None)
        & Invitation.cancelled_at.is_(None)
        & (Invitation.expires_at > clock.now())
    )
