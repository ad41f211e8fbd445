"""Reading links to a new password."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.tokens import token_hash
from portal.people.models import ResetLink


def find_reset(session: Session, token: str, *, lock: bool = False) -> ResetLink | None:
    """Return the open link behind a token, on demand locked so that one press wins."""
    query = select(ResetLink).where(
        ResetLink.token_hash == token_hash(token),
        ResetLink.used_at.is_(None),
        ResetLink.cancelled_at.is_(None),
        ResetLink.expires_at > clock.now(),
    )
    return session.scalar(query.with_for_update() if lock else query)
