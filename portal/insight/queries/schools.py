"""The schools behind a board, those in most need first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.core.prepared import prepared
from portal.insight.queries.boards import Basis, Place, Scope
from portal.insight.queries.served import partner_schools, served_schools, wanted_schools
from portal.schools.models import District, FormerName, School


class Standing(StrEnum):
    """How a school stands in the year of the board."""

    REACHED = "reached"
    NOT_YET = "not_yet"
    NEVER = "never"


@dataclass(frozen=True)
class SchoolCoverage:
    """One school with what decides its place on the board."""

    id: UUID
    public_id: str
    npsn: str
    name: str
    level: str
    ownership: str
    authority: str
    district: str
    subdistrict: str
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
    return _listed(session, scope, place, limit)


def never_served(session: Session, scope: Scope, place: Place, limit: int) -> list[SchoolCoverage]:
    """List the schools that never had a session, the partners who wait longest first."""
    return _listed(session, scope, place, limit, Standing.NEVER)


def former_names(session: Session, school_ids: Iterable[UUID]) -> dict[UUID, list[FormerName]]:
    """Return the names schools bore before, the newest first, theirs and those joined to them."""
    found: dict[UUID, list[FormerName]] = {}
    rows = select(FormerName).order_by(FormerName.until.desc(), FormerName.id)
    for each in session.scalars(rows):
        found.setdefault(each.school_id, []).append(each)
    return {school_id: found[school_id] for school_id in school_ids if school_id in found}


def _listed(
    session: Session,
    scope: Scope,
    place: Place,
    limit: int | None,
    standing: Standing | None = None,
) -> list[SchoolCoverage]:
    since, until = scope.year.bounds
    statement, values = _list(
        scope.basis,
        place.group,
        standing,
        since=since,
        until=until,
        day=scope.day,
        **scope.kind,
        **place.area,
    )
    rows = session.execute(statement.limit(limit), values)
    return [SchoolCoverage(**row) for row in rows.mappings()]


@prepared
def _list(
    basis: Basis,
    group: str | None,
    standing: Standing | None,
    *,
    since: datetime,
    until: datetime,
    day: date,
    **wanted: str,
) -> Select[*tuple[Any, ...]]:
    served, mou = served_schools(since, until), partner_schools(day)
    sessions = func.coalesce(served.c.sessions, 0)
    statement = (
        select(
            School.id,
            School.public_id,
            School.npsn,
            School.name,
            School.level,
            School.ownership,
            School.authority,
            District.name.label("district"),
            School.subdistrict,
            mou.c.partner_since,
            sessions.label("sessions"),
            func.coalesce(served.c.pupils, 0).label("pupils"),
            served.c.first_at,
            served.c.last_at,
        )
        .join(District, District.code == School.district_code)
        .outerjoin(served, served.c.school_id == School.id)
        .join(mou, mou.c.school_id == School.id, isouter=basis is Basis.ALL)
        .where(wanted_schools(group, **wanted))
        .order_by(
            sessions > 0,
            served.c.last_at.nulls_first(),
            mou.c.partner_since.nulls_last(),
            School.name,
            School.id,
        )
    )
    if standing is Standing.NEVER:
        statement = statement.where(served.c.last_at.is_(None))
    return statement
