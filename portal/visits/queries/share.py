"""The fair share: how many sessions of a programme a school may have while others wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, exists, or_, select
from sqlalchemy.orm import Session, aliased

from portal.core import clock
from portal.core.clock import SchoolYear
from portal.core.settings import Office
from portal.schools.models import School
from portal.visits.models import Programme, Visit, Wish
from portal.visits.queries.days import booking_window
from portal.visits.states import HOLDING_TIME, VisitState, WishState


@dataclass(frozen=True)
class Share:
    """What a school has of a programme in a school year.

    `used` counts sessions asked for, offered, scheduled or delivered; `most` is None where the
    programme has no share. `waiting` are other schools that never had it and ask for it now.
    """

    used: int
    most: int | None
    waiting: int

    @property
    def reached(self) -> bool:
        """Say whether the school has its share."""
        return self.most is not None and self.used >= self.most

    @property
    def used_up(self) -> bool:
        """Say whether the free times go to schools that never had a session first."""
        return self.reached and self.waiting > 0

    @property
    def left(self) -> int:
        """Return how many more sessions the share leaves; 0 where it has no limit."""
        return max(0, (self.most or 0) - self.used)

    def after(self, more: int) -> Share:
        """Return the share with so many sessions more."""
        return Share(self.used + more, self.most, self.waiting)


def most_of(office: Office, programme: Programme) -> int | None:
    """Return a programme's share: its own, or the office's where it counts for coverage."""
    if programme.yearly_share is not None:
        return programme.yearly_share
    share: int = office["fair_share_sessions"]
    return share if programme.counts_for_coverage else None


def share_of(
    session: Session, office: Office, school_id: UUID, programme: Programme, moment: datetime
) -> Share:
    """Return a school's share in the school year of a moment."""
    year = _year_of(moment)
    return shares_of(session, office, school_id, programme, [year])[year]


def shares_of(
    session: Session,
    office: Office,
    school_id: UUID,
    programme: Programme,
    years: Collection[SchoolYear],
) -> dict[SchoolYear, Share]:
    """Return a school's share in each of these school years, in two statements."""
    held = _held_by(session, {school_id}, {programme.id})
    waiting = _waiting(session, office, {programme.id})[programme.id] - {school_id}
    most = most_of(office, programme)
    return {
        year: Share(len(held[school_id, programme.id, year]), most, len(waiting)) for year in years
    }


def _waiting(
    session: Session, office: Office, programmes: Collection[UUID]
) -> dict[UUID, set[UUID]]:
    """Return for each programme the active schools that never had it and ask for it now.

    A wish for days that nobody can book yet keeps no other school waiting.
    """
    asked = exists().where(
        Visit.school_id == School.id,
        Visit.programme_id == Programme.id,
        Visit.state == VisitState.REQUESTED,
        Visit.starts_at > clock.now(),
    )
    wished = exists().where(
        Wish.school_id == School.id,
        Wish.programme_id == Programme.id,
        Wish.state == WishState.WAITING,
        Wish.latest_on >= clock.today(),
        Wish.earliest_on <= booking_window(office)[1],
    )
    rows = session.execute(
        select(Programme.id, School.id)
        .join_from(Programme, School, School.active.is_(True))
        .where(Programme.id.in_(programmes), or_(asked, wished), ~_had(School.id, Programme.id))
    )
    waiting: dict[UUID, set[UUID]] = defaultdict(set)
    for programme_id, school_id in rows:
        waiting[programme_id].add(school_id)
    return waiting


def _had(school_id: Any, programme_id: Any) -> ColumnElement[bool]:
    earlier = aliased(Visit)
    return exists().where(
        earlier.school_id == school_id,
        earlier.programme_id == programme_id,
        earlier.state == VisitState.DELIVERED,
    )


def beyond_share(
    session: Session, office: Office, rows: Collection[Row[*tuple[Any, ...]] | Visit]
) -> dict[UUID, Share]:
    """Return those of these visits that pass their school's share while others wait.

    Of a school's sessions in a year those asked for first count first. `rows` have `id`,
    `school_id`, `programme_id` and `starts_at`; two statements however many there are.
    """
    if not rows:
        return {}
    wanted = {row.programme_id for row in rows}
    waiting = _waiting(session, office, wanted)
    most = {
        programme.id: most_of(office, programme)
        for programme in session.scalars(select(Programme).where(Programme.id.in_(wanted)))
    }
    held = _held_by(session, {row.school_id for row in rows}, wanted)
    found = {}
    for row in rows:
        mine = held[row.school_id, row.programme_id, _year_of(row.starts_at)]
        before = mine.index(row.id) if row.id in mine else len(mine)
        others = waiting[row.programme_id] - {row.school_id}
        share = Share(before, most[row.programme_id], len(others))
        if share.used_up:
            found[row.id] = share
    return found


def _held_by(
    session: Session, schools: Collection[UUID], programmes: Collection[UUID]
) -> dict[tuple[UUID, UUID, SchoolYear], list[UUID]]:
    """Return the sessions of schools by programme and year, in the order they were asked for."""
    rows = session.execute(
        select(Visit.id, Visit.school_id, Visit.programme_id, Visit.starts_at)
        .where(
            Visit.school_id.in_(schools),
            Visit.programme_id.in_(programmes),
            Visit.state.in_(sorted(HOLDING_TIME)),
        )
        .order_by(Visit.requested_at, Visit.id)
    )
    held: dict[tuple[UUID, UUID, SchoolYear], list[UUID]] = defaultdict(list)
    for row in rows:
        held[row.school_id, row.programme_id, _year_of(row.starts_at)].append(row.id)
    return held


def _year_of(moment: datetime) -> SchoolYear:
    return SchoolYear.of(clock.day_of(moment))
