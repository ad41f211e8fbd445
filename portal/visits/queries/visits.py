"""Lists of visits and one visit with what belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, exists, func, literal, select, tuple_
from sqlalchemy.orm import Session, aliased

from portal.core import clock
from portal.core.access import Actor
from portal.core.clock import SchoolYear
from portal.core.crypto import place_of
from portal.core.prepared import NOW, prepared
from portal.core.settings import Office
from portal.core.types import UtcDateTime
from portal.people.models import User
from portal.schools.models import LEVEL_GROUPS, District, School
from portal.visits import policy
from portal.visits.models import Hold, Programme, Topic, Visit
from portal.visits.queries.slots import Diary, Place, Problem, Worker, load_diary
from portal.visits.states import HOLDING_TIME, VisitState

LIST_LIMIT = 50
RECEIPT_LASTS = timedelta(minutes=2)

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
    requester, decider = aliased(User), aliased(User)
    row = session.execute(
        select(Visit, School, District, Programme, Topic, User, requester, decider)
        .join(School, School.id == Visit.school_id)
        .join(District, District.code == School.district_code)
        .join(Programme, Programme.id == Visit.programme_id)
        .join(User, User.id == Visit.social_worker_id)
        .join(requester, requester.id == Visit.requested_by)
        .outerjoin(decider, decider.id == Visit.decided_by)
        .outerjoin(Topic, Topic.id == Visit.topic_id)
        .where(Visit.public_id == public_id, policy.visible_to(actor))
    ).one_or_none()
    return VisitFile(*row) if row else None


def _listed() -> Select[*tuple[Any, ...]]:
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
            Visit.reason,
            School.name.label("school_name"),
            School.public_id.label("school_public_id"),
            School.district_code,
            School.level,
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
        query = query.where(School.public_id == wanted.school)
    query = _narrowed(query, wanted.district, wanted.levels)
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
    query = _listed().where(policy.visible_to(actor), Visit.state.in_(states))
    if mine:
        query = query.where(Visit.social_worker_id == actor.user_id)
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


@dataclass(frozen=True)
class QueueFilter:
    """What the office narrows the queue to."""

    status: str = "menunggu"
    district: str = ""
    levels: str = ""
    order: str = "umur"


@dataclass(frozen=True)
class Offer:
    """A worker for a request, with what speaks against them."""

    worker: Worker
    problems: list[Problem]


@dataclass(frozen=True)
class QueueRow:
    """A waiting request with the workers who could go, the best first, and the one chosen."""

    row: Row[*tuple[Any, ...]]
    never_served: bool
    offers: list[Offer]
    chosen: Offer | None


def never_served() -> ColumnElement[bool]:
    """Return the condition that a visit's school never had a session that counts."""
    earlier, programme = aliased(Visit), aliased(Programme)
    return ~exists(
        select(earlier.id)
        .join(programme, programme.id == earlier.programme_id)
        .where(
            earlier.school_id == Visit.school_id,
            earlier.state == VisitState.DELIVERED,
            programme.counts_for_coverage,
        )
    )


def queue(session: Session, actor: Actor, wanted: QueueFilter) -> list[Row[*tuple[Any, ...]]]:
    """Return the most urgent requests that wait for the office, the ones overdue first."""
    query = (
        _listed()
        .add_columns(never_served().label("never_served"))
        .where(policy.visible_to(actor), Visit.state == VisitState.REQUESTED)
    )
    query = _narrowed(query, wanted.district, wanted.levels)
    if wanted.order == "belum-pernah":
        query = query.order_by(never_served().desc())
    query = query.order_by(Visit.answer_by, Visit.requested_at, Visit.id)
    return list(session.execute(query.limit(LIST_LIMIT)))


def _narrowed(
    query: Select[*tuple[Any, ...]], district: str, levels: str
) -> Select[*tuple[Any, ...]]:
    if district:
        query = query.where(District.slug == district)
    if levels in LEVEL_GROUPS:
        query = query.where(School.level.in_(LEVEL_GROUPS[levels]))
    return query


