"""Whatever stands in the address, there is a board to show."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from portal.core.clock import SchoolYear
from portal.insight.forms.boards import (
    GROUP_SLUGS,
    Choice,
    View,
    filters,
    more_filters,
    read_choice,
    read_scope,
)
from portal.insight.queries.boards import Basis, Board, Place, Scope, slug_of
from portal.insight.queries.tallies import DistrictCoverage, SubdistrictCoverage, Tally
from portal.schools.models import Authority, Ownership

TODAY = date(2026, 11, 23)
YEARS = [SchoolYear(2026), SchoolYear(2025)]
BOARD = Board(
    scope=Scope(YEARS[0], Basis.ALL, TODAY),
    groups=("SD/MI", "SMK"),
    districts=(DistrictCoverage("metro-utara", "Metro Utara", {}, "Utara", 0, 1),),
    everybody=Tally(),
    partners=Tally(),
    subdistricts=tuple(
        SubdistrictCoverage(slug_of(name), name, {}, "metro-utara", "Metro Utara")
        for name in ("", "Purwosari", "Hadimulyo Timur")
    ),
)
CHOICES = {"kecamatan", "kelurahan", "jenjang", "status", "kewenangan", "tampil"}

parameters = st.dictionaries(
    st.sampled_from(["tahun", "dasar", "semua", "lain", *sorted(CHOICES)]),
    st.one_of(
        st.text(max_size=12),
        st.sampled_from(
            [
                *("2025-2026", "2019-2020", "2026-2099", "mitra", "metro-utara", "sd-mi", "tk"),
                *("Hadimulyo Timur", "-", "negeri", "kemenag", "tren", "1", "×"),
            ]
        ),
    ),
)


def read(given_: dict[str, str]) -> Choice:
    scope = read_scope(given_, YEARS, TODAY)
    return read_choice(given_, replace(BOARD, scope=scope))


@given(parameters)
def test_nothing_in_the_address_is_an_error(given_: dict[str, str]) -> None:
    choice = read(given_)
    assert choice.scope.year in YEARS
    assert choice.place.district in {None, "metro-utara"}
    assert choice.place.group in {None, "SD/MI", "SMK"}
    assert choice.place.subdistrict in {None, "", "Purwosari", "Hadimulyo Timur"}
    selects = (*filters(choice, BOARD, YEARS), *more_filters(choice, BOARD))
    assert all(each.chosen in dict(each.options) for each in selects)


@given(parameters)
def test_an_address_leads_back_to_its_choice(given_: dict[str, str]) -> None:
    choice = read(given_)
    again = read(dict(parse_qsl(choice.query())))
    assert (again.scope, again.place, again.view) == (choice.scope, choice.place, choice.view)


def test_a_full_address() -> None:
    choice = read(
        {"tahun": "2025-2026", "dasar": "mitra", "kecamatan": "metro-utara", "jenjang": "sd-mi"}
    )
    assert choice == Choice(
        Scope(SchoolYear(2025), Basis.PARTNERS, TODAY), Place("metro-utara", "SD/MI"), False
    )
    assert choice.query(jenjang=None, semua="1") == (
        "tahun=2025-2026&dasar=mitra&kecamatan=metro-utara&semua=1"
    )


def test_rarer_choices() -> None:
    choice = read(
        {
            "kecamatan": "metro-utara",
            "kelurahan": "Hadimulyo Timur",
            "status": "swasta",
            "kewenangan": "kemenag",
            "tampil": "kelurahan",
        }
    )
    assert choice == Choice(
        Scope(YEARS[0], Basis.ALL, TODAY, Ownership.PRIVATE, Authority.RELIGIOUS_AFFAIRS),
        Place("metro-utara", None, "Hadimulyo Timur"),
        False,
        View.SUBDISTRICTS,
    )


def test_a_subdistrict_needs_its_district_and_goes_with_it() -> None:
    assert read({"kelurahan": "Purwosari"}).place == Place()
    assert [each.name for each in more_filters(read({}), BOARD)] == ["status", "kewenangan"]
    choice = read({"kecamatan": "metro-utara", "kelurahan": "-"})
    assert choice.place == Place("metro-utara", None, "")
    assert "kelurahan=" in choice.query(jenjang="sd-mi")
    assert "kelurahan=" not in choice.query(kecamatan=None)


def test_the_end_of_a_list_is_only_shown_when_asked_for() -> None:
    choice = read({"semua": "1"})
    assert choice.to_the_end
    assert "semua=" not in choice.query()


def test_slugs_are_one_to_one() -> None:
    assert len(set(GROUP_SLUGS.values())) == len(GROUP_SLUGS)
    assert GROUP_SLUGS["SD/MI"] == "sd-mi"
