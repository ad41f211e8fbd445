"""Coverage: counted in SQL per district, level and partnership, so a board is a handful of rows."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, Subquery, and_, case, func, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.clock import SchoolYear
from portal.schools.models import LEVEL_GROUPS, District, Level, Mou, School
from portal.visits.models import Programme, Visit
from portal.visits.states import VisitState

GROUP_OF = {level: group for group, levels in LEVEL_GROUPS.items() for level in levels}
# The per cent at which each colour step begins, after "none yet".
STEPS = (1, 50, 75)


class Basis(StrEnum):
    """Which schools are the denominator: all active ones, or those with an MoU in force."""

    ALL = "all"
    PARTNERS = "partners"


@dataclass(frozen=True)
class Scope:
    """The school year and the schools a board is about, as seen on a day."""

    year: SchoolYear
    basis: Basis
    today: date

    @property
    def day(self) -> date:
        """Return the day that decides who is a partner: today, or the last of a past year."""
        return min(self.today, self.year.last_day)

    @property
    def running(self) -> bool:
        """Say whether the year is not over yet."""
        return self.today <= self.year.last_day


@dataclass(frozen=True)
class Place:
    """A piece of the board: one district, one level group, both, or (neither) the whole city."""

    district: str | None = None
    group: str | None = None

    @property
    def levels(self) -> tuple[Level, ...]:
        """Return the levels of the group."""
        return LEVEL_GROUPS[self.group] if self.group else tuple(Level)

    def __bool__(self) -> bool:
        return bool(self.district or self.group)


@dataclass(frozen=True)
class Tally:
    """What was counted for some schools; tallies of separate schools can be added."""

    schools: int = 0
    reached: int = 0
    never: int = 0
    sessions: int = 0
    first_sessions: int = 0
    pupils: int = 0
    adults: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.schools + other.schools,
            self.reached + other.reached,
            self.never + other.never,
            self.sessions + other.sessions,
            self.first_sessions + other.first_sessions,
            self.pupils + other.pupils,
            self.adults + other.adults,
        )

    @property
    def percent(self) -> int:
        """Return the share reached, rounded down so that it never promises a step too much."""
        if not self.reached:
            return 0
        return max(1, self.reached * 100 // self.schools)

    @property
    def step(self) -> int:
        """Return the colour step: none, below half, below three quarters, or more."""
        return bisect(STEPS, self.percent)

    @property
    def first_share(self) -> float:
        """Return which part of the sessions was the first ever for its school."""
        return self.first_sessions / self.sessions if self.sessions else 0.0

    def needed(self, target_percent: int) -> int:
        """Return how many schools a target means."""
        return -(-self.schools * target_percent // 100)


NOTHING = Tally()


@dataclass(frozen=True)
class DistrictCoverage:
    """One district: its place on the tile map (counted from 0) and a tally per level group."""

    slug: str
    name: str
    short_name: str
    row: int
    column: int
    cells: Mapping[str, Tally]

    @property
    def tally(self) -> Tally:
        """Return the sum of the cells."""
        return sum(self.cells.values(), NOTHING)


@dataclass(frozen=True)
class Board:
    """The coverage of a city in one school year."""

    scope: Scope
    groups: tuple[str, ...]
    districts: tuple[DistrictCoverage, ...]
    everybody: Tally
    partners: Tally

    @property
    def tally(self) -> Tally:
        """Return the whole city on the chosen basis."""
        return self.partners if self.scope.basis is Basis.PARTNERS else self.everybody

    def district(self, slug: str | None) -> DistrictCoverage | None:
        """Return one district, or None when there is none of this name."""
        return next((each for each in self.districts if each.slug == slug), None)

    def of(self, place: Place) -> Tally:
        """Return the tally of a piece of the board."""
        cells = (
            tally
            for district in self.districts
            for group, tally in district.cells.items()
            if place.district in {None, district.slug} and place.group in {None, group}
        )
        return sum(cells, NOTHING)


def school_years(session: Session, today: date) -> list[SchoolYear]:
    """Return the years a reader can choose, the newest first: from the first session to today."""
    first = session.scalar(
        select(func.min(Visit.starts_at)).where(Visit.state == VisitState.DELIVERED)
    )
    current = SchoolYear.of(today)
    oldest = SchoolYear.of(first.astimezone(clock.WIB).date()) if first else current
    first_year = min(oldest, current).start_year
    return [SchoolYear(year) for year in range(current.start_year, first_year - 1, -1)]


def board(session: Session, scope: Scope) -> Board:
    """Count the city in one statement; it returns a row per district, level and partnership."""
    cells: dict[str, dict[str, Tally]] = defaultdict(lambda: defaultdict(Tally))
    districts: dict[str, Any] = {}
    totals = {True: NOTHING, False: NOTHING}
    groups = set()
    for row in session.execute(_counts(scope.year, scope.day)):
        districts[row.slug] = row
        if row.level is None:
            continue
        group = GROUP_OF[Level(row.level)]
        groups.add(group)
        tally = Tally(
            row.schools,
            row.reached,
            row.never,
            # PostgreSQL returns decimals for sums of sums.
            int(row.sessions),
            row.first_sessions,
            int(row.pupils),
            int(row.adults),
        )
        totals[row.partner] += tally
        if row.partner or scope.basis is Basis.ALL:
            cells[row.slug][group] += tally
    return Board(
        scope=scope,
        groups=tuple(group for group in LEVEL_GROUPS if group in groups),
        districts=tuple(
            DistrictCoverage(
                slug, row.name, row.short_name, row.tile_row, row.tile_column, dict(cells[slug])
            )
            for slug, row in districts.items()
        ),
        everybody=totals[True] + totals[False],
        partners=totals[True],
    )


# Putting such a statement together takes longer than running it for a town.
@lru_cache(maxsize=8)
def _counts(year: SchoolYear, day: date) -> Select[*tuple[Any, ...]]:
    served, mou = served_schools(year), partner_schools(day)
    since, until = year.bounds
    partner = mou.c.partner_since.is_not(None)
    first_this_year = and_(served.c.first_at >= since, served.c.first_at < until)
    return (
        select(
            District.slug,
            District.name,
            District.short_name,
            District.tile_row,
            District.tile_column,
            School.level,
            partner.label("partner"),
            func.count(School.id).label("schools"),
            func.count().filter(served.c.sessions > 0).label("reached"),
            func.count(School.id).filter(served.c.school_id.is_(None)).label("never"),
            func.coalesce(func.sum(served.c.sessions), 0).label("sessions"),
            func.count().filter(first_this_year).label("first_sessions"),
            func.coalesce(func.sum(served.c.pupils), 0).label("pupils"),
            func.coalesce(func.sum(served.c.adults), 0).label("adults"),
        )
        .outerjoin(School, and_(School.district_code == District.code, School.active))
        .outerjoin(served, served.c.school_id == School.id)
        .outerjoin(mou, mou.c.school_id == School.id)
        .group_by(District.code, School.level, partner)
        .order_by(District.code)
    )


def served_schools(year: SchoolYear) -> Subquery:
    """Return, per school that ever had one, its delivered sessions of programmes that count."""
    since, until = year.bounds
    this_year = and_(Visit.starts_at >= since, Visit.starts_at < until)
    pupils = func.coalesce(Visit.heads_girls, 0) + func.coalesce(Visit.heads_boys, 0)
    return (
        select(
            Visit.school_id,
            func.min(Visit.starts_at).label("first_at"),
            func.max(Visit.starts_at).label("last_at"),
            func.count().filter(this_year).label("sessions"),
            func.sum(case((this_year, pupils), else_=0)).label("pupils"),
            func.sum(case((this_year, func.coalesce(Visit.heads_adults, 0)), else_=0)).label(
                "adults"
            ),
        )
        .join(Programme, Programme.id == Visit.programme_id)
        .where(Visit.state == VisitState.DELIVERED, Programme.counts_for_coverage)
        .group_by(Visit.school_id)
        .subquery("served")
    )


def partner_schools(day: date) -> Subquery:
    """Return the schools with an MoU in force on a day, and since when it has been."""
    return (
        select(Mou.school_id, func.min(Mou.signed_on).label("partner_since"))
        .where(Mou.signed_on <= day, Mou.valid_until >= day)
        .group_by(Mou.school_id)
        .subquery("partner")
    )
