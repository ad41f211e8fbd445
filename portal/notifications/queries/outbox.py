"""What waits for an e-mail, and what stands in an e-mail's way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, or_, select
from sqlalchemy.orm import Session, aliased

from portal.core import clock
from portal.core.duties import Duty
from portal.notifications.models import Delivery, Message, Preference
from portal.notifications.queries.kinds import PASSWORD_RESET, UNTIL
from portal.notifications.states import DeliveryState, Mailing, Nature
from portal.people.models import User

# The server was not reached, or did not let the portal in: nothing was said of any e-mail yet.
NO_LINE = ("no_connection", "no_tls", "untrusted", "sign_in")


def waiting_ids(moment: datetime) -> Select[UUID]:
    """Select (and lock) the messages that no e-mail carries yet, by id: nothing is opened.

    Of two workers the second waits, and finds the rest: shared out, nobody's would be in order.
    """
    return (
        select(Message.id)
        .where(Message.mailing == Mailing.WAITING, Message.not_before <= moment)
        .order_by(Message.written_at, Message.id)
        .with_for_update(of=Message)
    )


def waiting(ids: Sequence[UUID]) -> Select[Message, Duty, User, Preference]:
    """Select these messages with what decides when an e-mail may carry them."""
    return (
        select(Message, Duty, User, Preference)
        .outerjoin(Duty, Duty.id == Message.duty_id)
        .outerjoin(User, User.id == Message.recipient_id)
        .outerjoin(Preference, Preference.user_id == Message.recipient_id)
        .where(Message.id.in_(ids))
        .order_by(Message.written_at, Message.id)
    )


def carried(session: Session, delivery_id: UUID) -> list[Row[Message, Duty]]:
    """Return the messages of an e-mail with what they remind of, the oldest first."""
    return list(
        session.execute(
            select(Message, Duty)
            .outerjoin(Duty, Duty.id == Message.duty_id)
            .where(Message.delivery_id == delivery_id)
            .order_by(Message.written_at, Message.id)
        )
    )


def stands(message: Message, duty: Duty | None) -> bool:
    """Say whether a message still has something to say.

    An alarm does even when it was read: whoever sits at a stranger's account reads its messages.
    """
    if message.withdrawn_at or (message.read_at and message.nature != Nature.ALARM):
        return False
    if message.duty_id and (duty is None or duty.closed_at):
        return False
    until = message.facts.get(UNTIL)
    # A link to a new password is made anew when it leaves.
    if until is None or message.kind == PASSWORD_RESET:
        return True
    return datetime.fromisoformat(until) > clock.now()


def _free(moment: datetime) -> ColumnElement[bool]:
    return or_(Delivery.leased_until.is_(None), Delivery.leased_until < moment)


def next_due(session: Session) -> UUID | None:
    """Return the id of the e-mail to send now (and lock it): alarms first, then by age.

    Nobody gets a later one before an earlier one, alarms apart. Nothing sealed is opened yet.
    """
    moment = clock.now()
    earlier = aliased(Delivery)
    is_alarm = Delivery.nature == Nature.ALARM
    behind = (
        select(earlier.id)
        .where(
            earlier.recipient_id == Delivery.recipient_id,
            earlier.state == DeliveryState.WAITING,
            earlier.nature != Nature.ALARM,
            earlier.id < Delivery.id,
        )
        .exists()
    )
    return session.scalar(
        select(Delivery.id)
        .where(
            Delivery.state == DeliveryState.WAITING,
            Delivery.next_try_at <= moment,
            _free(moment),
            or_(is_alarm, ~behind),
        )
        .order_by(is_alarm.desc(), Delivery.id)
        .limit(1)
        .with_for_update(of=Delivery, skip_locked=True)
    )


def open_for_more(session: Session, recipient_id: UUID, nature: Nature) -> Delivery | None:
    """Return (and lock) an e-mail that has not begun to leave and can say one thing more.

    One that a server may have taken already cannot: its mailbox would drop the second as known.
    """
    return session.scalar(
        select(Delivery)
        .where(
            Delivery.recipient_id == recipient_id,
            Delivery.nature == nature,
            Delivery.state == DeliveryState.WAITING,
            _free(clock.now()),
            Delivery.tried_at.is_(None),
        )
        .order_by(Delivery.id.desc())
        .limit(1)
        .with_for_update(of=Delivery, skip_locked=True)
    )
