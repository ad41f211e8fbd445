"""One table of what is due: who, what, why, until when, and where to do it.

Features open and close duties in the transaction of the change that causes them; the home page
lists them, `reminders` says when they remind and whom they go to next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    ColumnElement,
    Index,
    Select,
    String,
    and_,
    case,
    false,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.core import clock
from portal.core.access import SCHOOL_ROLES, Actor, Role
from portal.core.clock import Week
from portal.core.db import Base, Identified
from portal.core.events import Event, emit
from portal.core.prepared import NOW, prepared


@dataclass(frozen=True)
class AlarmTaken(Event, action="duty.acknowledged"):
    """Somebody said that they take care of an alarm; its kind says what it was about."""

    kind: str


class Duty(Identified, Base):
    """Something that waits for one person, or for whoever holds a role (at a school).

    `facts` fill the sentence of `kind` on the home page: names of schools, times; never a child's.
    """

    __tablename__ = "duty"
    __table_args__ = (
        Index(None, "closed_at", "role"),
        Index(None, "subject_id", "kind"),
        Index(None, "next_look_at"),
    )

    kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    person_id: Mapped[UUID | None] = mapped_column(index=True)
    role: Mapped[str | None] = mapped_column(String(30))
    school_id: Mapped[UUID | None]
    link: Mapped[str] = mapped_column(String(200))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    opened_at: Mapped[datetime]
    visible_from: Mapped[datetime]
    due_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    # Whose days count towards it: the office's, or those of a school's week of 5 or 6 days.
    week: Mapped[Week] = mapped_column(String(10), server_default=Week.OFFICE)
    # Somebody's safety: it rings on screen until somebody acknowledges it.
    alarm: Mapped[bool] = mapped_column(server_default=false())
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[UUID | None]
    # How often its people were reminded, when to look at it again, and whether it was handed on.
    reminders: Mapped[int] = mapped_column(server_default="0")
    next_look_at: Mapped[datetime | None]
    # The to-do of the person before, when this one was asked because nothing happened.
    raised_from: Mapped[UUID | None]


# Selects the ids of the records an actor must hear nothing of (people registers it).
_kept_from: list[Callable[[Actor], Any]] = []


def hide_with(kept_from: Callable[[Actor], Any]) -> None:
    """Register what says which records must not show to an actor, whatever role they hold."""
    if kept_from not in _kept_from:
        _kept_from.append(kept_from)


# Locks the record of an alarm of a kind before its to-dos are (a feature registers it).
_locks: dict[str, Callable[[Session, UUID], None]] = {}


def lock_first(kind: str, locks: Callable[[Session, UUID], None]) -> None:
    """Register what locks an alarm's record before it is acknowledged.

    Whoever changes the record locks it before its to-dos; nobody may wait for the other crosswise.
    """
    _locks[kind] = locks


@dataclass(frozen=True)
class Due:
    """What is due, before it is written."""

    kind: str
    subject_id: UUID
    link: str
    due_at: datetime
    facts: dict[str, Any]
    person_id: UUID | None = None
    role: Role | None = None
    school_id: UUID | None = None
    visible_from: datetime | None = None
    week: Week = Week.OFFICE
    alarm: bool = False


def open_duty(session: Session, due: Due) -> Duty:
    """Write down something that is due."""
    moment = clock.now()
    visible_from = due.visible_from or moment
    duty = Duty(
        kind=due.kind,
        subject_id=due.subject_id,
        person_id=due.person_id,
        role=due.role,
        school_id=due.school_id,
        link=due.link,
        facts=due.facts,
        opened_at=moment,
        visible_from=visible_from,
        due_at=due.due_at,
        week=due.week,
        alarm=due.alarm,
        reminders=0,
        next_look_at=visible_from,
    )
    session.add(duty)
    return duty


def raise_duty(session: Session, duty: Duty, role: Role, link: str) -> Duty | None:
    """Ask the next role for the same; None when it waits there already."""
    school_id = duty.school_id if role in SCHOOL_ROLES else None
    asked = select(Duty.id).where(*_same_matter(duty), _held_by(role, school_id))
    if session.scalars(asked).first() is not None:
        return None
    raised = open_duty(
        session,
        Due(
            kind=duty.kind,
            subject_id=duty.subject_id,
            link=link,
            due_at=duty.due_at,
            facts=duty.facts,
            role=role,
            school_id=school_id,
            week=Week(duty.week) if role in SCHOOL_ROLES else Week.OFFICE,
            alarm=duty.alarm,
        ),
    )
    raised.raised_from = duty.id
    raised.acknowledged_at, raised.acknowledged_by = duty.acknowledged_at, duty.acknowledged_by
    session.flush()
    return raised


def is_open(session: Session, subject_id: UUID, kind: str, *, link: str | None = None) -> bool:
    """Say whether something of a kind is still due about a record, perhaps on one page of it."""
    open_ones = select(Duty.id).where(
        Duty.subject_id == subject_id, Duty.kind == kind, Duty.closed_at.is_(None)
    )
    if link:
        open_ones = open_ones.where(Duty.link == link)
    return session.scalars(open_ones).first() is not None


def due_of(session: Session, subject_id: UUID, kind: str) -> datetime | None:
    """Return when something of a kind about a record is due first; None when nothing is."""
    return session.scalar(
        select(func.min(Duty.due_at)).where(
            Duty.subject_id == subject_id, Duty.kind == kind, Duty.closed_at.is_(None)
        )
    )


def hand_over(
    session: Session, from_id: UUID, to_id: UUID, *, subject_id: UUID | None = None
) -> None:
    """Give what waits for one person to another: all of it, or what is about one record."""
    theirs = [Duty.person_id == from_id, Duty.closed_at.is_(None)]
    if subject_id is not None:
        theirs.append(Duty.subject_id == subject_id)
    # Whoever has it now was not reminded yet.
    session.execute(
        update(Duty).where(*theirs).values(person_id=to_id, reminders=0, next_look_at=_soon())
    )


def ask_instead(
    session: Session,
    subject_id: UUID,
    kinds: Sequence[str],
    person_id: UUID | None,
    role: Role,
) -> None:
    """Let what is due about a record wait for one person, or for a role where there is nobody.

    What waits for them already stays as it is; whoever was asked next for the others is let off.
    """
    asked = None if person_id else role
    theirs = [Duty.subject_id == subject_id, Duty.closed_at.is_(None)]
    others = Duty.person_id.is_distinct_from(person_id) | Duty.role.is_distinct_from(asked)
    moved = session.scalars(
        update(Duty)
        .where(*theirs, Duty.kind.in_(kinds), Duty.raised_from.is_(None), others)
        .values(person_id=person_id, role=asked, reminders=0, next_look_at=_soon())
        .returning(Duty.kind)
    ).all()
    let_off = [*theirs, Duty.kind.in_(moved), Duty.raised_from.is_not(None)]
    session.execute(update(Duty).where(*let_off).values(**_closing()))


def move(session: Session, subject_id: UUID, kind: str, *, due_at: datetime) -> None:
    """Give what is due about a record another deadline; whoever was asked next is let off."""
    theirs = [Duty.subject_id == subject_id, Duty.kind == kind, Duty.closed_at.is_(None)]
    let_off = [*theirs, Duty.raised_from.is_not(None), Duty.alarm.is_(False)]
    if due_at > clock.now():
        session.execute(update(Duty).where(*let_off).values(**_closing()))
    session.execute(
        update(Duty).where(*theirs).values(due_at=due_at, reminders=0, next_look_at=_soon())
    )


def move_school(
    session: Session,
    subject_id: UUID,
    from_id: UUID,
    to_id: UUID,
    name: str,
    kinds: Sequence[str] = (),
) -> None:
    """Let what waits at a school about a record, all of it or of these kinds, wait at another.

    It is told under that school's name.
    """
    waiting = select(Duty).where(Duty.subject_id == subject_id, Duty.closed_at.is_(None))
    if kinds:
        waiting = waiting.where(Duty.kind.in_(kinds))
    for duty in session.scalars(waiting).all():
        if "school" in duty.facts:
            duty.facts = {**duty.facts, "school": name}
        if duty.school_id == from_id:
            duty.school_id, duty.reminders = to_id, 0
            duty.next_look_at = max(clock.now(), duty.visible_from)


def look_again(
    session: Session, person_id: UUID, role: Role | None = None, school_id: UUID | None = None
) -> None:
    """Have what waits for somebody looked at soon, since they may be there no longer."""
    waits = Duty.person_id == person_id
    if role is not None:
        waits = or_(waits, _held_by(role, school_id))
    session.execute(
        update(Duty).where(waits, Duty.closed_at.is_(None)).values(next_look_at=_soon())
    )


def close_duties(
    session: Session, subject_id: UUID, kind: str | None = None, *, link: str | None = None
) -> None:
    """End what was due about a record, whoever was asked meanwhile: all of it, or of one kind, or
    on one page.
    """
    these = [Duty.subject_id == subject_id, Duty.closed_at.is_(None)]
    if kind:
        these.append(Duty.kind == kind)
    if link:
        these.append(Duty.link == link)
    session.execute(update(Duty).where(*these).values(**_closing()))


def close_for(session: Session, actor: Actor, subject_id: UUID, kind: str) -> None:
    """End what was due about a record for this actor and those who share the role."""
    session.execute(
        update(Duty)
        .where(Duty.subject_id == subject_id, Duty.kind == kind, _meant_for(actor))
        .where(Duty.closed_at.is_(None))
        .values(**_closing())
    )


def acknowledge(session: Session, actor: Actor, duty: Duty) -> None:
    """Note that somebody takes care of an alarm: it rings for nobody any more, but stays due.

    Nothing happens when a colleague was faster or it is over.
    """
    if duty.kind in _locks:
        _locks[duty.kind](session, duty.subject_id)
    moment = clock.now()
    taken = session.execute(
        update(Duty)
        .where(*_same_matter(duty), Duty.alarm, Duty.acknowledged_at.is_(None))
        .values(
            acknowledged_at=moment,
            acknowledged_by=actor.user_id,
            # From now on it reminds as anything else does.
            reminders=0,
            next_look_at=moment,
        )
        .returning(Duty.id)
    )
    if taken.first() is not None:
        emit(session, actor, AlarmTaken(duty.subject_id, duty.kind))


def _closing() -> dict[str, Any]:
    return {"closed_at": clock.now(), "next_look_at": None}


def _soon() -> Any:
    """Return now, or for what does not show yet the moment when it will."""
    moment = clock.now()
    return case((Duty.visible_from > moment, Duty.visible_from), else_=moment)


def _same_matter(duty: Duty) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for all that waits for the same to be done, for whomever."""
    return (
        Duty.subject_id == duty.subject_id,
        Duty.kind == duty.kind,
        Duty.closed_at.is_(None),
    )


