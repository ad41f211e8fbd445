"""One table of what is due: who, what, why, until when, and where to do it.

Features open and close duties in the transaction of the change that causes them; the home page
lists them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, Index, String, and_, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.db import Base, Identified


class Duty(Identified, Base):
    """Something that waits for one person, or for whoever holds a role (at a school).

    `facts` fill the sentence of `kind` on the home page: names of schools, times; never a child's.
    """

    __tablename__ = "duty"
    __table_args__ = (Index(None, "closed_at", "role"), Index(None, "subject_id", "kind"))

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


def open_duty(session: Session, due: Due) -> Duty:
    """Write down something that is due."""
    moment = clock.now()
    duty = Duty(
        kind=due.kind,
        subject_id=due.subject_id,
        person_id=due.person_id,
        role=due.role,
        school_id=due.school_id,
        link=due.link,
        facts=due.facts,
        opened_at=moment,
        visible_from=due.visible_from or moment,
        due_at=due.due_at,
    )
    session.add(duty)
    return duty


def is_open(session: Session, subject_id: UUID, kind: str) -> bool:
    """Say whether something of a kind is still due about a record."""
    open_ones = select(Duty.id).where(
        Duty.subject_id == subject_id, Duty.kind == kind, Duty.closed_at.is_(None)
    )
    return session.scalars(open_ones).first() is not None


def hand_over(
    session: Session, from_id: UUID, to_id: UUID, *, subject_id: UUID | None = None
) -> None:
    """Give what waits for one person to another: all of it, or what is about one record."""
    theirs = [Duty.person_id == from_id, Duty.closed_at.is_(None)]
    if subject_id is not None:
        theirs.append(Duty.subject_id == subject_id)
    session.execute(update(Duty).where(*theirs).values(person_id=to_id))


def close_duties(session: Session, subject_id: UUID, kind: str | None = None) -> None:
    """End what was due about a record, all of it or one kind."""
    these = [Duty.subject_id == subject_id, Duty.closed_at.is_(None)]
    if kind:
        these.append(Duty.kind == kind)
    session.execute(update(Duty).where(*these).values(closed_at=clock.now()))


def close_for(session: Session, actor: Actor, subject_id: UUID, kind: str) -> None:
    """End what was due about a record for this actor and those who share the role."""
    session.execute(
        update(Duty)
        .where(Duty.subject_id == subject_id, Duty.kind == kind, _meant_for(actor))
        .where(Duty.closed_at.is_(None))
        .values(closed_at=clock.now())
    )


def _meant_for(actor: Actor) -> ColumnElement[bool]:
    mine = [Duty.person_id == actor.user_id]
    for appointment in actor.appointments:
        # `== None` becomes IS NULL: an office role meets office duties, a school role its school's.
        mine.append(
            and_(
                Duty.person_id.is_(None),
                Duty.role == appointment.role,
                Duty.school_id == appointment.school_id,
            )
        )
    return or_(*mine)


def waiting_for(session: Session, actor: Actor) -> list[Duty]:
    """Return what waits for this actor now, the earliest deadline first."""
    rows = session.scalars(
        select(Duty)
        .where(Duty.closed_at.is_(None), Duty.visible_from <= clock.now(), _meant_for(actor))
        .order_by(Duty.due_at, Duty.id)
    )
    return list(rows)
