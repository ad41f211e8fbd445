"""What a reader asks to see: the parameters of the address, read forgivingly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from babel.support import LazyProxy

from portal.core import i18n
from portal.core.clock import SchoolYear
from portal.insight.exports.coverage import BASIS_NAMES
from portal.insight.queries.boards import Basis, Board, Place, Scope
from portal.schools.models import LEVEL_GROUPS

_ = i18n.lazy

BASIS_SLUGS = {Basis.ALL: "semua", Basis.PARTNERS: "mitra"}
GROUP_SLUGS = {group: group.lower().replace("/", "-") for group in LEVEL_GROUPS}


@dataclass(frozen=True)
class Choice:
    """The chosen board and piece of it, and whether its list is wanted to the end."""

    scope: Scope
    place: Place
    to_the_end: bool

    def query(self, **changes: str | None) -> str:
        """Return the query string of this choice, or of one that differs in some parameters."""
        parameters = {
            "tahun": self.scope.year.slug,
            "dasar": BASIS_SLUGS[self.scope.basis],
            "kecamatan": self.place.district,
            "jenjang": GROUP_SLUGS.get(self.place.group or ""),
            **changes,
        }
        return urlencode({name: value for name, value in parameters.items() if value})


@dataclass(frozen=True)
class Filter:
    """One select of the board, its options as (value, text)."""

    name: str
    label: LazyProxy
    options: tuple[tuple[str, str], ...]
    chosen: str


def filters(choice: Choice, board: Board, years: list[SchoolYear]) -> tuple[Filter, ...]:
    """Return the selects that change a choice."""
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


def read_scope(given: Mapping[str, str], years: list[SchoolYear], today: date) -> Scope:
    """Return the year and basis asked for, or the present year and all schools."""
    year = SchoolYear.parse(given.get("tahun", ""))
    partners = given.get("dasar") == BASIS_SLUGS[Basis.PARTNERS]
    return Scope(
        year if year in years else SchoolYear.of(today),
        Basis.PARTNERS if partners else Basis.ALL,
        today,
    )


def read_year(given: Mapping[str, str], years: list[SchoolYear]) -> SchoolYear:
    """Return the school year asked for, or the newest of those that can be chosen."""
    year = SchoolYear.parse(given.get("tahun", ""))
    return year if year in years else years[0]


def read_choice(given: Mapping[str, str], board: Board) -> Choice:
    """Return the piece of a board asked for; a district or level it has not is left out."""
    district = board.district(given.get("kecamatan"))
    groups = {GROUP_SLUGS[group]: group for group in board.groups}
    place = Place(district.slug if district else None, groups.get(given.get("jenjang", "")))
    return Choice(board.scope, place, given.get("semua") == "1")
