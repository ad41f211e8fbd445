"""Coverage: counted in SQL per district, level and partnership, so a board is a handful of rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, Select, Subquery, and_, cast, func, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.clock import SchoolYear
from portal.core.prepared import prepared
from portal.insight.queries.served import partner_schools, served_schools, wanted_schools
from portal.insight.queries.tallies import (
    Coverage,
    DistrictCoverage,
    SubdistrictCoverage,
    Tally,
    summed,
    total,
)
from portal.schools.models import LEVEL_GROUPS, Authority, District, Level, Ownership, School
from portal.visits.models import Visit
from portal.visits.states import VisitState

GROUP_OF = {level: group for group, levels in LEVEL_GROUPS.items() for level in levels}
# Under this a school stands in addresses whose kelurahan nobody wrote down.
NOWHERE = "-"


class Basis(StrEnum):
    """Which schools are the denominator: all active ones, or those with an MoU in force."""

    ALL = "all"
    PARTNERS = "partners"


class Grain(StrEnum):
    """What a count is divided by, beside district and level."""

    DISTRICT = "district"
    SUBDISTRICT = "subdistrict"
    OWNERSHIP = "ownership"
    AUTHORITY = "authority"


COLUMNS: dict[Grain, Any] = {
    Grain.SUBDISTRICT: School.subdistrict,
    Grain.OWNERSHIP: School.ownership,
    Grain.AUTHORITY: School.authority,
}


@dataclass(frozen=True)
class Scope:
    """The school year and the schools a board is about, as seen on a day."""

    year: SchoolYear
    basis: Basis
    today: date
    ownership: Ownership | None = None
    authority: Authority | None = None

    @property
    def day(self) -> date:
        """Return the day that decides who is a partner: today, or the last of a past year."""
        return min(self.today, self.year.last_day)

    @property
    def running(self) -> bool:
        """Say whether the year is not over yet."""
        return self.today <= self.year.last_day

    @property
    def kind(self) -> dict[str, str]:
        """Return which schools alone are counted, by column."""
        kind = {"ownership": self.ownership, "authority": self.authority}
        return {name: value for name, value in kind.items() if value}


@dataclass(frozen=True)
class Place:
    """A piece of the board: a district, a kelurahan of it, a level group; with none, the city."""

    district: str | None = None
    group: str | None = None
    # Its name; empty for schools whose kelurahan nobody wrote down.
    subdistrict: str | None = None

    @property
    def levels(self) -> tuple[Level, ...]:
        """Return the levels of the group."""
        return LEVEL_GROUPS[self.group] if self.group else tuple(Level)

    @property
    def area(self) -> dict[str, str]:
        """Return where the schools are, by column."""
        area = {"district": self.district, "subdistrict": self.subdistrict}
        return {name: value for name, value in area.items() if value is not None}

    def __bool__(self) -> bool:
        return bool(self.area or self.group)


@dataclass(frozen=True)
class Board:
    """The coverage of a city in one school year."""

    scope: Scope
    groups: tuple[str, ...]
    districts: tuple[DistrictCoverage, ...]
    everybody: Tally
    partners: Tally
    # Empty where it was not asked for.
    subdistricts: tuple[SubdistrictCoverage, ...] = field(default=(), kw_only=True)

    @property
    def tally(self) -> Tally:
        """Return the whole city on the chosen basis."""
        return self.partners if self.scope.basis is Basis.PARTNERS else self.everybody

    def district(self, slug: str | None) -> DistrictCoverage | None:
        """Return one district, or None when there is none of this name."""
        return next((each for each in self.districts if each.slug == slug), None)

    def within(self, district: str | None) -> tuple[SubdistrictCoverage, ...]:
        """Return the kelurahan of a district, or (None) of all."""
        return tuple(each for each in self.subdistricts if district in {None, each.district})

    def of(self, place: Place) -> Tally:
        """Return the tally of a piece of the board."""
        if not place:
            return self.tally
        parts: Iterable[Coverage] = self.districts
        if place.subdistrict is not None:
            parts = (p for p in self.within(place.district) if p.name == place.subdistrict)
        elif place.district:
            parts = (each for each in self.districts if each.slug == place.district)
        return total(each.of(place.group) for each in parts)


def school_years(session: Session, today: date) -> list[SchoolYear]:
    """Return the years a reader can choose, the newest first: from the first session to today."""
    first = session.scalar(
        select(func.min(Visit.starts_at)).where(Visit.state == VisitState.DELIVERED)
    )
    current = SchoolYear.of(today)
    oldest = SchoolYear.of(clock.day_of(first)) if first else current
    first_year = min(oldest, current).start_year
    return [SchoolYear(year) for year in range(current.start_year, first_year - 1, -1)]


def board(session: Session, scope: Scope, grain: Grain = Grain.DISTRICT) -> Board:
    """Count the city in one statement; with `Grain.SUBDISTRICT` its kelurahan too."""
    rows = _rows(session, scope, grain, scope.kind)
    on_board = [row for row in rows if row.level is not None and _counts_on(scope, row)]
    return Board(
        scope=scope,
        groups=_groups(rows),
        districts=_districts(rows, on_board),
        everybody=summed(row[FIGURES] for row in rows if row.level is not None),
        partners=summed(row[FIGURES] for row in rows if row.level is not None and row.partner),
        subdistricts=_subdistricts(on_board) if grain is Grain.SUBDISTRICT else (),
    )


def by_kind(session: Session, scope: Scope, place: Place, grain: Grain) -> tuple[Coverage, ...]:
    """Count a place by ownership or by authority, one row for each there is."""
    others = {name: value for name, value in scope.kind.items() if name != grain}
    rows = _rows(session, scope, grain, others | place.area)
    cells = _cells((row.part, row) for row in rows if row.level and _counts_on(scope, row))
    kinds = Ownership if grain is Grain.OWNERSHIP else Authority
    return tuple(Coverage(kind, kind, cells[kind]) for kind in kinds if kind in cells)


def counted(session: Session, scope: Scope, place: Place) -> Tally:
    """Count one piece of a board."""
    finer = place.subdistrict is not None
    return board(session, scope, Grain.SUBDISTRICT if finer else Grain.DISTRICT).of(place)


def _counts_on(scope: Scope, row: Any) -> bool:
    return bool(row.partner) or scope.basis is Basis.ALL


def _groups(rows: Iterable[Any]) -> tuple[str, ...]:
    found = {GROUP_OF[Level(row.level)] for row in rows if row.level is not None}
    return tuple(group for group in LEVEL_GROUPS if group in found)


def _cells(rows: Iterable[tuple[Any, Any]]) -> dict[Any, dict[str, Tally]]:
    """Return the tallies of rows by what is given with each, then by level group."""
    figures: dict[Any, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for key, row in rows:
        figures[key][GROUP_OF[Level(row.level)]].append(row[FIGURES])
    return {
        key: {group: summed(of_group) for group, of_group in groups.items()}
        for key, groups in figures.items()
    }


def _districts(rows: Iterable[Any], on_board: Iterable[Any]) -> tuple[DistrictCoverage, ...]:
    cells = _cells((row.slug, row) for row in on_board)
    known = {row.slug: row for row in rows}
    return tuple(
        DistrictCoverage(
            slug, row.name, cells.get(slug, {}), row.short_name, row.tile_row, row.tile_column
        )
        for slug, row in known.items()
    )


def _subdistricts(on_board: Iterable[Any]) -> tuple[SubdistrictCoverage, ...]:
    cells = _cells(((row.slug, row.name, row.part), row) for row in on_board)
    return tuple(
        SubdistrictCoverage(slug_of(part), part, cells[key], district, district_name)
        for key in sorted(cells, key=lambda key: (key[1], not key[2], key[2]))
        for district, district_name, part in [key]
    )


def slug_of(subdistrict: str) -> str:
    """Return how a kelurahan is called in addresses: by its name, which tells it from others."""
    return subdistrict or NOWHERE


def _rows(
    session: Session, scope: Scope, grain: Grain, wanted: Mapping[str, str]
) -> Sequence[Row[*tuple[Any, ...]]]:
    since, until = scope.year.bounds
    statement = _counts(grain, since=since, until=until, day=scope.day, **wanted)
    return session.execute(*statement).all()


@prepared
def _counts(
    grain: Grain, *, since: datetime, until: datetime, day: date, **wanted: str
) -> Select[*tuple[Any, ...]]:
    served, mou = served_schools(since, until), partner_schools(day)
    partner = mou.c.partner_since.is_not(None)
    part = [COLUMNS[grain]] if grain in COLUMNS else []
    first_within = and_(served.c.first_at >= since, served.c.first_at < until)
    return (
        select(
            District.slug,
            District.name,
            District.short_name,
            District.tile_row,
            District.tile_column,
            School.level,
            partner.label("partner"),
            *(column.label("part") for column in part),
            *_figures(served, first_within),
        )
        .outerjoin(School, and_(School.district_code == District.code, wanted_schools(**wanted)))
        .outerjoin(served, served.c.school_id == School.id)
        .outerjoin(mou, mou.c.school_id == School.id)
        .group_by(District.code, School.level, partner, *part)
        .order_by(District.code)
    )


# Where the figures of a tally stand in a row, in its order.
FIGURES = slice(-len(fields(Tally)), None)


def _figures(served: Subquery, first_within: ColumnElement[bool]) -> tuple[Any, ...]:
    # PostgreSQL returns decimals for sums of sums.
    return (
        func.count(School.id),
        func.count().filter(served.c.sessions > 0),
        func.count(School.id).filter(served.c.school_id.is_(None)),
        _whole(served.c.sessions),
        func.count().filter(first_within),
        _whole(served.c.confirmed),
        _whole(served.c.pupils),
        _whole(served.c.adults),
    )


def _whole(column: ColumnElement[int]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(column), 0), BigInteger)