def queue_counts(session: Session, actor: Actor) -> dict[str, int]:
    """Return how many visits stand under each tab."""
    rows = session.execute(
        select(Visit.state, func.count()).where(policy.visible_to(actor)).group_by(Visit.state)
    )
    counts = {row.state: row[1] for row in rows}
    return {
        status: sum(counts.get(state, 0) for state in states)
        for status, states in STATUS_STATES.items()
    }


def with_offers(
    session: Session,
    office: Office,
    rows: list[Row[*tuple[Any, ...]]],
    chosen: dict[UUID, str] | None = None,
) -> list[QueueRow]:
    """Add to waiting requests who could go; `chosen` overrides the preselection per visit."""
    if not rows:
        return []
    days = [row.starts_at.astimezone(clock.WIB).date() for row in rows]
    diary = load_diary(session, office, min(days), max(days))
    return [_with_offers(diary, row, (chosen or {}).get(row.id)) for row in rows]


def _with_offers(diary: Diary, row: Row[*tuple[Any, ...]], chosen: str | None) -> QueueRow:
    place = Place(row.school_id, row.district_code, visit_id=row.id)
    free = diary.free_workers(place, row.starts_at, row.ends_at)
    offers = [Offer(worker, []) for worker in free]
    offers += [
        Offer(worker, diary.problems(worker, place, row.starts_at, row.ends_at))
        for worker in diary.workers
        if worker not in free
    ]
    wanted = chosen or next(
        (offer.worker.public_id for offer in offers if offer.worker.id == row.social_worker_id), ""
    )
    pick = next((offer for offer in offers if offer.worker.public_id == wanted), None)
    # The worker taken at request time stays preselected while still free; else the best free one.
    if not chosen and (pick is None or pick.problems) and free:
        pick = offers[0]
    return QueueRow(row, row.never_served, offers, pick or (offers[0] if offers else None))


def scheduled_between(
    session: Session, actor: Actor, worker_id: UUID, first: date, last: date
) -> list[Row[*tuple[Any, ...]]]:
    """Return a worker's settled sessions on some days, which leave would leave without anybody."""
    start, end = clock.day_bounds(first, last)
    return list(
        session.execute(
            _listed()
            .where(policy.visible_to(actor), Visit.social_worker_id == worker_id)
            .where(Visit.state == VisitState.SCHEDULED)
            .where(Visit.starts_at >= start, Visit.starts_at < end)
            .order_by(Visit.starts_at)
        )
    )


def queue_row(session: Session, actor: Actor, visit_id: UUID) -> Row[*tuple[Any, ...]] | None:
    """Return one visit as the queue lists it."""
    return session.execute(
        _listed()
        .add_columns(never_served().label("never_served"))
        .where(policy.visible_to(actor), Visit.id == visit_id)
    ).one_or_none()


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
    """Return how many sessions that count a school has this year, by state."""
    start, end = year.bounds
    rows = session.execute(*_year_of(school_id=school_id, start=start, end=end))
    return {row.state: row[1] for row in rows}


@prepared
def _year_of(*, school_id: UUID, start: datetime, end: datetime) -> Select[str, int]:
    return (
        select(Visit.state, func.count())
        .join(Programme, Programme.id == Visit.programme_id)
        .where(
            Visit.school_id == school_id,
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


def fresh_receipt(session: Session, actor: Actor, public_id: str) -> VisitFile | None:
    """Return the visit this actor approved a moment ago, for the receipt above the queue."""
    found = get_visit(session, actor, public_id)
    if found is None or found.visit.decided_by != actor.user_id:
        return None
    fresh = found.visit.decided_at and clock.now() - found.visit.decided_at < RECEIPT_LASTS
    return found if fresh and found.visit.state == VisitState.SCHEDULED else None
