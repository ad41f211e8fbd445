"""What people do with messages that others should be able to look up."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from portal.core.events import Event


@dataclass(frozen=True)
class MessageHandedOver(Event, action="message.handed_over"):
    """Somebody of the office brought a message to its receiver by WhatsApp."""

    recipient_id: UUID
    kind: str


@dataclass(frozen=True)
class PreferenceChanged(Event, action="message_preference.changed"):
    """Somebody wants to be told otherwise than before; the record is their account."""

    news_by_mail: bool
    reminders: str
    quiet_from: int
    quiet_until: int


@dataclass(frozen=True)
class DeliveryRetried(Event, action="delivery.retried"):
    """Somebody had an e-mail tried anew that did not leave before."""

    tries: int
