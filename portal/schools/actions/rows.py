"""From the lines of a table to rows of schools, and to what is wrong with the other lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from portal.core.errors import Rejected
from portal.schools.actions.tables import Cell, Line
from portal.schools.actions.vocabulary import (
    AUTHORITIES,
    FIELD_OF_HEADER,
    LEVELS,
    OWNERSHIPS,
    PUBLIC_NAME,
    REQUIRED,
    TITLES,
    fold,
)
from portal.schools.models import Authority, Level, Ownership, School

NOT_IN_NEWER_LIST = "not_in_newer_list"
NPSN_LENGTH = School.npsn.type.length
# Digits, or the newer form that starts with a letter.
NPSN = re.compile(r"[0-9A-Z][0-9]{7}")
FORMULA_STARTS = ("=", "+", "-", "@")
# Indonesia's box; a point outside is a mistyped one, or latitude and longitude changed places.
LATITUDES = (-11.2, 6.2)
LONGITUDES = (94.8, 141.2)
DEGREES = re.compile(r"-?[0-9]{1,3}([.,][0-9]{1,20})?")
COORDINATE_DECIMALS = 7
MOST_SHOWN = 80

BLANK = Cell("")

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True)
class Problem:
    """What keeps a line out: where it stands, what is there, and a code for the reason."""

    line: int
    column: str
    value: str
    reason: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """A school as one line of the file tells it; empty and None mean that the file is silent."""

    line: int
    npsn: str
    name: str
    level: Level
    district_code: str
    former_name: str
    ownership: Ownership | None
    authority: Authority | None
    subdistrict: str
    address: str
    latitude: float | None
    longitude: float | None
    source: str
    inactive: bool

    @property
    def likely_ownership(self) -> Ownership:
        """Return the ownership, by the name ("SD Negeri 1", "MIN 2") when the file is silent."""
        if self.ownership is not None:
            return self.ownership
        return Ownership.PUBLIC if PUBLIC_NAME.search(self.name) else Ownership.PRIVATE


@dataclass(frozen=True)
class Parsed:
    """All lines of a file: the good ones as rows, and the problems of the others.

    `mentioned` holds every readable NPSN, also of lines with a problem elsewhere.
    """

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    mentioned: frozenset[str]


def parse(lines: Sequence[Line], districts: Mapping[str, str]) -> Parsed:
    """Read the lines of a table, the header first.

    `districts` maps folded names to codes. Raises Rejected("file_no_header"),
    Rejected("file_columns_missing") or Rejected("file_column_twice").
    """
    header = lines[0]
    columns = _columns(header)
    rows: list[Row] = []
    problems: list[Problem] = []
    first_lines: dict[str, int] = {}
    for line in lines[1:]:
        reader = _LineReader(line, header, columns)
        row = _row(reader, districts, first_lines)
        problems.extend(reader.problems)
        if not reader.problems:
            rows.append(row)
    return Parsed(tuple(rows), tuple(problems), frozenset(first_lines))


def _columns(header: Line) -> dict[str, int]:
    columns: dict[str, int] = {}
    for index, cell in enumerate(header.cells):
        name = FIELD_OF_HEADER.get(fold(cell.text))
        if name in columns:
            raise Rejected("file_column_twice", "file", column=shown(cell.text))
        if name is not None:
            columns[name] = index
    missing = ", ".join(TITLES[name] for name in REQUIRED if name not in columns)
    if missing:
        code = "file_columns_missing" if columns else "file_no_header"
        raise Rejected(code, "file", columns=missing)
    return columns


class _LineReader:
    """Reads the cells of one line by field and notes what is wrong, once for each field."""

    def __init__(self, line: Line, header: Line, columns: Mapping[str, int]) -> None:
        self.number = line.number
        self._cells = line.cells
        self._header = header.cells
        self._columns = columns
        self._problems: dict[str, Problem] = {}
        surplus = next((cell.text for cell in line.cells[len(header.cells) :] if cell.text), None)
        if surplus is not None:
            # Mostly an unquoted delimiter inside a text: everything after it has moved.
            self.problem("", surplus, "too_many_cells")

    @property
    def problems(self) -> list[Problem]:
        """Return what was noted so far."""
        return list(self._problems.values())

    def problem(self, name: str, value: str, reason: str, **facts: object) -> None:
        """Note the first problem of a field; what follows from it would only confuse."""
        index = self._columns.get(name)
        title = TITLES.get(name, "") if index is None else shown(self._header[index].text)
        self._problems.setdefault(name, Problem(self.number, title, shown(value), reason, facts))

    def cell(self, name: str) -> Cell:
        """Return a field's cell; a lone dash is how many lists say "nothing"."""
        index = self._columns.get(name)
        if index is None or index >= len(self._cells):
            return BLANK
        cell = self._cells[index]
        return cell if cell.text.strip("-–—") else BLANK

    def text(self, name: str, most: int | None = None) -> str:
        """Return a field's text, noting formulas, invisible characters and too great length."""
        cell = self.cell(name)
        if cell.kind == "formula" or cell.text.startswith(FORMULA_STARTS):
            self.problem(name, cell.text, "formula_cell")
        elif not cell.text.isprintable():
            self.problem(name, cell.text, "invisible_character")
        elif most is not None and len(cell.text) > most:
            self.problem(name, cell.text, "too_long", most=most)
        return cell.text

    def needed(self, name: str, reason: str, most: int | None = None) -> str:
        """Return a field's text, noting when there is none."""
        text = self.text(name, most)
        if not text:
            self.problem(name, "", reason)
        return text

    def choice(self, name: str, known: Mapping[str, Choice], reason: str) -> Choice | None:
        """Return the known value a field names, None when it is blank or (noted) unknown."""
        text = self.text(name)
        found = known.get(fold(text))
        if text and found is None:
            self.problem(name, text, reason)
        return found

    def coordinate(self, name: str, bounds: tuple[float, float]) -> float | None:
        """Return a coordinate in degrees, noting what is none within the bounds."""
        cell = self.cell(name)
        if not cell.text:
            return None
        if cell.kind != "formula" and DEGREES.fullmatch(cell.text):
            degrees = round(float(cell.text.replace(",", ".")), COORDINATE_DECIMALS)
            if bounds[0] <= degrees <= bounds[1]:
                return degrees
        self.problem(name, cell.text, "coordinate")
        return None


