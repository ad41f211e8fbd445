"""A workbook read back holds what went in: text as text, numbers and dates as such."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from portal.documents.xlsx import Cell, Sheet, workbook


def read_back(sheet: Sheet) -> Worksheet:
    page = load_workbook(BytesIO(workbook([sheet])))[sheet.title]
    assert isinstance(page, Worksheet)
    return page


def values(page: Worksheet) -> list[tuple[object, ...]]:
    return list(page.iter_rows(values_only=True))


@pytest.mark.parametrize(
    "text", ["=1+1", "+62812", "-2", "@SUM(A1)", "\t=1", "https://a.id", "{=1}"]
)
def test_text_never_becomes_a_formula_or_a_link(text: str) -> None:
    page = read_back(Sheet("T", ["Name"], [[text]]))
    cell = page["A2"]
    assert cell.value == text
    assert cell.data_type in {"s", "inlineStr"}
    assert cell.hyperlink is None


def test_numbers_dates_and_gaps_stay_what_they_are() -> None:
    late = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
    row: list[Cell] = ["a", 7, 0.5, date(2026, 7, 1), late, None, "z"]
    page = read_back(Sheet("T", list("abcdefg"), [row]))
    assert values(page)[1] == (
        "a",
        7,
        0.5,
        datetime.fromisoformat("2026-07-01"),
        datetime.fromisoformat("2026-11-23T01:30"),  # in WIB, the day has changed
        None,
        "z",
    )
    assert page["D2"].is_date
    assert page["E2"].is_date


def test_headings_stay_in_sight_and_can_be_filtered() -> None:
    page = read_back(Sheet("T", ["One", "Two"], [["a", 1], ["b", 2]], widths=(30,)))
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:B3"
    assert page["A1"].font.bold
    assert page.column_dimensions["A"].width == pytest.approx(30, abs=1)
    assert page.column_dimensions["B"].width >= len("Two")


def test_an_empty_table_keeps_its_headings() -> None:
    page = read_back(Sheet("T", ["One", "Two"], []))
    assert values(page) == [("One", "Two")]


def test_sheets_keep_their_order_and_rows_may_come_one_by_one() -> None:
    book = load_workbook(
        BytesIO(workbook(Sheet(name, ["n"], ([n] for n in range(5))) for name in ("B", "A")))
    )
    assert book.sheetnames == ["B", "A"]
    assert values(book["A"])[1:] == [(n,) for n in range(5)]


printable = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1)
cells = st.one_of(
    st.none(),
    printable.filter(lambda text: text == text.strip()),
    st.integers(-(10**12), 10**12),
    st.dates(date(1950, 1, 1), date(2200, 1, 1)),
)


@given(st.lists(st.tuples(cells, cells, cells), max_size=6))
def test_whatever_goes_in_comes_out(rows: list[tuple[Cell, ...]]) -> None:
    page = read_back(Sheet("T", ["a", "b", "c"], rows))
    found = [
        tuple(cell.date() if isinstance(cell, datetime) else cell for cell in row)
        for row in values(page)[1:]
    ]
    # Rows of nothing at the end leave no trace.
    found += [(None, None, None)] * (len(rows) - len(found))
    assert found == rows


def test_the_library_loads_only_when_a_workbook_is_made() -> None:
    program = "import sys, portal.documents.xlsx; print('xlsxwriter' in sys.modules)"
    result = subprocess.run(  # noqa: S603 - this very interpreter, a fixed program
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert result.stdout.strip() == "False"
