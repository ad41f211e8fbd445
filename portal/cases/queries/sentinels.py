"""The days on which somebody asks how a child is, after its case was closed."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.models import Case, Sentinel
from portal.cases.queries import files
from portal.core import clock
from portal.core.access import Actor
from portal.people.models import User


def coming(session: Session, case_id: UUID) -> list[Sentinel]:
    """Return what is still to come, the next first."""
    return list(
        session.scalars(
            select(Sentinel)
            .where(
                Sentinel.case_id == case_id,
                Sentinel.done_at.is_(None),
                Sentinel.cancelled_at.is_(None),
            )
            .order_by(Sentinel.due_on, Sentinel.id)
        )
    )


def next_of(session: Session, case_id: UUID) -> Sentinel | None:
    """Return the next look back of a case."""
    return next(iter(coming(session, case_id)), None)


def due_for(session: Session, actor: Actor, case: Case) -> Sentinel | None:
    """Return the look back of a case that an actor can do now."""
    coming = next_of(session, case.id)
    if coming is None or coming.due_on > clock.today():
        return None
    return coming if files.may_look_back(session, actor, case.id) else None


def get_sentinel(session: Session, case: Case, public_id: str) -> Sentinel | None:
    """Return one look back of a case."""
    return session.scalar(
        select(Sentinel).where(Sentinel.case_id == case.id, Sentinel.public_id == public_id)
    )


def of_case(session: Session, case_id: UUID) -> list[tuple[Sentinel, str]]:
    """Return the looks back of a case, done or to come, each with who did it."""
    rows = session.execute(
        select(Sentinel, User.full_name)
        .outerjoin(User, User.id == Sentinel.done_by)
        .where(Sentinel.case_id == case_id, Sentinel.cancelled_at.is_(None))
        .order_by(Sentinel.due_on, Sentinel.id)
    )
    return [(sentinel, name or "") for sentinel, name in rows]
