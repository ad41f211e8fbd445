"""What is planned, done and missed for a child, and what stands in its way in time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, case, func, literal, select, tuple_
from sqlalchemy.orm import Session

from portal.cases import policy
from portal.cases.models import Goal, Plan, Service
from portal.cases.states import PlanState, Progress, ServiceState
from portal.core import clock
from portal.core.types import UtcDateTime
from portal.people.models import User
from portal.schools.models import School
from portal.visits.models import Visit
from portal.visits.states import HOLDING_TIME

PAGE_SIZE = 20
MOST_PLANNED = 100
# The longest appointment there is, in minutes; nothing that began earlier can still go on.
MOST_MINUTES = 600

Key = tuple[datetime, UUID]


@dataclass(frozen=True)
class Line:
    """An appointment with the name of whoever holds it and the goal it serves."""

    service: Service
    holder: str
    goal: Goal | None

    @property
    def ends_at(self) -> datetime:
        """Return when it ends, or ended."""
        return self.service.starts_at + timedelta(minutes=self.service.minutes)

    @property
    def waits(self) -> bool:
        """Say whether it should have begun and nobody wrote down yet what came of it."""
        planned = self.service.state == ServiceState.PLANNED
        return planned and self.service.starts_at <= clock.now()


@dataclass(frozen=True)
class Page:
    """A stretch of what is over, newest first, and the key after which it goes on."""

    lines: list[Line]
    after: Key | None


@dataclass(frozen=True)
class Totals:
    """How much was done, and who came as often as they were expected."""

    held: int
    missed: int
    minutes: int
    child_came: int
    child_expected: int
    family_came: int
    family_expected: int


@dataclass(frozen=True)
class Clash:
    """Something else whoever holds an appointment has at the same time.

    `school` is where a session is; empty for an appointment of this or another case.
    """

    starts_at: datetime
    ends_at: datetime
    school: str
    same_case: bool


def _lines() -> Select[Service, str, Goal]:
    return (
        select(Service, User.full_name, Goal)
        .join(User, User.id == Service.held_by)
        .outerjoin(Goal, Goal.id == Service.goal_id)
    )


def planned(session: Session, case_id: UUID) -> list[Line]:
    """Return what is planned in a case, the earliest first, also what should be over by now."""
    rows = session.execute(
        _lines()
        .where(Service.case_id == case_id, Service.state == ServiceState.PLANNED)
        .order_by(Service.starts_at, Service.id)
        .limit(MOST_PLANNED)
    )
    return [Line(*row) for row in rows]


def history(session: Session, case_id: UUID, after: Key | None = None) -> Page:
    """Return what took place, was missed or was cancelled, newest first, a page at a time."""
    query = (
        _lines()
        .where(Service.case_id == case_id, Service.state != ServiceState.PLANNED)
        .order_by(Service.starts_at.desc(), Service.id.desc())
        .limit(PAGE_SIZE + 1)
    )
    if after:
        there = tuple_(literal(after[0], UtcDateTime()), literal(after[1], Service.id.type))
        query = query.where(tuple_(Service.starts_at, Service.id) < there)
    rows = [Line(*row) for row in session.execute(query)]
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    last = rows[-1].service if more else None
    return Page(rows, (last.starts_at, last.id) if last else None)


def get_line(session: Session, case_id: UUID, public_id: str) -> Line | None:
    """Return one appointment of a case."""
    row = session.execute(
        _lines().where(Service.case_id == case_id, Service.public_id == public_id)
    ).one_or_none()
    return Line(*row) if row else None


def get_service(session: Session, case_id: UUID, public_id: str) -> Service | None:
    """Return the record of one appointment of a case."""
    return session.scalar(
        select(Service).where(Service.case_id == case_id, Service.public_id == public_id)
    )


def totals(session: Session, case_id: UUID) -> Totals:
    """Return how much was done in a case."""
    held, missed = Service.state == ServiceState.HELD, Service.state == ServiceState.MISSED
    sums = (
        case((held, 1), else_=0),
        case((missed, 1), else_=0),
        case((held, Service.minutes), else_=0),
        case((Service.child_came.is_(True), 1), else_=0),
        case((Service.child_came.is_not(None), 1), else_=0),
        case((Service.family_came.is_(True), 1), else_=0),
        case((Service.family_came.is_not(None), 1), else_=0),
    )
    row = session.execute(select(*map(func.sum, sums)).where(Service.case_id == case_id)).one()
    return Totals(*(int(figure or 0) for figure in row))


def goals_for(session: Session, case_id: UUID, chosen: UUID | None = None) -> list[Goal]:
    """Return the goals an appointment may serve; `chosen` is the one it serves already."""
    in_use = (Plan.state != PlanState.REPLACED) & (Goal.progress != Progress.DROPPED)
    return list(
        session.scalars(
            select(Goal)
            .join(Plan, Plan.id == Goal.plan_id)
            .where(Plan.case_id == case_id, in_use | (Goal.id == chosen))
            .order_by(Plan.number.desc(), Goal.due_on, Goal.id)
        )
    )


def holders(session: Session, case_id: UUID, chosen: UUID | None = None) -> list[User]:
    """Return who may hold an appointment: whoever works on the case, and `chosen`, who does."""
    working = policy.workers_of(case_id)
    return list(
        session.scalars(
            select(User)
            .where(User.id.in_(working) | (User.id == chosen))
            .order_by(User.full_name, User.id)
        )
    )


def clashes(session: Session, lines: Sequence[Line]) -> dict[UUID, list[Clash]]:
    """Return what else the holders of these planned appointments have at the same time.

    By the ids of the appointments, in the order of time; two statements for however many lines.
    What should be over by now is left out.
    """
    coming = [line for line in lines if not line.waits]
    if not coming:
        return {}
    others = [*_other_services(session, coming), *_visits(session, coming)]
    found: dict[UUID, list[Clash]] = {}
    for line in coming:
        mine = line.service
        meeting = [
            Clash(each.starts_at, each.ends_at, each.school, each.case_id == mine.case_id)
            for each in others
            if each.worker_id == mine.held_by
            and each.service_id != mine.id
            and each.starts_at < line.ends_at
            and mine.starts_at < each.ends_at
        ]
        if meeting:
            found[mine.id] = sorted(meeting, key=lambda each: each.starts_at)
    return found


@dataclass(frozen=True)
class _Busy:
    """A stretch of somebody's time."""

    worker_id: UUID
    starts_at: datetime
    ends_at: datetime
    service_id: UUID | None = None
    case_id: UUID | None = None
    school: str = ""


