"""Coverage over time: school years side by side, and the months of one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import accumulate
from typing import Any

from sqlalchemy import Select, Subquery, and_, case, func, select
from sqlalchemy.orm import Session

from portal.core.clock import SchoolYear
from portal.core.prepared import prepared
from portal.insight.queries.boards import Basis, Place, Scope, counted
from portal.insight.queries.periods import Period, Span, back_from
from portal.insight.queries.served import (
    COUNTED,
    COUNTS_FOR,
    PUPILS,
    partner_schools,
    sessions_of_schools,
    wanted_schools,
)
from portal.insight.queries.tallies import Tally
from portal.schools.models import District, School
from portal.visits.models import Visit

MOST_YEARS = 6
MONTHS = 12


@dataclass(frozen=True)
class YearOfCoverage:
    """One school year, counted as its board counts it."""

    year: SchoolYear
    tally: Tally


@dataclass(frozen=True)
class MonthOfCoverage:
    """One month of a school year; `reached` counts the schools since the year began."""

    first: date
    reached: int
    sessions: int
    first_sessions: int
    pupils: int


def over_years(
    session: Session, scope: Scope, place: Place, years: Iterable[SchoolYear]
) -> list[YearOfCoverage]:
    """Return at most six school years, the oldest first: a statement for each."""
    newest = sorted(years, reverse=True)[:MOST_YEARS]
    return [
        YearOfCoverage(year, counted(session, replace(scope, year=year), place))
        for year in reversed(newest)
    ]


def over_months(session: Session, scope: Scope, place: Place) -> list[MonthOfCoverage]:
    """Return the months of a board's year from July, those to come left out."""
    first, last = scope.year.first_day, scope.day
    months = list(back_from(last, first, Span.MONTH, MONTHS))[::-1]
    since, until = scope.year.bounds
    bounds = {f"month_{number}": month.bounds[1] for number, month in enumerate(_whole(scope.year))}
    statement = _by_month(
        scope.basis,
        place.group,
        since=since,
        until=until,
        day=scope.day,
        **bounds,
        **scope.kind,
        **place.area,
    )
    rows = {row.month: row for row in session.execute(*statement)}
    counts = [rows.get(number) for number in range(len(months))]
    reached = accumulate(row.newly if row else 0 for row in counts)
    return [
        MonthOfCoverage(month.first, total, *(_figures(row) if row else (0, 0, 0)))
        for month, total, row in zip(months, reached, counts, strict=True)
    ]


def _figures(row: Any) -> tuple[int, int, int]:
    return row.sessions, row.first_sessions, int(row.pupils)


def _whole(year: SchoolYear) -> list[Period]:
    """Return the twelve months of a school year."""
    return list(back_from(year.last_day, year.first_day, Span.MONTH, MONTHS))[::-1]


@prepared
def _by_month(
    basis: Basis,
    group: str | None,
    *,
    since: datetime,
    until: datetime,
    day: date,
    **given: Any,
) -> Select[*tuple[Any, ...]]:
    ends = [given.pop(f"month_{number}") for number in range(MONTHS)]
    held = _ranked(since, until)
    mou = partner_schools(day)
    month = case(*((held.c.starts_at < end, number) for number, end in enumerate(ends)))
    return (
        select(
            month.label("month"),
            func.count().label("sessions"),
            func.count().filter(held.c.of_year == 1).label("newly"),
            func.count().filter(held.c.ever == 1).label("first_sessions"),
            func.sum(held.c.pupils).label("pupils"),
        )
        .select_from(held)
        .join(School, School.id == held.c.school_id)
        .join(District, District.code == School.district_code)
        .join(mou, mou.c.school_id == School.id, isouter=basis is Basis.ALL)
        .where(wanted_schools(group, **given), held.c.starts_at >= since, held.c.starts_at < until)
        .group_by(month)
    )


def _ranked(since: datetime, until: datetime) -> Subquery:
    """Return each session that counts with its number among its school's: ever, and of the year."""
    within = and_(Visit.starts_at >= since, Visit.starts_at < until)
    order = (Visit.starts_at, Visit.id)
    return (
        sessions_of_schools(
            COUNTS_FOR.label("school_id"),
            Visit.starts_at,
            PUPILS.label("pupils"),
            func.row_number().over(partition_by=COUNTS_FOR, order_by=order).label("ever"),
            func.row_number()
            .over(partition_by=(COUNTS_FOR, within), order_by=order)
            .label("of_year"),
        )
        .where(COUNTED)
        .subquery("held")
    )