def _held_by(role: Role | str, school_id: UUID | None) -> ColumnElement[bool]:
    # `== None` becomes IS NULL: an office role meets office duties, a school role its school's.
    return and_(Duty.person_id.is_(None), Duty.role == role, Duty.school_id == school_id)


def _meant_for(actor: Actor) -> ColumnElement[bool]:
    mine = [Duty.person_id == actor.user_id]
    mine += [_held_by(each.role, each.school_id) for each in actor.appointments]
    hidden = [Duty.subject_id.not_in(kept_from(actor)) for kept_from in _kept_from]
    return and_(or_(*mine), *hidden)


def get_duty(session: Session, actor: Actor, duty_id: UUID) -> Duty | None:
    """Return a to-do, open or closed, whose matter waits (or waited) also for this actor."""
    found = session.get(Duty, duty_id)
    if found is None:
        return None
    same = select(Duty.id).where(
        Duty.subject_id == found.subject_id, Duty.kind == found.kind, _meant_for(actor)
    )
    return found if session.scalars(same).first() is not None else None


def waiting_for(session: Session, actor: Actor) -> list[Duty]:
    """Return what waits for this actor now: alarms, then the earliest deadline first."""
    return list(session.scalars(*_waiting(actor)))


@prepared
def _waiting(actor: Actor) -> Select[Duty]:
    return (
        select(Duty)
        .where(Duty.closed_at.is_(None), Duty.visible_from <= NOW, _meant_for(actor))
        .order_by(Duty.alarm.desc(), Duty.due_at, Duty.id)
    )


def alarms_for(session: Session, actor: Actor) -> list[Duty]:
    """Return the open alarms that concern this actor, also those somebody took on."""
    return list(session.scalars(*_alarms(actor)))


@prepared
def _alarms(actor: Actor) -> Select[Duty]:
    return (
        select(Duty)
        .where(Duty.closed_at.is_(None), Duty.alarm, Duty.visible_from <= NOW)
        .where(_meant_for(actor))
        .order_by(Duty.due_at, Duty.id)
    )
