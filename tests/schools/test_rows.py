"""Lines become schools, or say what is wrong with them and where."""

from __future__ import annotations

from typing import Any

import pytest

from portal.core.errors import Rejected
from portal.schools import exports
from portal.schools.actions.rows import Parsed, parse
from portal.schools.actions.tables import read_lines
from portal.schools.actions.vocabulary import AUTHORITY_OF_LEVEL, TITLES
from portal.schools.models import Authority, Level, Ownership
from tests.schools.lists import COLUMNS, DISTRICTS, csv_bytes, school, xlsx_bytes


def read(content: bytes) -> Parsed:
    """Return what a file says."""
    return parse(read_lines(content), DISTRICTS)


def read_one(**changed: Any) -> Parsed:
    """Return what a file with one school says."""
    return read(csv_bytes([school(**changed)]))


def test_every_value_arrives() -> None:
    row = read_one(name_2019="SMP LAMA", flags="no_coordinates;not_in_newer_list").rows[0]
    assert (row.line, row.npsn, row.name, row.former_name) == (
        2,
        "97000001",
        "SMP CONTOH 1",
        "SMP LAMA",
    )
    assert (row.level, row.ownership, row.authority) == (
        Level.SMP,
        Ownership.PRIVATE,
        Authority.CITY,
    )
    assert (row.district_code, row.subdistrict) == ("18.72.01", "Yosomulyo")
    assert (row.address, row.latitude, row.longitude) == ("Jalan Uji No. 1", -5.1134, 105.3067)
    assert (row.source, row.inactive) == ("uji", True)


PROBLEMS: list[tuple[dict[str, Any], str, str, str]] = [
    ({"npsn": ""}, "npsn", "", "npsn_missing"),
    ({"npsn": "1234567"}, "npsn", "1234567", "npsn_shape"),
    ({"npsn": "1.0648371E7"}, "npsn", "1.0648371E7", "npsn_shape"),
    ({"npsn": "٩٧٠٠٠٠٠١"}, "npsn", "٩٧٠٠٠٠٠١", "npsn_shape"),
    ({"npsn": '="97000001"'}, "npsn", '="97000001"', "formula_cell"),
    ({"name": " "}, "name", "", "name_missing"),
    ({"name": "-"}, "name", "", "name_missing"),
    ({"name": "S" * 161}, "name", "S" * 79 + "…", "too_long"),
    ({"name": "=HYPERLINK(1)"}, "name", "=HYPERLINK(1)", "formula_cell"),
    ({"address": "+62"}, "address", "+62", "formula_cell"),
    ({"address": "-1"}, "address", "-1", "formula_cell"),
    ({"kelurahan": "@x"}, "kelurahan", "@x", "formula_cell"),
    ({"flags": "=1"}, "flags", "=1", "formula_cell"),
    ({"status": "=negeri"}, "status", "=negeri", "formula_cell"),
    ({"name": "SMP\u202eX"}, "name", "SMP\ufffdX", "invisible_character"),
    ({"address": "A" * 251}, "address", "A" * 79 + "…", "too_long"),
    ({"kelurahan": "K" * 81}, "kelurahan", "K" * 79 + "…", "too_long"),
    ({"source": "S" * 121}, "source", "S" * 79 + "…", "too_long"),
    ({"jenjang": ""}, "jenjang", "", "level_missing"),
    ({"jenjang": "SMU"}, "jenjang", "SMU", "level_unknown"),
    ({"status": "milik"}, "status", "milik", "ownership_unknown"),
    ({"authority": "desa"}, "authority", "desa", "authority_unknown"),
    ({"jenjang": "lainnya", "authority": ""}, "authority", "", "authority_missing"),
    ({"kecamatan": ""}, "kecamatan", "", "district_missing"),
    ({"kecamatan": "Metro"}, "kecamatan", "Metro", "district_unknown"),
    ({"lat": "utara"}, "lat", "utara", "coordinate"),
    ({"lat": "=5"}, "lat", "=5", "coordinate"),
    ({"lat": "nan"}, "lat", "nan", "coordinate"),
    ({"lat": "1_1"}, "lat", "1_1", "coordinate"),
    ({"lat": "105.3", "lon": "-5.1"}, "lat", "105.3", "coordinate"),
    ({"lon": "200"}, "lon", "200", "coordinate"),
    ({"lon": ""}, "lon", "", "coordinate"),
    ({"lat": ""}, "lat", "", "coordinate"),
]


@pytest.mark.parametrize(("changed", "column", "value", "reason"), PROBLEMS)
def test_one_problem(changed: dict[str, Any], column: str, value: str, reason: str) -> None:
    parsed = read_one(**changed)
    assert not parsed.rows
    first = parsed.problems[0]
    assert (first.line, first.column, first.value, first.reason) == (2, column, value, reason)
    assert exports.reason(first)


def test_swapped_coordinates_are_both_named() -> None:
    assert [each.column for each in read_one(lat="105.3", lon="-5.1").problems] == ["lat", "lon"]


def test_an_npsn_twice_keeps_the_first_line() -> None:
    parsed = read(csv_bytes([school(1), school(2), school(1, name="SMP LAIN")]))
    assert [row.line for row in parsed.rows] == [2, 3]
    problem = parsed.problems[0]
    assert (problem.line, problem.reason, problem.facts) == (4, "npsn_twice", {"line": 2})


