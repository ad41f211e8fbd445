"""The workbook says the same as the page, in the reader's language."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from portal.core import clock, i18n
from portal.core.clock import SchoolYear
from portal.core.db import Database
from portal.insight.exports import coverage as exports
from portal.insight.queries import boards
from portal.insight.queries.boards import Basis, Place, Scope
from portal.insight.queries.schools import Standing, schools_in
from tests.insight.conftest import NOW, Town

NOWHERE = Place()


def report(
    database: Database, place: Place = NOWHERE, basis: Basis = Basis.ALL
) -> exports.CoverageReport:
    scope = Scope(SchoolYear(2026), basis, clock.today())
    with database.reader() as session:
        return exports.CoverageReport(
            board=boards.board(session, scope),
            place=place,
            schools=schools_in(session, scope, place),
            target_percent=75,
            as_of=clock.now(),
        )


def opened(made: exports.CoverageReport) -> Workbook:
    return load_workbook(BytesIO(exports.coverage_workbook(made)))


def rows(book: Workbook, number: int) -> list[tuple[Any, ...]]:
    return list(book.worksheets[number].iter_rows(values_only=True))


@pytest.mark.parametrize("basis", Basis)
def test_the_sheets_hold_the_figures_of_the_board(
    database: Database, town: Town, basis: Basis
) -> None:
    made = report(database, basis=basis)
    tally = made.board.tally
    with i18n.in_language("en"):
        book = opened(made)
    summary: dict[str, Any] = dict(rows(book, 0))
    assert summary["Schools"] == tally.schools
    assert summary["Schools reached"] == tally.reached
    assert summary["Pupils"] == tally.pupils
    assert summary["School year"] == "2026/2027"
    assert summary["Partner schools"] == 2

    districts = rows(book, 1)[1:]
    assert [sum(column) for column in list(zip(*districts, strict=True))[1:3]] == [
        tally.schools,
        tally.reached,
    ]
    matrix = rows(book, 2)[1:]
    assert sum(sum(row[1::2]) for row in matrix) == tally.reached
    assert sum(sum(row[2::2]) for row in matrix) == tally.schools
    assert len(rows(book, 3)) - 1 == tally.schools
    assert sum(row[6] for row in rows(book, 3)[1:]) == tally.sessions
    assert len(rows(book, 4)) - 1 == tally.never


def test_a_name_like_a_formula_stays_a_name(database: Database, town: Town) -> None:
    book = opened(report(database))
    cell: Any = book.worksheets[4]["B2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_numbers_are_numbers_and_dates_are_dates(database: Database, town: Town) -> None:
    page: Any = opened(report(database)).worksheets[3]
    first = {cell.column_letter: cell for cell in page[2]}
    reached = {cell.column_letter: cell for cell in page[5]}
    assert first["E"].value.date() == date(2025, 7, 9)
    assert first["I"].value is None
    assert (reached["G"].value, reached["H"].value) == (2, 65)
    assert reached["J"].value.isoformat() == "2026-09-08T08:00:00"
    assert reached["A"].value == town.reached_partner.npsn


def test_a_chosen_place_narrows_the_lists_and_says_so(database: Database, town: Town) -> None:
    with i18n.in_language("en"):
        book = opened(report(database, Place("metro-utara", "SD/MI")))
    assert [row[1] for row in rows(book, 3)[1:]] == ["MI Tiga", "SD Dua"]
    summary: dict[str, Any] = dict(rows(book, 0))
    assert summary["District of the school lists"] == "Metro Utara"
    assert summary["Level of the school lists"] == "SD/MI"
    assert summary["Schools"] == 5


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_sheet_has_a_title_of_its_own_that_spreadsheets_accept(
    database: Database, town: Town, language: str
) -> None:
    with i18n.in_language(language):
        book = opened(report(database))
    assert len(set(book.sheetnames)) == 6
    assert all(len(title) <= 31 for title in book.sheetnames)


def test_definitions_name_term_meaning_source_and_time(database: Database) -> None:
    with i18n.in_language("en"):
        definitions = rows(opened(report(database)), 5)
    assert definitions[0] == ("Term", "Definition", "Source", "Time")
    assert {row[0] for row in definitions[1:]} >= {"Reached", "Partner school", "Active school"}
    local = NOW.astimezone(clock.WIB).replace(tzinfo=None)
    assert all(row[3] == local for row in definitions[1:])
    assert all(all(row) for row in definitions)


def test_every_standing_has_a_name() -> None:
    assert set(exports.STANDING_NAMES) == set(Standing)
    assert exports.level_name("SMP") == "SMP"
    with i18n.in_language("en"):
        assert exports.level_name("other") == "Other"
