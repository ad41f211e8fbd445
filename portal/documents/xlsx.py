"""Workbooks for spreadsheet programs (Office Open XML)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

from portal.core.clock import WIB

Cell = str | int | float | date | datetime | None

# The month in words: 11/12/26 is read differently in different offices.
DATE_FORMAT = "d mmmm yyyy"
MOMENT_FORMAT = "d mmmm yyyy hh:mm"
LEAST_WIDTH = 12
A4 = 9


@dataclass(frozen=True)
class Sheet:
    """One table; rows may come from a generator, and moments are shown in WIB."""

    title: str
    headers: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    # In characters; a column without one is as wide as its heading.
    widths: Sequence[int] = ()


def workbook(sheets: Iterable[Sheet]) -> bytes:
    """Return a workbook with these sheets, their headings frozen and ready to filter."""
    # The library loads slowly, and most requests never make a workbook.
    import xlsxwriter

    buffer = BytesIO()
    # Rows go to disk as they come, so a large table costs little memory; text stays text, for a
    # school may be called "=1+1" and must not become a formula in the reader's office.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True}),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "date": book.add_format({"num_format": DATE_FORMAT, "align": "left"}),
            "moment": book.add_format({"num_format": MOMENT_FORMAT, "align": "left"}),
        }
        for sheet in sheets:
            _fill(book.add_worksheet(sheet.title), sheet, formats)
    return buffer.getvalue()


def _fill(page: Any, sheet: Sheet, formats: dict[str, Any]) -> None:
    for column, header in enumerate(sheet.headers):
        given = sheet.widths[column] if column < len(sheet.widths) else 0
        page.set_column(column, column, given or max(LEAST_WIDTH, len(header) + 4))
        page.write_string(0, column, header, formats["head"])
    line = 0
    for line, row in enumerate(sheet.rows, start=1):
        for column, value in enumerate(row):
            _write(page, line, column, value, formats)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, line, len(sheet.headers) - 1)
    page.set_paper(A4)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def _write(page: Any, line: int, column: int, value: Cell, formats: dict[str, Any]) -> None:
    match value:
        case None:
            return
        case str():
            page.write_string(line, column, value, formats["text"])
        case datetime():
            local = value.astimezone(WIB).replace(tzinfo=None)
            page.write_datetime(line, column, local, formats["moment"])
        case date():
            page.write_datetime(line, column, value, formats["date"])
        case _:
            page.write_number(line, column, value)