def test_a_bad_line_still_counts_as_mentioned() -> None:
    parsed = read_one(name="")
    assert parsed.mentioned == {"97000001"}


def test_surplus_values_are_not_dropped_in_silence() -> None:
    content = b"npsn,nama,jenjang,kecamatan\n97000001,SD Satu, Dua,SD,Metro Pusat\n"
    problem = read(content).problems[0]
    assert (problem.line, problem.value, problem.reason) == (2, "Metro Pusat", "too_many_cells")
    assert len(read(content.replace(b"SD Satu, Dua", b"SD Satu") + b",,\n").rows) == 1


@pytest.mark.parametrize("npsn", ["P9970001", "p9970001", "K9970001"])
def test_an_npsn_of_the_newer_form(npsn: str) -> None:
    assert read_one(npsn=npsn).rows[0].npsn == npsn.upper()


def test_workbook_numbers_get_their_leading_zeros_back() -> None:
    cells = {**school(), "npsn": 1234567, "lat": -5.1134, "lon": 105.3067}
    parsed = read(xlsx_bytes([COLUMNS, [cells[column] for column in COLUMNS]]))
    row = parsed.rows[0]
    assert (row.npsn, row.latitude, row.longitude) == ("01234567", -5.1134, 105.3067)


def test_workbook_formulas_are_problems() -> None:
    cells = {**school(), "name": '="SMP"&" 1"', "lat": "=5-10"}
    parsed = read(xlsx_bytes([COLUMNS, [cells[column] for column in COLUMNS]]))
    found = {each.column: each.reason for each in parsed.problems}
    assert found == {"name": "formula_cell", "lat": "coordinate"}


@pytest.mark.parametrize("comma", ["-5,1134", "-5.1134"])
def test_decimal_commas_of_indonesian_excel(comma: str) -> None:
    parsed = read(csv_bytes([school(lat=comma, lon=comma.replace("-5", "105"))], delimiter=";"))
    assert parsed.rows[0].latitude == -5.1134


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Metro Pusat", "18.72.01"),
        ("METRO  UTARA", "18.72.02"),
        ("Kec. Metro Barat", "18.72.03"),
        ("Kecamatan Metro Pusat", "18.72.01"),
    ],
)
def test_spellings_of_districts(written: str, code: str) -> None:
    assert read_one(kecamatan=written).rows[0].district_code == code


@pytest.mark.parametrize(("level", "authority"), AUTHORITY_OF_LEVEL.items())
def test_the_level_needs_no_authority_beside_it(level: Level, authority: Authority) -> None:
    row = read_one(jenjang=level.value.upper(), authority="").rows[0]
    assert (row.level, row.authority) == (level, None)
    assert authority in Authority


@pytest.mark.parametrize(
    ("name", "ownership"),
    [
        ("UPTD SD NEGERI 3 METRO UTARA", Ownership.PUBLIC),
        ("SMPN 1", Ownership.PUBLIC),
        ("MIN 2 METRO", Ownership.PUBLIC),
        ("SLB N METRO", Ownership.PUBLIC),
        ("MAN 1 METRO", Ownership.PUBLIC),
        ("SD Aman Insan", Ownership.PRIVATE),
        ("MTSS Contoh", Ownership.PRIVATE),
        ("SMK Nusantara", Ownership.PRIVATE),
    ],
)
def test_the_name_tells_the_ownership(name: str, ownership: Ownership) -> None:
    row = read_one(name=name, status="").rows[0]
    assert (row.ownership, row.likely_ownership) == (None, ownership)


def test_headers_in_indonesian_and_in_any_order() -> None:
    values = {
        "npsn": "97000009",
        "nama": "SD Sembilan",
        "nama lama": "SD Lama",
        "jenjang": "sd",
        "status": "Swasta",
        "otoritas": "Kota",
        "kecamatan": "metro pusat",
        "kelurahan": "Imopuro",
        "alamat": "Jalan 9",
        "lintang": "-5,1",
        "bujur": "105,3",
        "sumber": "uji",
        "penanda": "",
    }
    assert list(values) == list(TITLES.values())
    shouted = {f" {title.upper()} ": values[title] for title in reversed(values)}
    row = read(csv_bytes([shouted], list(shouted))).rows[0]
    assert (row.npsn, row.name, row.former_name) == ("97000009", "SD Sembilan", "SD Lama")
    assert (row.level, row.authority, row.latitude) == (Level.SD, Authority.CITY, -5.1)
    assert (row.address, row.subdistrict, row.source) == ("Jalan 9", "Imopuro", "uji")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("Daftar Sekolah,,", "file_no_header"),
        ("npsn,nama,jenjang", "file_columns_missing"),
        ("npsn,nama,name,jenjang,kecamatan", "file_column_twice"),
    ],
)
def test_headers_that_do_not_do(header: str, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        read(f"{header}\n97000001,SD,SD,SD\n".encode())
    assert refused.value.code == code
    assert exports.refusal(refused.value)


def test_missing_columns_are_named_as_people_write_them() -> None:
    with pytest.raises(Rejected) as refused:
        read(b"NPSN;Nama Sekolah\n1;2\n")
    assert refused.value.facts == {"columns": "jenjang, kecamatan"}


def test_a_header_alone_is_an_empty_list() -> None:
    parsed = read(csv_bytes([]))
    assert not parsed.rows
    assert not parsed.problems
