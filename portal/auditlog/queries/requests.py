"""Reading the register of data subjects' requests, and one request's file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, case, func, literal, select, tuple_
from sqlalchemy.orm import Session

from portal.auditlog import policy
from portal.auditlog.models import DataRequest
from portal.auditlog.states import OPEN_REQUESTS, RequestState
from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.types import UtcDateTime
from portal.people.models import Conflict, Membership, User
from portal.people.policy import conflicts_of
from portal.people.queries.appointments import in_force

PAGE_SIZE = 20
ANSWERED = (RequestState.FULFILLED, RequestState.REFUSED)
# Who may be asked to handle a request, besides the division head who asks.
HANDLING_ROLES = (Role.SOCIAL_WORKER, Role.COORDINATOR)

Entry = Row[*tuple[Any, ...]]


@dataclass(frozen=True)
class Page:
    """A stretch of closed requests, and the key (closed_at, id) from which it goes on."""

    rows: Sequence[Entry]
    after: tuple[datetime, UUID] | None


def _entries(actor: Actor) -> Select[*tuple[Any, ...]]:
    """Select what the register says without the file: no names, no wish, no account."""
    return (
        select(
            DataRequest.id,
            DataRequest.public_id,
            DataRequest.number,
            DataRequest.kind,
            DataRequest.state,
            DataRequest.received_at,
            DataRequest.due_at,
            DataRequest.closed_at,
            DataRequest.handler_id,
            User.full_name.label("handler_name"),
        )
        .outerjoin(User, User.id == DataRequest.handler_id)
        .where(policy.requests_listed_to(actor))
    )


def list_open(session: Session, actor: Actor) -> Sequence[Entry]:
    """Return the requests that wait for an answer, the soonest due first."""
    return session.execute(
        _entries(actor)
        .where(DataRequest.state.in_(OPEN_REQUESTS))
        .order_by(DataRequest.due_at, DataRequest.id)
    ).all()


def list_closed(session: Session, actor: Actor, after: tuple[datetime, UUID] | None = None) -> Page:
    """Return a page of closed requests, the last closed first."""
    query = _entries(actor).where(DataRequest.state.not_in(OPEN_REQUESTS))
    columns = (DataRequest.closed_at, DataRequest.id)
    if after:
        there = tuple_(literal(after[0], UtcDateTime()), literal(after[1], DataRequest.id.type))
        query = query.where(tuple_(*columns) < there)
    order = (column.desc() for column in columns)
    rows = session.execute(query.order_by(*order).limit(PAGE_SIZE + 1)).all()
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    return Page(rows, (rows[-1].closed_at, rows[-1].id) if more else None)


def get_entry(session: Session, actor: Actor, public_id: str) -> Entry | None:
    """Return what the register says of one request, if the actor may know of it."""
    return session.execute(_entries(actor).where(DataRequest.public_id == public_id)).one_or_none()


def get_listed(session: Session, actor: Actor, public_id: str) -> DataRequest | None:
    """Return the record behind an entry, to assign it; pages show entries and files only."""
    return session.scalar(
        select(DataRequest).where(
            DataRequest.public_id == public_id, policy.requests_listed_to(actor)
        )
    )


def get_file(session: Session, actor: Actor, public_id: str) -> DataRequest | None:
    """Return a request's full file, if the actor handles it or opened it in an emergency."""
    return session.scalar(
        select(DataRequest).where(
            DataRequest.public_id == public_id, policy.requests_open_to(actor)
        )
    )


def others_about_same(session: Session, actor: Actor, request: DataRequest) -> list[str]:
    """Return the numbers of other requests about the same person."""
    return list(
        session.scalars(
            select(DataRequest.number)
            .where(
                DataRequest.subject_index == request.subject_index,
                DataRequest.id != request.id,
                DataRequest.id.not_in(conflicts_of(actor)),
            )
            .order_by(DataRequest.received_at, DataRequest.number)
        )
    )


def answered_in_year(session: Session, actor: Actor, year: int) -> tuple[int, int]:
    """Return how many requests were answered in time in a year, and how many in all."""
    begins, ends = clock.day_bounds(date(year, 1, 1), date(year, 12, 31))
    in_time = DataRequest.closed_at <= DataRequest.due_at
    row = session.execute(
        select(
            func.coalesce(func.sum(case((in_time, 1), else_=0)), 0),
            func.count(),
        ).where(
            policy.requests_listed_to(actor),
            DataRequest.state.in_(ANSWERED),
            DataRequest.closed_at >= begins,
            DataRequest.closed_at < ends,
        )
    ).one()
    return int(row[0]), int(row[1])


def possible_handlers(session: Session, actor: Actor, request_id: UUID) -> list[User]:
    """Return who may be asked to handle a request: staff, and the division head who asks.

    Whoever it is about stands here as well: leaving them out would tell whose request it is.
    """
    kept_away = select(Conflict.user_id).where(
        Conflict.subject_id == request_id, Conflict.lifted_at.is_(None)
    )
    return _staff(
        session,
        Membership.role.in_(HANDLING_ROLES) | (User.id == actor.user_id),
        User.id.not_in(kept_away),
    )


def possible_conflicts(session: Session) -> list[User]:
    """Return everybody who could ever come to see a request."""
    return _staff(session, Membership.role.in_((*HANDLING_ROLES, Role.DIVISION_HEAD)))


def _staff(session: Session, *conditions: ColumnElement[bool]) -> list[User]:
    return list(
        session.scalars(
            select(User)
            .join(Membership, Membership.user_id == User.id)
            .where(in_force(clock.today()), *conditions)
            .order_by(User.full_name, User.id)
            .distinct()
        )
    )
