"""What somebody of the office could bring to schools by WhatsApp, and who brought what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session, aliased

from portal.core import clock
from portal.core.access import Actor
from portal.core.duties import Duty
from portal.core.types import UtcDateTime
from portal.notifications import policy
from portal.notifications.models import Delivery, Message
from portal.notifications.queries.words import CHATS, KINDS, Words, words_of
from portal.notifications.states import DeliveryState, Nature
from portal.people.models import Membership, User
from portal.people.queries.appointments import in_force
from portal.schools.models import School

PAGE_SIZE = 30
# What is older has reached its receiver some other way, or no longer matters.
WORTH_FOR = timedelta(days=14)
# What happens between a school and the office; one's own account is nobody else's business.
ABOUT_SCHOOLS = tuple(
    sorted(name for name, kind in KINDS.items() if "school" in kind.facts or name in CHATS)
)

NeedKey = tuple[int, datetime, UUID]
LogKey = tuple[datetime, UUID]


@dataclass(frozen=True)
class Row:
    """A message that waits for its receiver, whom no e-mail reached when `unreached`."""

    message: Message
    person: User
    words: Words
    schools: str
    unreached: bool


@dataclass(frozen=True)
class Entry:
    """A message that somebody brought to its receiver."""

    message: Message
    person: User
    giver: User
    words: Words


@dataclass(frozen=True)
class Waiting:
    """A stretch of what waits, and the key from which it goes on."""

    rows: list[Row]
    after: NeedKey | None


@dataclass(frozen=True)
class Log:
    """A stretch of what was brought, and the key from which it goes on."""

    entries: list[Entry]
    after: LogKey | None


@dataclass(frozen=True)
class Trace:
    """One person's messages about one record: what waits, and what was brought by whom."""

    waiting: list[Row]
    given: list[Entry]


def _may(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for what may be brought at all: about a school, to people of schools."""
    at_a_school = exists().where(
        Membership.user_id == Message.recipient_id,
        Membership.school_id.is_not(None),
        in_force(clock.today()),
    )
    return and_(
        policy.may_hand_over(actor),
        Message.kind.in_(ABOUT_SCHOOLS),
        Message.nature != Nature.ALARM,
        at_a_school,
    )


def _waits() -> ColumnElement[bool]:
    """Return the condition for what is still news; needs the to-do joined."""
    moment = clock.now()
    return and_(
        Message.read_at.is_(None),
        Message.withdrawn_at.is_(None),
        Message.handed_over_at.is_(None),
        Message.not_before <= moment,
        Message.not_before > moment - WORTH_FOR,
        Duty.closed_at.is_(None),
    )


def _unreached() -> ColumnElement[int]:
    nothing_reached = or_(User.email.is_(None), Delivery.state == DeliveryState.GIVEN_UP)
    return case((nothing_reached, 1), else_=0)


def _waiting(actor: Actor) -> Select[*tuple[Message, User, int]]:
    return (
        select(Message, User, _unreached())
        .join(User, User.id == Message.recipient_id)
        .outerjoin(Delivery, Delivery.id == Message.delivery_id)
        .outerjoin(Duty, Duty.id == Message.duty_id)
        .where(_may(actor), _waits())
    )


def _rows(session: Session, query: Select[*tuple[Message, User, int]]) -> list[Row]:
    found = list(session.execute(query))
    schools = _schools_of(session, {person.id for _message, person, _unreached in found})
    return [
        Row(message, person, _words(message), schools.get(person.id, ""), bool(unreached))
        for message, person, unreached in found
    ]


def _schools_of(session: Session, people: set[UUID]) -> dict[UUID, str]:
    """Return the names of the schools where these people hold a role today."""
    if not people:
        return {}
    held = session.execute(
        select(Membership.user_id, School.name)
        .join(School, School.id == Membership.school_id)
        .where(Membership.user_id.in_(people), in_force(clock.today()))
        .order_by(School.name)
        .distinct()
    )
    names: dict[UUID, list[str]] = {}
    for user_id, name in held:
        names.setdefault(user_id, []).append(name)
    return {user_id: ", ".join(each) for user_id, each in names.items()}


def _words(message: Message) -> Words:
    return words_of(message.kind, Nature(message.nature), message.facts)


def waiting(session: Session, actor: Actor, after: NeedKey | None = None) -> Waiting:
    """Return what an actor could bring to somebody, those first whom no e-mail reaches."""
    columns = (_unreached(), Message.not_before, Message.id)
    query = _waiting(actor).order_by(*(column.desc() for column in columns))
    if after:
        there = (after[0], literal(after[1], UtcDateTime()), literal(after[2], Message.id.type))
        query = query.where(tuple_(*columns) < tuple_(*there))
    rows = _rows(session, query.limit(PAGE_SIZE + 1))
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    last = rows[-1] if more else None
    return Waiting(
        rows, (int(last.unreached), last.message.not_before, last.message.id) if last else None
    )


def _given(actor: Actor) -> Select[*tuple[Message, User, User]]:
    giver = aliased(User)
    return (
        select(Message, User, giver)
        .join(User, User.id == Message.recipient_id)
        .join(giver, giver.id == Message.handed_over_by)
        .where(policy.may_hand_over(actor), Message.handed_over_at.is_not(None))
        .order_by(Message.handed_over_at.desc(), Message.id.desc())
    )


def _entries(session: Session, query: Select[*tuple[Message, User, User]]) -> list[Entry]:
    return [
        Entry(message, person, giver, _words(message))
        for message, person, giver in session.execute(query)
    ]


def log(session: Session, actor: Actor, after: LogKey | None = None) -> Log:
    """Return what was brought to whom, by whom and when, the last one first."""
    query = _given(actor)
    if after:
        there = (literal(after[0], UtcDateTime()), literal(after[1], Message.id.type))
        query = query.where(tuple_(Message.handed_over_at, Message.id) < tuple_(*there))
    entries = _entries(session, query.limit(PAGE_SIZE + 1))
    more, entries = len(entries) > PAGE_SIZE, entries[:PAGE_SIZE]
    last = entries[-1].message if more else None
    return Log(entries, (last.handed_over_at, last.id) if last and last.handed_over_at else None)


def trace(session: Session, actor: Actor, subject_id: UUID, person_id: UUID) -> Trace:
    """Return how far one person's messages about one record are on their way by WhatsApp."""
    about = and_(Message.subject_id == subject_id, Message.recipient_id == person_id)
    newest = Message.not_before.desc()
    return Trace(
        _rows(session, _waiting(actor).where(about).order_by(newest).limit(PAGE_SIZE)),
        _entries(session, _given(actor).where(about).limit(PAGE_SIZE)),
    )


def get_message(session: Session, actor: Actor, public_id: str) -> Message | None:
    """Return a message an actor may bring to its receiver, also one read or void by now."""
    return session.scalar(select(Message).where(Message.public_id == public_id, _may(actor)))
