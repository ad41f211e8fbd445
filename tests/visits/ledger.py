"""What the booking cells must be, worked out a second time from the visits and holds."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.core import clock
from portal.core.db import Database
from portal.visits.models import BookingCell, Hold, Visit

KEEPS_ITS_TIME = ("requested", "scheduled", "delivered")
HALF_HOUR = timedelta(minutes=30)

Cell = tuple[str, UUID, datetime, UUID]


def _steps(stay: Visit | Hold) -> list[datetime]:
    moments, moment = [], stay.starts_at
    while moment < stay.ends_at:
        moments.append(moment)
        moment += HALF_HOUR
    return moments


def _hard(stay: Visit | Hold) -> set[Cell]:
    whose = (("school", stay.school_id), ("worker", stay.social_worker_id))
    return {(kind, who, moment, stay.id) for kind, who in whose for moment in _steps(stay)}


def _way(stay: Visit | Hold) -> Cell:
    return "worker", stay.social_worker_id, _steps(stay)[-1] + HALF_HOUR, stay.id


def _nobody_twice(stays: list[Any]) -> None:
    for whose in ("school_id", "social_worker_id"):
        for one in stays:
            for other in stays:
                if one is other or getattr(one, whose) != getattr(other, whose):
                    continue
                apart = one.ends_at <= other.starts_at or other.ends_at <= one.starts_at
                assert apart, f"{whose} booked twice at {one.starts_at} and {other.starts_at}"


def check_cells(database: Database, without_way: frozenset[UUID] = frozenset()) -> None:
    """Raise AssertionError unless the cells are exactly what visits and living holds take.

    `without_way` are the visits that take, or have given, no time for the way afterwards.
    """
    with database.reader() as session:
        visits = list(session.scalars(select(Visit).where(Visit.state.in_(KEEPS_ITS_TIME))))
        holds = list(session.scalars(select(Hold)))
        cells = list(session.scalars(select(BookingCell)))
    living = {hold.id for hold in holds if hold.expires_at > clock.now()}
    dead = {hold.id for hold in holds} - living
    stays = [*visits, *(hold for hold in holds if hold.id in living)]
    _nobody_twice(stays)
    expected = {cell for stay in stays for cell in _hard(stay)}
    expected |= {_way(stay) for stay in stays if stay.id not in without_way}
    actual = Counter(
        (str(cell.resource), cell.resource_id, cell.starts_at, cell.visit_id or cell.hold_id)
        for cell in cells
        if cell.hold_id not in dead
    )
    assert sorted(set(actual) - expected) == [], "cells that nobody should have"
    assert sorted(expected - set(actual)) == [], "cells that are missing"
    assert max(actual.values(), default=1) == 1
