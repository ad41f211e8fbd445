"""Messages, the e-mails they leave in, and what people want to be told how."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Public
from portal.core.types import Encrypted
from portal.notifications.states import DeliveryState, Mailing, Nature, Rhythm


class Delivery(Public, Base):
    """One e-mail to one person: a piece of news, or a day's reminders; its text is never kept.

    It is written anew from its messages at each try, so what was done meanwhile is not said. Its id
    becomes its Message-ID, by which a mailbox knows an e-mail that came twice.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index(None, "state", "next_try_at"),
        CheckConstraint("recipient_id IS NOT NULL OR address IS NOT NULL", name="addressed"),
    )

    recipient_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    # Of somebody without an account; other addresses are read when the e-mail leaves.
    address: Mapped[str | None] = mapped_column(Encrypted())
    language: Mapped[str] = mapped_column(String(2), default="id")
    state: Mapped[DeliveryState] = mapped_column(String(20))
    nature: Mapped[Nature] = mapped_column(String(20))
    written_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    # Until then one worker has it in hand; a worker that died loses it by time.
    leased_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    # When a server may have taken it; empty as long as none was reached.
    tried_at: Mapped[datetime | None]
    # When the time for tries began; "try again" begins it anew.
    trying_since: Mapped[datetime]
    # A code of ours with the server's figure ("refused 550"), never its words.
    problem: Mapped[str] = mapped_column(String(60), default="")
    ended_at: Mapped[datetime | None]


class Message(Public, Base):
    """Something one person is to know; `facts` fill the sentence of `kind`, never with a child's.

    Kept in the transaction of what it tells of, and shown in the person's inbox from then on.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index(None, "recipient_id", "written_at"),
        Index(None, "subject_id", "kind"),
        Index(None, "mailing", "not_before"),
        CheckConstraint("recipient_id IS NOT NULL OR address IS NOT NULL", name="addressed"),
    )

    kind: Mapped[str] = mapped_column(String(40))
    nature: Mapped[Nature] = mapped_column(String(20))
    recipient_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    # Of somebody without an account.
    address: Mapped[str | None] = mapped_column(Encrypted())
    language: Mapped[str] = mapped_column(String(2), default="id")
    subject_id: Mapped[UUID]
    # The to-do it reminds of; the message is void when that is closed.
    duty_id: Mapped[UUID | None] = mapped_column(index=True)
    link: Mapped[str] = mapped_column(String(200))
    # The part of a link that opens something by itself; emptied once the e-mail has left.
    secret: Mapped[str | None] = mapped_column(Encrypted())
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    written_at: Mapped[datetime]
    # What can be undone for some seconds is not told before.
    not_before: Mapped[datetime]
    mailing: Mapped[Mailing] = mapped_column(String(20))
    delivery_id: Mapped[UUID | None] = mapped_column(ForeignKey("delivery.id"), index=True)
    read_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    # Somebody of the office sent the ready text by WhatsApp, and said so.
    handed_over_at: Mapped[datetime | None]
    handed_over_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))


class Preference(Base):
    """What somebody wants to be told by e-mail; without a row the office's defaults hold."""

    __tablename__ = "message_preference"
    __table_args__ = (
        CheckConstraint("quiet_from BETWEEN 0 AND 23", name="quiet_from"),
        CheckConstraint("quiet_until BETWEEN 0 AND 23", name="quiet_until"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), primary_key=True)
    news_by_mail: Mapped[bool]
    reminders: Mapped[Rhythm] = mapped_column(String(20))
    # Full hours in WIB; the same hour twice means no quiet hours.
    quiet_from: Mapped[int]
    quiet_until: Mapped[int]
    changed_at: Mapped[datetime]
