"""What a reader asks to see: the parameters of the address, read forgivingly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import TypeVar
from urllib.parse import urlencode

from babel.support import LazyProxy

from portal.core import i18n
from portal.core.clock import SchoolYear
from portal.insight.exports.coverage import BASIS_NAMES, subdistrict_name
from portal.insight.queries.boards import Basis, Board, Grain, Place, Scope, slug_of
from portal.schools.exports import AUTHORITY_NAMES, OWNERSHIP_NAMES
from portal.schools.models import LEVEL_GROUPS, Authority, Ownership

_ = i18n.lazy

BASIS_SLUGS = {Basis.ALL: "semua", Basis.PARTNERS: "mitra"}
GROUP_SLUGS = {group: group.lower().replace("/", "-") for group in LEVEL_GROUPS}

E = TypeVar("E", bound=StrEnum)


class View(StrEnum):
    """What the middle of the board shows, by its slug in the address."""

    DISTRICTS = "kecamatan"
    SUBDISTRICTS = "kelurahan"
    KINDS = "status"
    TREND = "tren"
    DELIVERY = "pelaksanaan"


VIEW_NAMES = {
    View.DISTRICTS: _("Districts and levels"),
    View.SUBDISTRICTS: _("Subdistricts"),
    View.KINDS: _("Public and private"),
    View.TREND: _("Over time"),
    View.DELIVERY: _("What was missing"),
}


@dataclass(frozen=True)
class Choice:
    """The chosen board and piece of it, how it is shown, and whether its list to the end."""

    scope: Scope
    place: Place
    to_the_end: bool
    view: View = View.DISTRICTS

    def query(self, **changes: str | None) -> str:
        """Return the query string of this choice, or of one that differs in some parameters.

        A kelurahan goes with its district: another district leaves it out.
        """
        if "kecamatan" in changes:
            changes = {"kelurahan": None, **changes}
        return urlencode({n: value for n, value in (self.parameters | changes).items() if value})

    @cached_property
    def parameters(self) -> dict[str, str | None]:
        """Return the parameters of the address, None where nothing is chosen."""
        scope, place = self.scope, self.place
        return {
            "tahun": scope.year.slug,
            "dasar": BASIS_SLUGS[scope.basis],
            "kecamatan": place.district,
            "kelurahan": None if place.subdistrict is None else slug_of(place.subdistrict),
            "jenjang": GROUP_SLUGS.get(place.group or ""),
            "status": scope.ownership,
            "kewenangan": scope.authority,
            "tampil": None if self.view is View.DISTRICTS else self.view,
        }


@dataclass(frozen=True)
class Filter:
    """One select of the board, its options as (value, text)."""

    name: str
    label: LazyProxy
    options: tuple[tuple[str, str], ...]
    chosen: str


def filters(choice: Choice, board: Board, years: list[SchoolYear]) -> tuple[Filter, ...]:
    """Return the selects that change a choice and are always at hand."""
    scope, place = choice.scope, choice.place
    everywhere = ("", i18n.gettext("All"))
    return (
        Filter(
            "tahun",
            _("School year"),
            tuple((year.slug, year.label) for year in years),
            scope.year.slug,
        ),
        Filter(
            "dasar",
            _("Schools counted"),
            tuple((slug, str(BASIS_NAMES[basis])) for basis, slug in BASIS_SLUGS.items()),
            BASIS_SLUGS[scope.basis],
        ),
        Filter(
            "kecamatan",
            _("District"),
            (everywhere, *((district.slug, district.name) for district in board.districts)),
            place.district or "",
        ),
        Filter(
            "jenjang",
            _("Level"),
            (everywhere, *((GROUP_SLUGS[group], group) for group in board.groups)),
            GROUP_SLUGS.get(place.group or "", ""),
        ),
    )


def more_filters(choice: Choice, board: Board) -> tuple[Filter, ...]:
    """Return the selects for rarer questions; kelurahan are those of the chosen district."""
    scope, place = choice.scope, choice.place
    everywhere = ("", i18n.gettext("All"))
    found = [
        Filter(
            "status",
            _("Ownership"),
            (everywhere, *((each, str(name)) for each, name in OWNERSHIP_NAMES.items())),
            scope.ownership or "",
        ),
        Filter(
            "kewenangan",
            _("Authority"),
            (everywhere, *((each, str(name)) for each, name in AUTHORITY_NAMES.items())),
            scope.authority or "",
        ),
    ]
    if place.district:
        parts = board.within(place.district)
        chosen = "" if place.subdistrict is None else slug_of(place.subdistrict)
        options = ((each.slug, subdistrict_name(each.name)) for each in parts)
        found.insert(0, Filter("kelurahan", _("Subdistrict"), (everywhere, *options), chosen))
    return tuple(found)


def read_scope(given: Mapping[str, str], years: list[SchoolYear], today: date) -> Scope:
    """Return the year and schools asked for, or the present year and all schools."""
    year = SchoolYear.parse(given.get("tahun", ""))
    partners = given.get("dasar") == BASIS_SLUGS[Basis.PARTNERS]
    return Scope(
        year if year in years else SchoolYear.of(today),
        Basis.PARTNERS if partners else Basis.ALL,
        today,
        _member(Ownership, given.get("status")),
        _member(Authority, given.get("kewenangan")),
    )


def _member(kind: type[E], value: str | None) -> E | None:
    return next((each for each in kind if each == value), None)


def read_view(given: Mapping[str, str]) -> View:
    """Return how the board is to be shown, by default as map and matrix."""
    return _member(View, given.get("tampil")) or View.DISTRICTS


def read_grain(given: Mapping[str, str]) -> Grain:
    """Return how finely a board must be counted to show what is asked for."""
    finer = read_view(given) is View.SUBDISTRICTS or given.get("kecamatan")
    return Grain.SUBDISTRICT if finer else Grain.DISTRICT


def read_year(given: Mapping[str, str], years: list[SchoolYear]) -> SchoolYear:
    """Return the school year asked for, or the newest of those that can be chosen."""
    year = SchoolYear.parse(given.get("tahun", ""))
    return year if year in years else years[0]


def read_choice(given: Mapping[str, str], board: Board) -> Choice:
    """Return the piece of a board asked for; a district or level it has not is left out."""
    district = board.district(given.get("kecamatan"))
    parts = board.within(district.slug) if district else ()
    part = next((each for each in parts if each.slug == given.get("kelurahan")), None)
    groups = {GROUP_SLUGS[group]: group for group in board.groups}
    place = Place(
        district.slug if district else None,
        groups.get(given.get("jenjang", "")),
        part.name if part else None,
    )
    return Choice(board.scope, place, given.get("semua") == "1", read_view(given))
