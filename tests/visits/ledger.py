"""What the booking cells must be, worked out a second time from visits, changes and holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.db import Database
from portal.visits.models import BookingCell, Hold, Visit, VisitChange, VisitWorker

KEEPS_ITS_TIME = ("requested", "offered", "scheduled", "delivered")
HALF_HOUR = timedelta(minutes=30)

Cell = tuple[str, UUID, datetime, UUID]
# The way of one worker after a stay of one owner, by when it begins.
Way = tuple[UUID, UUID, datetime]


@dataclass(frozen=True)
class Taken:
    """Time that a visit, a change of one, or a hold takes from a school and its workers."""

    owner: UUID
    school_id: UUID
    worker_ids: tuple[UUID, ...]
    starts_at: datetime
    ends_at: datetime

    def steps(self) -> list[datetime]:
        """Return its half hours."""
        moments, moment = [], self.starts_at
        while moment < self.ends_at:
            moments.append(moment)
            moment += HALF_HOUR
        return moments

    def hard(self) -> set[Cell]:
        """Return the cells nobody else may have."""
        whose = [("school", self.school_id), *(("worker", each) for each in self.worker_ids)]
        return {(kind, who, moment, self.owner) for kind, who in whose for moment in self.steps()}

    def ways(self) -> set[Way]:
        """Return the half hours its workers need to get away."""
        after = self.steps()[-1] + HALF_HOUR
        return {(self.owner, who, after) for who in self.worker_ids}


def taken_now(session: Session) -> list[Taken]:
    """Return all that takes time now, the newest hold last."""
    visits = list(session.scalars(select(Visit).where(Visit.state.in_(KEEPS_ITS_TIME))))
    along: dict[UUID, list[UUID]] = {}
    for row in session.scalars(select(VisitWorker)):
        along.setdefault(row.visit_id, []).append(row.user_id)
    crews = {v.id: (v.social_worker_id, *along.get(v.id, ())) for v in visits}
    found = [Taken(v.id, v.school_id, crews[v.id], v.starts_at, v.ends_at) for v in visits]
    asked = session.scalars(select(VisitChange).where(VisitChange.state == "asked"))
    schools = {v.id: v.school_id for v in visits}
    for change in asked:
        assert change.visit_id in schools, "a change of a session that is no more"
        now, leader = crews[change.visit_id], change.social_worker_id
        others = now if leader in now else now[1:]
        crew = tuple(dict.fromkeys((leader, *others)))
        school = schools[change.visit_id]
        found.append(Taken(change.visit_id, school, crew, change.starts_at, change.ends_at))
    return found + _holds(session)


def _holds(session: Session) -> list[Taken]:
    """Return the living holds, of everybody they have a cell of: that is written nowhere else."""
    crews: dict[UUID, set[UUID]] = {}
    for cell in session.scalars(select(BookingCell).where(BookingCell.hold_id.is_not(None))):
        if cell.resource == "worker" and cell.hold_id:
            crews.setdefault(cell.hold_id, set()).add(cell.resource_id)
    return [
        Taken(
            hold.id,
            hold.school_id,
            tuple({hold.social_worker_id} | crews.get(hold.id, set())),
            hold.starts_at,
            hold.ends_at,
        )
        for hold in session.scalars(select(Hold))
        if hold.expires_at > clock.now()
    ]


def _nobody_twice(stays: list[Taken]) -> None:
    for one in stays:
        for other in stays:
            if one.owner == other.owner:
                continue
            whose = set(one.worker_ids) & set(other.worker_ids)
            if one.school_id == other.school_id:
                whose.add(one.school_id)
            apart = one.ends_at <= other.starts_at or other.ends_at <= one.starts_at
            assert apart or not whose, f"booked twice: {one} and {other}"


def check_cells(
    database: Database,
    given: frozenset[UUID] | frozenset[Way] | frozenset[UUID | Way] = frozenset(),
) -> None:
    """Raise AssertionError unless the cells are exactly what visits and living holds take.

    `given` are ways somebody was approved in spite of, or the owners all of whose ways are.
    """
    with database.reader() as session:
        stays = taken_now(session)
        cells = list(session.scalars(select(BookingCell)))
        dead = set(session.scalars(select(Hold.id).where(Hold.expires_at <= clock.now())))
    _nobody_twice(stays)
    expected = {cell for stay in stays for cell in stay.hard()}
    for owner, who, moment in (way for stay in stays for way in stay.ways()):
        if owner not in given and (owner, who, moment) not in given:
            expected.add(("worker", who, moment, owner))
    actual = Counter(
        (str(cell.resource), cell.resource_id, cell.starts_at, cell.visit_id or cell.hold_id)
        for cell in cells
        if cell.hold_id not in dead
    )
    assert sorted(set(actual) - expected) == [], "cells that nobody should have"
    assert sorted(expected - set(actual)) == [], "cells that are missing"
    assert max(actual.values(), default=1) == 1
