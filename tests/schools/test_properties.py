"""Whatever a file holds, nothing is lost and nothing breaks."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.core.errors import Rejected
from portal.schools import exports
from portal.schools.actions import apply, plan_file
from portal.schools.actions.rows import Parsed, parse
from portal.schools.actions.tables import read_lines
from portal.schools.models import Level
from tests.schools.lists import COLUMNS, DISTRICTS, csv_bytes, school, xlsx_bytes, xlsx_of

HEADER = b"npsn,nama,jenjang,kecamatan,status,lintang,bujur\n"
# Made once: a workbook carries the time of its making.
WORKBOOK = xlsx_of([school(1), school(2)])
# Text as people paste it: quotes, formulas, line ends, blanks nobody sees, other scripts.
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
awkward = st.sampled_from(
    ["", " ", "-", "=1", "+1", "@x", '"', "\u00a0", "\u200b", "97000001", "SMP", "Metro Pusat"]
)
cells = st.one_of(awkward, anything)


def read(content: bytes) -> Parsed | None:
    """Return what a file says; None when it was refused as a whole, with a sentence for it."""
    try:
        return parse(read_lines(content), DISTRICTS)
    except Rejected as problem:
        sentence = exports.refusal(problem)
    assert sentence
    return None


def accounted(parsed: Parsed) -> list[int]:
    """Return the lines that came out, each once."""
    lines = [row.line for row in parsed.rows] + list({each.line for each in parsed.problems})
    return sorted(lines)


@given(st.binary(max_size=400))
def test_arbitrary_bytes(content: bytes) -> None:
    read(content)
    read(HEADER + content)
    read(b"PK\x03\x04" + content)


@given(st.data())
def test_damaged_workbooks(data: st.DataObject) -> None:
    whole = bytearray(WORKBOOK)
    for _ in range(data.draw(st.integers(1, 5))):
        position = data.draw(st.integers(0, len(whole) - 1))
        whole[position] = data.draw(st.integers(0, 255))
    read(bytes(whole[: data.draw(st.integers(0, len(whole)))]))


@given(anything)
def test_workbooks_with_arbitrary_sheets(sheet: str) -> None:
    plain = zipfile.ZipFile(io.BytesIO(WORKBOOK))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        for member in plain.namelist():
            body = plain.read(member)
            if member == "xl/worksheets/sheet1.xml":
                body = body.replace(b"<sheetData>", b"<sheetData>" + sheet.encode())
            packed.writestr(member, body)
    read(content.getvalue())


@given(st.lists(st.lists(cells, min_size=len(COLUMNS), max_size=len(COLUMNS)), max_size=8))
def test_every_line_comes_out_once(rows: list[list[str]]) -> None:
    content = csv_bytes(dict(zip(COLUMNS, row, strict=True)) for row in rows)
    parsed = read(content)
    if parsed is None:
        # Only a NUL makes a well-formed list unreadable as a whole.
        assert b"\x00" in content
        return
    lines = [line.number for line in read_lines(content)][1:]
    assert accounted(parsed) == lines
    assert all(exports.reason(each) for each in parsed.problems)
    assert all(each.value.isprintable() for each in parsed.problems)


workbook_cells = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=20),
)


@given(st.lists(st.lists(workbook_cells, min_size=5, max_size=len(COLUMNS)), max_size=6))
def test_every_workbook_row_comes_out_once(rows: list[list[Any]]) -> None:
    content = xlsx_bytes([COLUMNS, *rows])
    parsed = read(content)
    assert parsed is not None
    assert accounted(parsed) == [line.number for line in read_lines(content)][1:]


names = st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=60).filter(
    lambda text: text.strip() and text.strip()[0] not in "=+-@–—" and text.isprintable()
)
schools = st.lists(
    st.fixed_dictionaries(
        {
            "npsn": st.from_regex(r"[0-9A-Z][0-9]{7}", fullmatch=True),
            "name": names,
            "name_2019": st.one_of(st.just(""), names),
            "jenjang": st.sampled_from([level.value for level in Level]),
            "status": st.sampled_from(["", "negeri", "SWASTA"]),
            "authority": st.sampled_from(["kota", "provinsi", "kemenag"]),
            "kecamatan": st.sampled_from(["Metro Pusat", "METRO UTARA", "Kec. Metro Barat"]),
            "kelurahan": st.sampled_from(["", "Imopuro", "Iring Mulyo"]),
            "address": st.one_of(st.just(""), names),
            "flags": st.sampled_from(["", "not_in_newer_list"]),
        }
    ),
    unique_by=lambda each: each["npsn"],
    max_size=6,
)


@given(schools)
@settings(
    max_examples=40,
    deadline=None,
    # The rollback at the end gives each example an empty register.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_what_was_applied_is_unchanged_the_second_time(
    session: Session, schools: list[dict[str, str]]
) -> None:
    columns = [column for column in COLUMNS if column not in {"lat", "lon", "source"}]
    content = csv_bytes(schools, columns)
    plan = plan_file(session, content)
    assert (len(plan.new), plan.bad) == (len(schools), ())
    apply(session, None, plan)
    again = plan_file(session, content)
    assert (again.new, again.changed, again.unchanged) == ((), (), len(schools))
    rows = [[each[column] for column in columns] for each in schools]
    assert plan_file(session, xlsx_bytes([columns, *rows])).is_empty
    session.rollback()
