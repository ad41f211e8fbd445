"""E-mails that did not leave: to whom, since when, what stood in the way; never what they say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal, select, tuple_
from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.core.types import UtcDateTime
from portal.notifications import policy
from portal.notifications.models import Delivery
from portal.notifications.states import DeliveryState
from portal.people.models import User

PAGE_SIZE = 30

Key = tuple[datetime, UUID]


@dataclass(frozen=True)
class Row:
    """An e-mail with its receiver, where that is somebody with an account."""

    delivery: Delivery
    person: User | None

    @property
    def address(self) -> str:
        """Return where it would go now; empty when there is no address any more."""
        return (self.person.email if self.person else self.delivery.address) or ""


@dataclass(frozen=True)
class Page:
    """A stretch of the list, and the key from which it goes on."""

    rows: list[Row]
    after: Key | None


# What stands under each tab: e-mails given up, and those that are still tried again.
_TROUBLED: dict[DeliveryState, ColumnElement[bool]] = {
    DeliveryState.GIVEN_UP: Delivery.state == DeliveryState.GIVEN_UP,
    DeliveryState.WAITING: and_(Delivery.state == DeliveryState.WAITING, Delivery.tries > 0),
}


def count_failures(session: Session, actor: Actor) -> dict[DeliveryState, int]:
    """Return how many e-mails stand under each tab."""
    return {
        state: session.scalar(
            select(func.count()).where(policy.deliveries_visible_to(actor), troubled)
        )
        or 0
        for state, troubled in _TROUBLED.items()
    }


def list_failures(
    session: Session, actor: Actor, state: DeliveryState, after: Key | None = None
) -> Page:
    """Return the e-mails under a tab, those first whose trouble is youngest."""
    columns = (Delivery.trying_since, Delivery.id)
    query = (
        select(Delivery, User)
        .outerjoin(User, User.id == Delivery.recipient_id)
        .where(policy.deliveries_visible_to(actor), _TROUBLED[state])
        .order_by(*(column.desc() for column in columns))
        .limit(PAGE_SIZE + 1)
    )
    if after:
        there = (literal(after[0], UtcDateTime()), literal(after[1], Delivery.id.type))
        query = query.where(tuple_(*columns) < tuple_(*there))
    rows = [Row(delivery, person) for delivery, person in session.execute(query)]
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    last = rows[-1].delivery if more else None
    return Page(rows, (last.trying_since, last.id) if last else None)


def get_failure(session: Session, actor: Actor, public_id: str) -> Delivery | None:
    """Return an e-mail that did not leave."""
    return session.scalar(
        select(Delivery).where(Delivery.public_id == public_id, policy.deliveries_visible_to(actor))
    )


def all_given_up(session: Session, actor: Actor) -> list[Delivery]:
    """Return every e-mail that was given up."""
    given_up = _TROUBLED[DeliveryState.GIVEN_UP]
    return list(
        session.scalars(select(Delivery).where(policy.deliveries_visible_to(actor), given_up))
    )