def _row(reader: _LineReader, districts: Mapping[str, str], first_lines: dict[str, int]) -> Row:
    """Read one line; the row counts only when the reader noted no problem."""
    npsn = _npsn(reader, first_lines)
    name = reader.needed("name", "name_missing", School.name.type.length)
    reader.needed("level", "level_missing")
    level = reader.choice("level", LEVELS, "level_unknown")
    authority = reader.choice("authority", AUTHORITIES, "authority_unknown")
    if authority is None and level is Level.OTHER:
        reader.problem("authority", "", "authority_missing")
    latitude, longitude = _point(reader)
    return Row(
        line=reader.number,
        npsn=npsn,
        name=name,
        level=level or Level.OTHER,
        district_code=_district(reader, districts),
        former_name=reader.text("former_name", School.name.type.length),
        ownership=reader.choice("ownership", OWNERSHIPS, "ownership_unknown"),
        authority=authority,
        subdistrict=reader.text("subdistrict", School.subdistrict.type.length),
        address=reader.text("address", School.address.type.length),
        latitude=latitude,
        longitude=longitude,
        source=reader.text("source", School.source.type.length),
        inactive=NOT_IN_NEWER_LIST in reader.text("flags"),
    )


def _npsn(reader: _LineReader, first_lines: dict[str, int]) -> str:
    text = reader.needed("npsn", "npsn_missing")
    # A spreadsheet drops the zeros in front of what it takes for a number.
    is_number = reader.cell("npsn").kind == "number"
    npsn = text.zfill(NPSN_LENGTH) if is_number else text.upper()
    if not NPSN.fullmatch(npsn):
        reader.problem("npsn", text, "npsn_shape")
    elif first_lines.setdefault(npsn, reader.number) != reader.number:
        reader.problem("npsn", npsn, "npsn_twice", line=first_lines[npsn])
    return npsn


def _district(reader: _LineReader, districts: Mapping[str, str]) -> str:
    text = reader.needed("district", "district_missing")
    folded = fold(text)
    bare = folded.removeprefix("kecamatan").removeprefix("kec")
    code = districts.get(folded) or districts.get(bare)
    if code is None:
        reader.problem("district", text, "district_unknown")
    return code or ""


def _point(reader: _LineReader) -> tuple[float | None, float | None]:
    latitude = reader.coordinate("latitude", LATITUDES)
    longitude = reader.coordinate("longitude", LONGITUDES)
    for name, other in (("latitude", "longitude"), ("longitude", "latitude")):
        if not reader.cell(name).text and reader.cell(other).text:
            reader.problem(name, "", "coordinate")
    return latitude, longitude


def shown(value: str) -> str:
    """Return a value as it may be shown: short, with nothing that acts on a screen or terminal."""
    text = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in value)
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"
