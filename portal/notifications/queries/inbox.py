"""One's own messages: the unread first, each group newest first, and how many are unread."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select, tuple_
from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.core.duties import Duty
from portal.core.prepared import prepared
from portal.core.types import UtcDateTime
from portal.notifications import policy
from portal.notifications.models import Message
from portal.notifications.queries.words import Words, words_of
from portal.notifications.states import Nature

PAGE_SIZE = 30
# A badge says "9+" beyond nine, so nobody counts further.
MOST_COUNTED = 10

Key = tuple[int, datetime, UUID]


@dataclass(frozen=True)
class Item:
    """A message as its receiver sees it; `over` when there is nothing more to do about it."""

    message: Message
    words: Words
    unread: bool
    over: bool


@dataclass(frozen=True)
class Page:
    """A stretch of the inbox, and the key from which it goes on."""

    items: list[Item]
    after: Key | None


def _unread() -> ColumnElement[bool]:
    """Return the condition for what still waits to be read; needs the to-do joined."""
    return and_(Message.read_at.is_(None), Duty.closed_at.is_(None))


def count_unread(session: Session, actor: Actor) -> int:
    """Return how many messages wait to be read, `MOST_COUNTED` at most."""
    return session.scalar(*_number_unread(actor)) or 0


@prepared
def _number_unread(actor: Actor) -> Select[int]:
    some = (
        select(Message.id)
        .outerjoin(Duty, Duty.id == Message.duty_id)
        .where(policy.visible_to(actor), _unread())
        .limit(MOST_COUNTED)
    )
    return select(func.count()).select_from(some.subquery())


def inbox(session: Session, actor: Actor, after: Key | None = None) -> Page:
    """Return an actor's messages, a page at a time."""
    unread = case((_unread(), 1), else_=0)
    columns = (unread, Message.not_before, Message.id)
    query = (
        select(Message, unread.label("unread"), Duty.closed_at)
        .outerjoin(Duty, Duty.id == Message.duty_id)
        .where(policy.visible_to(actor))
        .order_by(*(column.desc() for column in columns))
        .limit(PAGE_SIZE + 1)
    )
    if after:
        there = (after[0], literal(after[1], UtcDateTime()), literal(after[2], Message.id.type))
        query = query.where(tuple_(*columns) < tuple_(*there))
    rows = list(session.execute(query))
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    items = [
        Item(
            message,
            words_of(message.kind, Nature(message.nature), message.facts),
            bool(is_unread),
            bool(closed_at or message.withdrawn_at),
        )
        for message, is_unread, closed_at in rows
    ]
    last = items[-1] if more else None
    return Page(
        items, (int(last.unread), last.message.not_before, last.message.id) if last else None
    )


def get_message(session: Session, actor: Actor, public_id: str) -> Message | None:
    """Return one of an actor's own messages, also one that was taken back since it was shown."""
    return session.scalar(select(Message).where(Message.public_id == public_id, policy.own(actor)))
