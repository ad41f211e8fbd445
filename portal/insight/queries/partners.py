"""All partner schools with what passes between them and the office, those in most need first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, literal, select, tuple_
from sqlalchemy.orm import Session, aliased

from portal.core import clock
from portal.core.access import Actor
from portal.core.clock import SchoolYear
from portal.core.types import UtcDateTime
from portal.insight.queries.served import served_schools
from portal.schools.models import LEVEL_GROUPS, District, Mou, School
from portal.schools.policy import mous_visible_to
from portal.schools.queries.contact_log import figures_by_school
from portal.schools.queries.schools import in_force
from portal.visits.models import Visit
from portal.visits.states import VisitState

PAGE_SIZE = 30
# Stands for "no session ever" where lists are put in order.
NEVER = datetime(2000, 1, 1, tzinfo=UTC)

# Promise kept (1) or not (0), last session, signing, name and id of the school.
Key = tuple[int, datetime, date, str, UUID]


class Need(StrEnum):
    """What a list of partners is narrowed to."""

    NEVER = "belum-pernah"
    NOT_THIS_YEAR = "belum-tahun-ini"
    PROMISED = "janji"
    ENDING = "berakhir"
    SILENT = "tak-menjawab"


@dataclass(frozen=True)
class Wanted:
    """Which partners are listed, as of which day, and how long an MoU's end is told ahead."""

    day: date
    notice_days: int
    need: Need | None = None
    district: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class Partner:
    """One partner school with its MoU and what passed between it and the office."""

    id: UUID
    public_id: str
    npsn: str
    name: str
    level: str
    district: str
    number: str
    signed_on: date
    valid_until: date
    promised: int
    sessions: int
    last_at: datetime | None
    next_at: datetime | None
    waiting: int
    tries: int
    answered: int

    def days_without(self, day: date) -> int:
        """Return for how many days there was no session: since the last one, or the signing."""
        since = clock.day_of(self.last_at) if self.last_at else self.signed_on
        return (day - since).days

    @property
    def never_answered(self) -> bool:
        """Say whether the office tried to reach the school and nobody ever responded."""
        return bool(self.tries) and not self.answered

    @property
    def key(self) -> Key:
        """Return the place in the list."""
        kept = int(self.sessions >= self.promised)
        return kept, self.last_at or NEVER, self.signed_on, self.name, self.id


@dataclass(frozen=True)
class Page:
    """A stretch of the list, and the key from which it goes on."""

    rows: list[Partner]
    after: Key | None


def listed(session: Session, actor: Actor, wanted: Wanted, after: Key | None = None) -> Page:
    """Return a page of partners, those in most need first.

    First those whose promised sessions are not all held: never served, then longest ago.
    """
    parts = _Parts(wanted)
    found = _statement(actor, wanted, parts)
    if after is not None:
        kept, last_at, signed_on, name, school_id = after
        bound = (
            literal(kept),
            literal(last_at, UtcDateTime()),
            literal(signed_on, Mou.signed_on.type),
            literal(name, School.name.type),
            literal(school_id, School.id.type),
        )
        found = found.where(tuple_(*parts.order) > tuple_(*bound))
    rows = [Partner(**row) for row in session.execute(found.limit(PAGE_SIZE + 1)).mappings()]
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    return Page(rows, rows[-1].key if more else None)


def every(session: Session, actor: Actor, wanted: Wanted) -> list[Partner]:
    """Return all partners that are wanted, in the same order."""
    found = _statement(actor, wanted, _Parts(wanted))
    return [Partner(**row) for row in session.execute(found).mappings()]


def count(session: Session, actor: Actor, wanted: Wanted) -> int:
    """Return how many partners are wanted."""
    found = _statement(actor, wanted, _Parts(wanted)).order_by(None).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


class _Parts:
    """What the statement is put together from, for one day."""

    def __init__(self, wanted: Wanted) -> None:
        self.served = served_schools(*SchoolYear.of(wanted.day).bounds)
        self.ahead = _ahead()
        self.tried = figures_by_school()
        self.sessions: ColumnElement[int] = func.coalesce(self.served.c.sessions, 0)
        last: ColumnElement[datetime] = func.coalesce(
            self.served.c.last_at, literal(NEVER, UtcDateTime())
        )
        kept = case((self.sessions >= Mou.promised_sessions, 1), else_=0)
        self.order: tuple[Any, ...] = (kept, last, Mou.signed_on, School.name, School.id)


def _statement(actor: Actor, wanted: Wanted, parts: _Parts) -> Select[*tuple[Any, ...]]:
    served, ahead, tried = parts.served, parts.ahead, parts.tried
    return (
        select(
            School.id,
            School.public_id,
            School.npsn,
            School.name,
            School.level,
            District.name.label("district"),
            Mou.number,
            Mou.signed_on,
            Mou.valid_until,
            Mou.promised_sessions.label("promised"),
            parts.sessions.label("sessions"),
            served.c.last_at,
            ahead.c.next_at,
            func.coalesce(ahead.c.waiting, 0).label("waiting"),
            func.coalesce(tried.c.tries, 0).label("tries"),
            func.coalesce(tried.c.answered, 0).label("answered"),
        )
        .join(Mou, Mou.school_id == School.id)
        .join(District, District.code == School.district_code)
        .outerjoin(served, served.c.school_id == School.id)
        .outerjoin(ahead, ahead.c.school_id == School.id)
        .outerjoin(tried, tried.c.school_id == School.id)
        .where(School.active, mous_visible_to(actor), *_conditions(wanted, parts))
        .order_by(*parts.order)
    )


def _conditions(wanted: Wanted, parts: _Parts) -> list[ColumnElement[bool]]:
    notice = timedelta(days=wanted.notice_days)
    later = aliased(Mou)
    followed = (
        select(later.id)
        .where(later.school_id == Mou.school_id, later.valid_until > Mou.valid_until)
        .exists()
    )
    ending = and_(
        Mou.signed_on <= wanted.day,
        Mou.valid_until.between(wanted.day - notice, wanted.day + notice),
        ~followed,
    )
    tried = parts.tried.c
    needs: dict[Need, ColumnElement[bool]] = {
        Need.NEVER: parts.served.c.last_at.is_(None),
        Need.NOT_THIS_YEAR: parts.sessions == 0,
        Need.PROMISED: parts.sessions < Mou.promised_sessions,
        Need.SILENT: and_(tried.tries > 0, tried.answered == 0),
    }
    # An MoU that has just ended is among those that end; elsewhere only partners of today count.
    conditions = [ending] if wanted.need is Need.ENDING else [in_force(wanted.day)]
    if wanted.need in needs:
        conditions.append(needs[wanted.need])
    if wanted.district:
        conditions.append(District.slug == wanted.district)
    if wanted.group:
        conditions.append(School.level.in_(LEVEL_GROUPS[wanted.group]))
    return conditions


def _ahead() -> Subquery:
    """Return, per school, its next settled session and how many wait for an answer."""
    settled = Visit.state == VisitState.SCHEDULED
    open_ones = (VisitState.REQUESTED, VisitState.OFFERED)
    return (
        select(
            Visit.school_id,
            func.min(Visit.starts_at).filter(settled).label("next_at"),
            func.count().filter(Visit.state.in_(open_ones)).label("waiting"),
        )
        .where(Visit.starts_at >= clock.now(), Visit.state.in_((VisitState.SCHEDULED, *open_ones)))
        .group_by(Visit.school_id)
        .subquery("ahead")
    )
