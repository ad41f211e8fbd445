"""A teacher saw what the office answered."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor
from portal.monitoring.queries.sheets import unseen_replies


def see_replies(session: Session, actor: Actor, follow_up_id: UUID) -> None:
    """Note that a teacher saw every answer to their forms about a child."""
    for unseen in unseen_replies(session, actor, follow_up_id):
        unseen.seen_at = clock.now()
