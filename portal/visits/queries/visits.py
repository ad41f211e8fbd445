"""Lists of visits and one visit with what belongs to it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from portal.core import clock
from portal.core.access import Actor
from portal.core.clock import SchoolYear
from portal.core.crypto import place_of
from portal.core.prepared import NOW, prepared
from portal.core.types import UtcDateTime
from portal.people.models import User
from portal.schools.models import LEVEL_GROUPS, District, School
from portal.visits import policy
from portal.visits.models import Hold, Programme, Topic, Visit
from portal.visits.policy.calendars import goes_there
from portal.visits.states import HOLDING_TIME, VisitState

LIST_LIMIT = 50

STATUS_STATES: dict[str, tuple[VisitState, ...]] = {
    "menunggu": (VisitState.REQUESTED,),
    "ditawarkan": (VisitState.OFFERED,),
    "terjadwal": (VisitState.SCHEDULED,),
    "selesai": (VisitState.DELIVERED,),
    "tidak-jadi": (
        VisitState.DECLINED,
        VisitState.WITHDRAWN,
        VisitState.CANCELLED,
        VisitState.LAPSED,
        VisitState.NOT_DELIVERED,
    ),
}


@dataclass(frozen=True)
class VisitFile:
    """One visit with the records around it."""

    visit: Visit
    school: School
    district: District
    programme: Programme
    topic: Topic | None
    worker: User
    requester: User
    decider: User | None


def get_visit(session: Session, actor: Actor, public_id: str) -> VisitFile | None:
    """Return a visit an actor may see."""
    return next(iter(get_visits(session, actor, [public_id])), None)


def get_visits(session: Session, actor: Actor, public_ids: Collection[str]) -> list[VisitFile]:
    """Return those of these visits an actor may see, in order of time."""
    requester, decider = aliased(User), aliased(User)
    rows = session.execute(
        select(Visit, School, District, Programme, Topic, User, requester, decider)
        .join(School, School.id == Visit.school_id)
        .join(District, District.code == School.district_code)
        .join(Programme, Programme.id == Visit.programme_id)
        .join(User, User.id == Visit.social_worker_id)
        .join(requester, requester.id == Visit.requested_by)
        .outerjoin(decider, decider.id == Visit.decided_by)
        .outerjoin(Topic, Topic.id == Visit.topic_id)
        .where(Visit.public_id.in_(public_ids), policy.visible_to(actor))
        .order_by(Visit.starts_at, Visit.id)
    )
    return [VisitFile(*row) for row in rows]


def listed() -> Select[*tuple[Any, ...]]:
    """Return the statement of a list of visits, each with its school, programme and worker."""
    return (
        select(
            Visit.id,
            Visit.public_id,
            Visit.state,
            Visit.starts_at,
            Visit.ends_at,
            Visit.expected_heads,
            Visit.grades,
            Visit.own_topic,
            Visit.answer_by,
            Visit.requested_at,
            Visit.social_worker_id,
            Visit.school_id,
            Visit.programme_id,
            Visit.origin,
            Visit.classes,
            Visit.bring,
            Visit.reason,
            School.name.label("school_name"),
            School.public_id.label("school_public_id"),
            School.district_code,
            School.level,
            School.week_days,
            District.name.label("district_name"),
            Topic.title_id,
            Topic.title_en,
            Programme.name_id.label("programme_id_name"),
            Programme.name_en.label("programme_en_name"),
            User.full_name.label("worker_name"),
            User.called.label("worker_called"),
        )
        .join(School, School.id == Visit.school_id)
        .join(District, District.code == School.district_code)
        .join(Programme, Programme.id == Visit.programme_id)
        .join(User, User.id == Visit.social_worker_id)
        .outerjoin(Topic, Topic.id == Visit.topic_id)
    )


def reason_of(row: Row[*tuple[Any, ...]]) -> str:
    """Return why a listed visit did not take place, opened from its row."""
    reason: str = row.reason.open(place_of(Visit.__tablename__, "reason", row.id))
    return reason


def _of_school(public_id: str) -> ColumnElement[bool]:
    """Return the condition for visits of a school, and of those that became part of it."""
    chosen = select(School.id).where(School.public_id == public_id).scalar_subquery()
    return or_(School.public_id == public_id, School.merged_into_id == chosen)


@dataclass(frozen=True)
class Page:
    """A stretch of a list, and the key (start, id) from which it goes on."""

    rows: list[Row[*tuple[Any, ...]]]
    after: tuple[datetime, UUID] | None


@dataclass(frozen=True)
class ListFilter:
    """Which visits a list is about; `mine` keeps one's own assignments only."""

    states: tuple[VisitState, ...]
    mine: bool = False
    school: str = ""
    district: str = ""
    levels: str = ""

    @property
    def ahead(self) -> bool:
        """Say whether these visits are still to come."""
        return self.states[0] in {VisitState.REQUESTED, VisitState.OFFERED, VisitState.SCHEDULED}


