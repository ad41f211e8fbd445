"""The workbook and the paper say the same as the page, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from pypdf import PdfReader

from portal.core import clock, i18n
from portal.core.clock import SchoolYear
from portal.core.db import Database
from portal.insight.exports import coverage as exports
from portal.insight.exports.coverage_pdf import MOST_NAMED, coverage_paper
from portal.insight.exports.coverage_xlsx import coverage_workbook
from portal.insight.queries import boards, trend
from portal.insight.queries.boards import Basis, Grain, Place, Scope
from portal.insight.queries.schools import Standing, former_names, schools_in
from portal.insight.queries.shortfalls import shortfalls
from portal.schools.models import FormerName, Level
from portal.visits.states import NotDelivered, VisitState
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.insight.conftest import NOW, Town

NOWHERE = Place()


def report(
    database: Database,
    place: Place = NOWHERE,
    basis: Basis = Basis.ALL,
    *,
    inside: bool = True,
) -> exports.CoverageReport:
    scope = Scope(SchoolYear(2026), basis, clock.today())
    with database.reader() as session:
        asked = (session, scope, place)
        schools = schools_in(*asked)
        return exports.CoverageReport(
            board=boards.board(session, scope, Grain.SUBDISTRICT),
            place=place,
            ownerships=boards.by_kind(*asked, Grain.OWNERSHIP),
            authorities=boards.by_kind(*asked, Grain.AUTHORITY),
            years=trend.over_years(*asked, boards.school_years(session, clock.today())),
            months=trend.over_months(*asked),
            shortfalls=shortfalls(*asked) if inside else None,
            schools=schools,
            former_names=former_names(session, [each.id for each in schools]),
            target_percent=75,
            as_of=clock.now(),
        )


def opened(made: exports.CoverageReport) -> Workbook:
    return load_workbook(BytesIO(coverage_workbook(made)))


def rows(book: Workbook, title: str) -> list[tuple[Any, ...]]:
    return list(book[title].iter_rows(values_only=True))


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with i18n.in_language("en"):
        yield


@pytest.mark.parametrize("basis", Basis)
def test_the_sheets_hold_the_figures_of_the_board(
    database: Database, town: Town, basis: Basis
) -> None:
    made = report(database, basis=basis)
    tally = made.board.tally
    book = opened(made)
    summary: dict[str, Any] = dict(rows(book, "Summary"))
    assert summary["Schools"] == tally.schools
    assert summary["Schools reached"] == tally.reached
    assert summary["Pupils"] == tally.pupils
    assert summary["School year"] == "2026/2027"
    assert summary["Partner schools"] == 2

    districts = rows(book, "Per district")[1:]
    assert [sum(column) for column in list(zip(*districts, strict=True))[1:3]] == [
        tally.schools,
        tally.reached,
    ]
    matrix = rows(book, "District and level")[1:]
    assert sum(sum(row[1::2]) for row in matrix) == tally.reached
    assert sum(sum(row[2::2]) for row in matrix) == tally.schools
    assert len(rows(book, "Schools")) - 1 == tally.schools
    assert sum(row[6] for row in rows(book, "Schools")[1:]) == tally.sessions
    assert len(rows(book, "Never had a session")) - 1 == tally.never
    for sheet, first in (
        ("Per subdistrict", 2),
        ("Per ownership", 1),
        ("Per authority", 1),
    ):
        parts = rows(book, sheet)[1:]
        assert sum(row[first] for row in parts) == tally.schools
        assert sum(row[first + 1] for row in parts) == tally.reached
        assert sum(row[first + 4] for row in parts) == tally.sessions
    assert rows(book, "Per school year")[-1][1:3] == (tally.schools, tally.reached)
    months = rows(book, "Per month")[1:]
    assert (len(months), months[-1][1]) == (5, tally.reached)
    assert sum(row[2] for row in months) == tally.sessions


def test_a_name_like_a_formula_stays_a_name(database: Database, town: Town) -> None:
    book = opened(report(database))
    cell: Any = book["Never had a session"]["B2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_numbers_are_numbers_and_dates_are_dates(database: Database, town: Town) -> None:
    page: Any = opened(report(database))["Schools"]
    first = {cell.column_letter: cell for cell in page[2]}
    reached = {cell.column_letter: cell for cell in page[5]}
    assert first["E"].value.date() == date(2025, 7, 9)
    assert first["I"].value is None
    assert (reached["G"].value, reached["H"].value) == (2, 65)
    assert reached["J"].value.isoformat() == "2026-09-08T08:00:00"
    assert reached["A"].value == town.reached_partner.npsn


def test_a_chosen_place_narrows_the_lists_and_says_so(database: Database, town: Town) -> None:
    book = opened(report(database, Place("metro-utara", "SD/MI")))
    assert [row[1] for row in rows(book, "Schools")[1:]] == ["MI Tiga", "SD Dua"]
    summary: dict[str, Any] = dict(rows(book, "Summary"))
    assert summary["Of these"] == "Metro Utara · SD/MI"
    assert (summary["Schools"], summary["Schools reached"]) == (2, 1)
    assert summary["All active schools"] == 5


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_sheet_has_a_title_of_its_own_that_spreadsheets_accept(
    database: Database, town: Town, language: str
) -> None:
    with i18n.in_language(language):
        book = opened(report(database))
    assert len(set(book.sheetnames)) == 12
    assert all(len(title) <= 31 for title in book.sheetnames)


def test_definitions_name_term_meaning_source_and_time(database: Database) -> None:
    definitions = rows(opened(report(database)), "Definitions")
    assert definitions[0] == ("Term", "Definition", "Source", "Time")
    assert {row[0] for row in definitions[1:]} >= {"Reached", "Partner school", "Active school"}
    local = NOW.astimezone(clock.WIB).replace(tzinfo=None)
    assert all(row[3] == local for row in definitions[1:])
    assert all(all(row) for row in definitions)


def test_every_standing_has_a_name() -> None:
    assert set(exports.STANDING_NAMES) == set(Standing)
    assert exports.level_name("SMP") == "SMP"
    assert exports.level_name("other") == "Other"
    assert set(exports.NOT_DELIVERED_NAMES) == set(NotDelivered)


def test_what_was_missing_is_for_the_office(database: Database, build: Builder, town: Town) -> None:
    missed = build.delivered(
        town.never, build.worker(), date(2026, 9, 1), state=VisitState.NOT_DELIVERED
    )
    with build.database.writer() as session:
        kept = session.get_one(type(missed), missed.id)
        kept.not_delivered_why, kept.unmet = NotDelivered.TRANSPORT, ["projector"]
        session.commit()
    inside, outside = opened(report(database)), opened(report(database, inside=False))
    assert rows(inside, "What was missing")[1:] == [
        ("Did not take place", "There was no way to get there", 1),
        ("Had to do without", "Projector", 1),
    ]
    assert set(inside.sheetnames) - set(outside.sheetnames) == {"What was missing"}


def test_former_names_stand_beside_a_school(database: Database, build: Builder, town: Town) -> None:
    build.save(
        FormerName(
            school_id=town.reached.id,
            name="SD Dua Lama",
            until=date(2024, 6, 30),
            recorded_by=town.coordinator.id,
            recorded_at=clock.now(),
        )
    )
    named = {row[1]: row[13] for row in rows(opened(report(database)), "Schools")[1:]}
    assert named["SD Dua"] == "SD Dua Lama"
    assert named["MI Tiga"] == ""


def paper_text(made: exports.CoverageReport) -> tuple[str, int]:
    read = PdfReader(BytesIO(coverage_paper(made, "Dinas Contoh")))
    text = " ".join(" ".join(each.extract_text() for each in read.pages).split())
    return text, len(read.pages)


def test_the_paper_says_what_the_board_says(database: Database, town: Town) -> None:
    text, pages = paper_text(report(database))
    assert pages <= 2
    assert "2 of 5 active schools have had a session" in text
    assert "Dinas Contoh · School year 2026/2027" in text
    assert "Target 75% (4 schools)" in text
    assert "Still missing for the target 2" in text
    assert "Metro Utara 1/2 – – 1/2" in text
    assert "SMP Lima SMP Metro Pusat" in text
    assert "2026/2027 2 5 3 67%" in text
    assert "As of 23 November 2026, 09:41." in text


def test_the_paper_of_a_piece_names_it(database: Database, town: Town) -> None:
    text, _pages = paper_text(report(database, Place("metro-utara", "SD/MI"), Basis.PARTNERS))
    assert "· Metro Utara · SD/MI" in text
    assert "0 of 0 partner schools have had a session" in text
    assert "Every school has had a session" not in text


@on_sqlite
def test_a_city_of_unserved_schools_fits_two_pages(database: Database, build: Builder) -> None:
    for number in range(60):
        build.school(
            f"Sekolah Menengah Pertama Contoh dengan Nama Panjang {number}",
            level=list(Level)[number % len(Level)],
        )
    # As many school years as the paper shows.
    build.delivered(build.school(), build.worker(), date(2021, 8, 3))
    text, pages = paper_text(report(database))
    assert pages == 2
    assert "2021/2022 1 61 1 100%" in text
    assert f"{60 - MOST_NAMED} more schools are in the workbook (XLSX)." in text
    with i18n.in_language("id"):
        assert paper_text(report(database))[1] == 2
