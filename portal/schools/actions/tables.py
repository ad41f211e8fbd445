"""From the bytes of a CSV or XLSX file to numbered lines of cells, whatever the bytes are."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from portal.core.errors import Rejected
from portal.core.files import CSV, MOST_BYTES, XLSX, media_type_of

MOST_LINES = 20_000
# A wider sheet is no list of schools, and formatted empty columns would only cost time.
MOST_COLUMNS = 50
# Excel's own limit; a row that claims a higher number would be filled up to it with empty rows.
MOST_SHEET_ROWS = 1_048_576
MOST_UNPACKED_BYTES = 64 * 1024 * 1024
MOST_PACKED_FILES = 1000
DELIMITERS = ",;\t"


@dataclass(frozen=True)
class Cell:
    """The text of a cell, and whether the sheet held it as text, number or formula."""

    text: str
    kind: Literal["text", "number", "formula"] = "text"


@dataclass(frozen=True)
class Line:
    """A line that is not blank, under the number an editor or Excel shows for it."""

    number: int
    cells: tuple[Cell, ...]


def read_lines(content: bytes) -> list[Line]:
    """Return the lines of a table, the header first.

    Raises Rejected, with a `file_...` code, for a file that cannot be read as a whole.
    """
    if not content.strip():
        raise Rejected("file_empty", "file")
    if len(content) > MOST_BYTES:
        raise Rejected("file_too_large", "file", most=MOST_BYTES // 1024 // 1024)
    kind = media_type_of(content)
    if kind == XLSX:
        lines = _limited(_xlsx_lines(content))
    elif kind == CSV and b"\x00" not in content:
        lines = _limited(_csv_lines(content))
    else:
        raise Rejected("file_not_table", "file")
    if not lines:
        raise Rejected("file_empty", "file")
    return lines


def _limited(lines: Iterable[Line]) -> list[Line]:
    kept: list[Line] = []
    for line in lines:
        if not any(cell.text for cell in line.cells):
            continue
        # One more than the limit, for the header.
        if len(kept) > MOST_LINES:
            raise Rejected("file_too_long", "file", most=MOST_LINES)
        kept.append(line)
    return kept


def _csv_lines(content: bytes) -> Iterator[Line]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise Rejected("file_not_utf8", "file") from problem
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    # `newline=None` also reads the line ends of old Macs; strict quotes, because a quote that is
    # never closed would otherwise swallow all lines after it in silence.
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=delimiter, strict=True)
    number = 1
    try:
        for fields in reader:
            yield Line(number, tuple(Cell(_tidy(field)) for field in fields))
            number = reader.line_num + 1
    except csv.Error as problem:
        raise Rejected("file_quotes", "file", line=number) from problem


def _xlsx_lines(content: bytes) -> Iterator[Line]:
    try:
        _check_unpacked_size(content)
        yield from _first_sheet(content)
    except Rejected:
        raise
    # A damaged workbook makes the library fail with nearly any exception; to people it is one case.
    except Exception as problem:
        raise Rejected("file_damaged", "file") from problem


def _check_unpacked_size(content: bytes) -> None:
    """Refuse a zip bomb; Python's zipfile never unpacks more than a member declares."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        members = packed.infolist()
    if len(members) > MOST_PACKED_FILES:
        raise Rejected("file_too_large_unpacked", "file")
    if sum(member.file_size for member in members) > MOST_UNPACKED_BYTES:
        raise Rejected("file_too_large_unpacked", "file")


def _first_sheet(content: bytes) -> Iterator[Line]:
    # Loaded on first use: an import is rare and the library is large.
    from openpyxl import load_workbook

    # `data_only=False` shows formulas as such; with True they would pass as their last result.
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    try:
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(max_row=MOST_SHEET_ROWS, max_col=MOST_COLUMNS)
        previous = None
        for number, row in enumerate(rows, start=1):
            # A sheet may claim a million rows; the library hands out one and the same object for
            # those without cells, so they are passed over quickly.
            if row is not previous:
                yield Line(number, tuple(_sheet_cell(cell) for cell in row))
            previous = row
    finally:
        book.close()


_BLANK = Cell("")


def _sheet_cell(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return _BLANK
    if cell.data_type in {"f", "e"}:
        return Cell(_tidy(str(getattr(value, "text", value))), "formula")
    if isinstance(value, bool):
        return Cell(str(value).upper())
    if isinstance(value, int | float):
        whole = isinstance(value, float) and value.is_integer()
        return Cell(str(int(value)) if whole else repr(value), "number")
    return Cell(_tidy(str(value)))


def _tidy(text: str) -> str:
    """Drop blanks around a text, and make line breaks and runs of blanks one blank."""
    return " ".join(text.split())
