"""Messages that somebody of the office brings to their receiver by WhatsApp."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.notifications.events import MessageHandedOver
from portal.notifications.models import Message


def hand_over(session: Session, actor: Actor, message: Message) -> None:
    """Note who sent the ready text, and when; raises Rejected("handed_over_already")."""
    # Locked, so that of two colleagues who press at once one learns of the other.
    now_kept = session.scalars(
        select(Message)
        .where(Message.id == message.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if now_kept.handed_over_at is not None or now_kept.recipient_id is None:
        raise Rejected("handed_over_already")
    now_kept.handed_over_at = clock.now()
    now_kept.handed_over_by = actor.user_id
    emit(session, actor, MessageHandedOver(now_kept.id, now_kept.recipient_id, now_kept.kind))
