"""What a receiver does with messages: opening one, or having seen all."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor
from portal.notifications import policy
from portal.notifications.models import Message


def open_message(session: Session, actor: Actor, message: Message) -> None:
    """Note when a message was first read."""
    if message.recipient_id == actor.user_id and message.read_at is None:
        message.read_at = clock.now()


def read_all(session: Session, actor: Actor) -> None:
    """Note that an actor has seen everything there is."""
    session.execute(
        update(Message)
        .where(policy.visible_to(actor), Message.read_at.is_(None))
        .values(read_at=clock.now())
    )
