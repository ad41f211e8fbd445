"""The schools behind a board, those in most need first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.insight.queries.boards import Basis, Place, Scope, partner_schools, served_schools
from portal.schools.models import District, School


class Standing(StrEnum):
    """How a school stands in the year of the board."""

    REACHED = "reached"
    NOT_YET = "not_yet"
    NEVER = "never"


@dataclass(frozen=True)
class SchoolCoverage:
    """One school with what decides its place on the board."""

    public_id: str
    npsn: str
    name: str
    level: str
    district: str
    partner_since: date | None
    sessions: int
    pupils: int
    first_at: datetime | None
    last_at: datetime | None

    @property
    def standing(self) -> Standing:
        """Say whether the school was reached this year, in another year only, or never."""
        if self.sessions:
            return Standing.REACHED
        return Standing.NEVER if self.last_at is None else Standing.NOT_YET


def schools_in(
    session: Session, scope: Scope, place: Place, limit: int | None = None
) -> list[SchoolCoverage]:
    """List the schools of a piece of the board, those in most need first."""
    return _listed(session, _list(scope, place).limit(limit))


def never_served(session: Session, scope: Scope, place: Place, limit: int) -> list[SchoolCoverage]:
    """List the schools that never had a session, the partners who wait longest first."""
    statement = _list(scope, place)
    last_at = statement.selected_columns["last_at"]
    return _listed(session, statement.where(last_at.is_(None)).limit(limit))


def _listed(session: Session, statement: Select[*tuple[Any, ...]]) -> list[SchoolCoverage]:
    return [SchoolCoverage(**row) for row in session.execute(statement).mappings()]


@lru_cache(maxsize=32)
def _list(scope: Scope, place: Place) -> Select[*tuple[Any, ...]]:
    served, mou = served_schools(scope.year), partner_schools(scope.day)
    sessions = func.coalesce(served.c.sessions, 0)
    statement = (
        select(
            School.public_id,
            School.npsn,
            School.name,
            School.level,
            District.name.label("district"),
            mou.c.partner_since,
            sessions.label("sessions"),
            func.coalesce(served.c.pupils, 0).label("pupils"),
            served.c.first_at,
            served.c.last_at,
        )
        .join(District, District.code == School.district_code)
        .outerjoin(served, served.c.school_id == School.id)
        .join(mou, mou.c.school_id == School.id, isouter=scope.basis is Basis.ALL)
        .where(School.active)
        .order_by(
            sessions > 0,
            served.c.last_at.nulls_first(),
            mou.c.partner_since.nulls_last(),
            School.name,
            School.id,
        )
    )
    if place.district:
        statement = statement.where(District.slug == place.district)
    if place.group:
        statement = statement.where(School.level.in_(place.levels))
    return statement
