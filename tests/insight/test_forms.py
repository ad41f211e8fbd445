"""Whatever stands in the address, there is a board to show."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from portal.core.clock import SchoolYear
from portal.insight.forms import GROUP_SLUGS, Choice, filters, read_choice, read_scope
from portal.insight.queries.boards import Basis, Board, DistrictCoverage, Place, Scope, Tally

TODAY = date(2026, 11, 23)
YEARS = [SchoolYear(2026), SchoolYear(2025)]
BOARD = Board(
    scope=Scope(YEARS[0], Basis.ALL, TODAY),
    groups=("SD/MI", "SMK"),
    districts=(DistrictCoverage("metro-utara", "Metro Utara", "Utara", 0, 1, {}),),
    everybody=Tally(),
    partners=Tally(),
)

parameters = st.dictionaries(
    st.sampled_from(["tahun", "dasar", "kecamatan", "jenjang", "semua", "lain"]),
    st.one_of(
        st.text(max_size=12),
        st.sampled_from(
            ["2025-2026", "2019-2020", "2026-2099", "mitra", "metro-utara", "sd-mi", "tk", "1", "×"]
        ),
    ),
)


def read(given_: dict[str, str]) -> Choice:
    scope = read_scope(given_, YEARS, TODAY)
    return read_choice(given_, Board(scope, BOARD.groups, BOARD.districts, Tally(), Tally()))


@given(parameters)
def test_nothing_in_the_address_is_an_error(given_: dict[str, str]) -> None:
    choice = read(given_)
    assert choice.scope.year in YEARS
    assert choice.place.district in {None, "metro-utara"}
    assert choice.place.group in {None, "SD/MI", "SMK"}
    assert all(each.chosen in dict(each.options) for each in filters(choice, BOARD, YEARS))


@given(parameters)
def test_an_address_leads_back_to_its_choice(given_: dict[str, str]) -> None:
    choice = read(given_)
    again = read(dict(parse_qsl(choice.query())))
    assert (again.scope, again.place) == (choice.scope, choice.place)


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


def test_the_end_of_a_list_is_only_shown_when_asked_for() -> None:
    choice = read({"semua": "1"})
    assert choice.to_the_end
    assert "semua=" not in choice.query()


def test_slugs_are_one_to_one() -> None:
    assert len(set(GROUP_SLUGS.values())) == len(GROUP_SLUGS)
    assert GROUP_SLUGS["SD/MI"] == "sd-mi"