def _span(coming: Sequence[Line]) -> tuple[set[UUID], datetime, datetime]:
    people = {line.service.held_by for line in coming}
    first = min(line.service.starts_at for line in coming)
    return people, first, max(line.ends_at for line in coming)


def _other_services(session: Session, coming: Sequence[Line]) -> Iterator[_Busy]:
    people, first, last = _span(coming)
    rows = session.execute(
        select(
            Service.held_by, Service.starts_at, Service.minutes, Service.id, Service.case_id
        ).where(
            Service.held_by.in_(people),
            Service.state == ServiceState.PLANNED,
            Service.starts_at > first - timedelta(minutes=MOST_MINUTES),
            Service.starts_at < last,
        )
    )
    for worker_id, starts_at, minutes, service_id, case_id in rows:
        ends_at = starts_at + timedelta(minutes=minutes)
        yield _Busy(worker_id, starts_at, ends_at, service_id, case_id)


def _visits(session: Session, coming: Sequence[Line]) -> Iterator[_Busy]:
    people, first, last = _span(coming)
    rows = session.execute(
        select(Visit.social_worker_id, Visit.starts_at, Visit.ends_at, School.name)
        .join(School, School.id == Visit.school_id)
        .where(
            Visit.social_worker_id.in_(people),
            Visit.state.in_(sorted(HOLDING_TIME)),
            Visit.starts_at < last,
            Visit.ends_at > first,
        )
    )
    for worker_id, starts_at, ends_at, school in rows:
        yield _Busy(worker_id, starts_at, ends_at, school=school)
