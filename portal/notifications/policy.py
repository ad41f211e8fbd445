"""Which messages and deliveries somebody may see."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_

from portal.core.access import Actor, Permission
from portal.core.prepared import NOW
from portal.notifications.models import Delivery, Message
from portal.people.policy import kept_from


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for one's own messages; taken back unread, they were never there."""
    return and_(
        own(actor),
        or_(Message.withdrawn_at.is_(None), Message.read_at.is_not(None)),
    )


def own(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for one's own messages whose time has come, also those taken back; but
    never about a record on whose conflict list one stands.
    """
    return and_(
        Message.recipient_id == actor.user_id,
        Message.not_before <= NOW,
        Message.subject_id.not_in(kept_from(actor)),
    )


def may_hand_over(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for messages that an actor may bring to others by WhatsApp."""
    return and_(
        actor.within(Permission.MESSAGE_HAND_OVER),
        Message.recipient_id.is_not(None),
        Message.subject_id.not_in(kept_from(actor)),
    )


def deliveries_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the e-mails whose way an actor may look at."""
    return and_(actor.within(Permission.OPERATIONS), Delivery.id.is_not(None))