def list_visits(
    session: Session,
    actor: Actor,
    wanted: ListFilter,
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int = LIST_LIMIT,
) -> Page:
    """Return visits an actor may see: coming ones in order, past ones newest first."""
    query, values = _some(actor, wanted.states, wanted.mine, wanted.ahead)
    if wanted.school:
        query = query.where(_of_school(wanted.school))
    query = narrowed(query, wanted.district, wanted.levels)
    if after:
        here = tuple_(Visit.starts_at, Visit.id)
        there = tuple_(literal(after[0], UtcDateTime()), literal(after[1], Visit.id.type))
        query = query.where(here > there if wanted.ahead else here < there)
    rows = list(session.execute(query.limit(limit + 1), values))
    more, rows = len(rows) > limit, rows[:limit]
    return Page(rows, (rows[-1].starts_at, rows[-1].id) if more else None)


@prepared
def _some(
    actor: Actor, states: tuple[VisitState, ...], mine: bool, ahead: bool
) -> Select[*tuple[Any, ...]]:
    query = listed().where(policy.visible_to(actor), Visit.state.in_(states))
    if mine:
        query = query.where(goes_there(actor.user_id))
    columns = (Visit.starts_at, Visit.id)
    return query.order_by(*(columns if ahead else (column.desc() for column in columns)))


def next_visit(
    session: Session, actor: Actor, *, mine: bool = False
) -> Row[*tuple[Any, ...]] | None:
    """Return the next visit of the actor's school or, `mine`, the actor's own next settled one."""
    return session.execute(*_next(actor, mine)).one_or_none()


@prepared
def _next(actor: Actor, mine: bool) -> Select[*tuple[Any, ...]]:
    ahead = (VisitState.SCHEDULED,) if mine else (VisitState.SCHEDULED, VisitState.REQUESTED)
    query, _values = _some(actor, ahead, mine, True)
    return query.where(Visit.ends_at >= NOW).limit(1)


def narrowed(
    query: Select[*tuple[Any, ...]], district: str, levels: str
) -> Select[*tuple[Any, ...]]:
    """Keep the visits of a district (by its slug) and of a group of levels; blank keeps all."""
    if district:
        query = query.where(District.slug == district)
    if levels in LEVEL_GROUPS:
        query = query.where(School.level.in_(LEVEL_GROUPS[levels]))
    return query


def expected_between(
    session: Session, actor: Actor, worker_id: UUID, first: date, last: date
) -> list[Row[*tuple[Any, ...]]]:
    """Return the sessions settled or offered on some days to which a worker goes, or goes along."""
    start, end = clock.day_bounds(first, last)
    return list(
        session.execute(
            listed()
            .where(policy.visible_to(actor), goes_there(worker_id))
            .where(Visit.state.in_((VisitState.OFFERED, VisitState.SCHEDULED)))
            .where(Visit.starts_at >= start, Visit.starts_at < end)
            .order_by(Visit.starts_at)
        )
    )


def reached_grades(session: Session, school_id: UUID, year: SchoolYear) -> dict[str, datetime]:
    """Return the grades a school's sessions of this year cover, with the date of each."""
    start, end = year.bounds
    rows = session.execute(
        select(Visit.grades, Visit.starts_at).where(
            Visit.school_id == school_id,
            Visit.starts_at >= start,
            Visit.starts_at < end,
            Visit.state.in_(sorted(HOLDING_TIME)),
        )
    )
    return {grade: starts_at for grades, starts_at in rows for grade in grades}


def sessions_this_year(session: Session, school_id: UUID, year: SchoolYear) -> dict[str, int]:
    """Return how many sessions that count a school has this year, by state.

    Those of schools that became part of it are among them.
    """
    start, end = year.bounds
    rows = session.execute(*_year_of(school_id=school_id, start=start, end=end))
    return {row.state: row[1] for row in rows}


@prepared
def _year_of(*, school_id: UUID, start: datetime, end: datetime) -> Select[str, int]:
    merged = select(School.id).where(School.merged_into_id == school_id)
    return (
        select(Visit.state, func.count())
        .join(Programme, Programme.id == Visit.programme_id)
        .where(
            or_(Visit.school_id == school_id, Visit.school_id.in_(merged)),
            Programme.counts_for_coverage,
            Visit.starts_at >= start,
            Visit.starts_at < end,
        )
        .group_by(Visit.state)
    )


def current_hold(session: Session, school_id: UUID) -> Hold | None:
    """Return the slot a school holds now."""
    return session.scalar(
        select(Hold).where(Hold.school_id == school_id, Hold.expires_at > clock.now())
    )


def list_programmes(session: Session) -> list[Programme]:
    """Return the programmes on offer, in the office's order."""
    return list(
        session.scalars(select(Programme).where(Programme.active).order_by(Programme.position))
    )


def list_topics(session: Session, programme_id: UUID, level: str) -> list[Topic]:
    """Return a programme's topics, those for this level first."""
    rows = session.scalars(
        select(Topic).where(Topic.programme_id == programme_id).order_by(Topic.position)
    )
    return sorted(rows, key=lambda topic: level not in topic.levels)
