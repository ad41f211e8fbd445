"""Writing messages and taking them back, in the transaction of what they tell of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.db import new_id
from portal.notifications.models import Delivery, Message, Preference
from portal.notifications.queries.words import permitted
from portal.notifications.states import Mailing, Nature

# What stands instead of an outsider's address once nothing goes there any more.
NOBODY = "-"


@dataclass(frozen=True)
class Outsider:
    """Somebody without an account, by e-mail address, and the language to write in."""

    address: str
    language: str


@dataclass(frozen=True)
class Telling:
    """What one person or more are to know; `facts` hold names of schools and times, no child's."""

    kind: str
    subject_id: UUID
    link: str
    facts: dict[str, Any] = field(default_factory=dict)
    nature: Nature = Nature.NEWS
    duty_id: UUID | None = None
    not_before: datetime | None = None
    # What makes the link open by itself; kept encrypted and only until the e-mail has left.
    secret: str | None = field(default=None, repr=False)


def tell(session: Session, people: Iterable[UUID], what: Telling) -> list[Message]:
    """Write a message to each of these people, once to everybody."""
    return [_write(session, what, recipient_id=each) for each in dict.fromkeys(people)]


def tell_outsider(session: Session, whom: Outsider, what: Telling) -> Message:
    """Write a message to somebody without an account."""
    return _write(session, what, address=whom.address, language=whom.language)


def _write(session: Session, what: Telling, **whom: Any) -> Message:
    moment = clock.now()
    message = Message(
        id=new_id(),
        kind=what.kind,
        nature=what.nature,
        subject_id=what.subject_id,
        duty_id=what.duty_id,
        link=what.link,
        secret=what.secret,
        facts=permitted(what.kind, what.facts),
        written_at=moment,
        not_before=max(moment, what.not_before or moment),
        mailing=Mailing.WAITING,
        **whom,
    )
    session.add(message)
    return message


def let_go(message: Message) -> None:
    """Let a message go without an e-mail; a link's secret and an outsider's address go as well."""
    message.mailing, message.delivery_id, message.secret = Mailing.NONE, None, None
    if message.address:
        message.address = NOBODY


def withdraw(
    session: Session, subject_id: UUID, *kinds: str, people: Collection[UUID] | None = None
) -> None:
    """Take back what was told about a record and is not read yet: of these kinds, else all.

    `people` are those who are to be told so no longer; without, it is everybody.
    """
    these = [Message.subject_id == subject_id]
    if kinds:
        these.append(Message.kind.in_(kinds))
    if people is not None:
        these.append(Message.recipient_id.in_(people))
    _take_back(session, and_(*these))


def fold(
    session: Session,
    subject_ids: Collection[UUID],
    kinds: Collection[str],
    into: Callable[[list[Message]], Telling],
) -> None:
    """Tell everybody once what two messages or more, still unread and unsent, told of records."""
    waiting = select(Message).where(
        Message.subject_id.in_(subject_ids),
        Message.kind.in_(kinds),
        Message.recipient_id.is_not(None),
        Message.read_at.is_(None),
        Message.withdrawn_at.is_(None),
        Message.handed_over_at.is_(None),
        Message.mailing == Mailing.WAITING,
    )
    by_person: dict[UUID | None, list[Message]] = {}
    for message in session.scalars(waiting.order_by(Message.written_at, Message.id)):
        by_person.setdefault(message.recipient_id, []).append(message)
    for person, messages in by_person.items():
        if person is None or len(messages) == 1:
            continue
        for message in messages:
            message.withdrawn_at = clock.now()
        tell(session, [person], into(messages))


def withdraw_from(session: Session, recipient_id: UUID) -> None:
    """Take back what somebody was told and has not read yet."""
    _take_back(session, Message.recipient_id == recipient_id)


def _take_back(session: Session, these: ColumnElement[bool]) -> None:
    unread = select(Message).where(these, Message.read_at.is_(None), Message.withdrawn_at.is_(None))
    for message in session.scalars(unread):
        message.withdrawn_at = clock.now()
        message.secret = None


def forget(session: Session, user_id: UUID) -> None:
    """Delete all messages to or about somebody who was erased, and how they wanted to be told."""
    theirs = or_(Message.recipient_id == user_id, Message.subject_id == user_id)
    left_in = session.scalars(delete(Message).where(theirs).returning(Message.delivery_id)).all()
    session.execute(
        delete(Delivery).where(
            or_(Delivery.recipient_id == user_id, Delivery.id.in_(filter(None, left_in))),
            ~exists().where(Message.delivery_id == Delivery.id),
        )
    )
    session.execute(delete(Preference).where(Preference.user_id == user_id))
