"""The coverage board as a workbook: one sheet per table, and what its words mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from portal.core.i18n import gettext, month_year
from portal.documents.xlsx import Cell, Sheet, workbook
from portal.insight.exports.coverage import (
    BASIS_NAMES,
    DEFINITIONS,
    NOT_DELIVERED_NAMES,
    STANDING_NAMES,
    CoverageReport,
    chosen_words,
    level_name,
    need_names,
    subdistrict_name,
)
from portal.insight.queries.boards import Board
from portal.insight.queries.shortfalls import Shortfalls
from portal.insight.queries.tallies import Coverage, Tally
from portal.schools.exports import authority_name, ownership_name


def coverage_workbook(report: CoverageReport) -> bytes:
    """Return the workbook."""
    return workbook(_sheets(report))


def _sheets(report: CoverageReport) -> Iterator[Sheet]:
    yield Sheet(
        gettext("Summary"), (gettext("Figure"), gettext("Value")), _summary(report), (52, 36)
    )
    board = report.board
    yield _parts(gettext("Per district"), gettext("District"), board.districts)
    yield _matrix(board)
    yield _subdistricts(board)
    yield _parts(
        gettext("Per ownership"),
        gettext("Ownership"),
        [Coverage(each.slug, ownership_name(each.name), each.cells) for each in report.ownerships],
    )
    yield _parts(
        gettext("Per authority"),
        gettext("Authority"),
        [Coverage(each.slug, authority_name(each.name), each.cells) for each in report.authorities],
    )
    yield _years(report)
    yield _months(report)
    if report.shortfalls is not None:
        yield _missing(report.shortfalls)
    yield _schools(report)
    yield _never_served(report)
    yield _definitions(report.as_of)


def _summary(report: CoverageReport) -> Iterator[tuple[Cell, Cell]]:
    board, tally = report.board, report.tally
    yield gettext("School year"), board.scope.year.label
    yield gettext("As of"), report.as_of
    yield gettext("Schools counted"), str(BASIS_NAMES[board.scope.basis])
    yield gettext("Of these"), " · ".join(chosen_words(board, report.place)) or gettext("All")
    yield gettext("Schools"), tally.schools
    yield gettext("Schools reached"), tally.reached
    yield gettext("Schools reached, per cent"), tally.percent
    yield gettext("Target, per cent"), report.target_percent
    yield gettext("Target, schools"), tally.needed(report.target_percent)
    yield gettext("Schools that never had a session"), tally.never
    yield gettext("Delivered sessions"), tally.sessions
    yield gettext("Of these, the first ever for the school"), tally.first_sessions
    yield gettext("Sessions for schools never served, per cent"), _percent(tally.first_share)
    yield gettext("Confirmed by the school"), tally.confirmed
    yield gettext("Pupils"), tally.pupils
    yield gettext("Adults"), tally.adults
    yield gettext("All active schools"), board.everybody.schools
    yield gettext("All active schools reached"), board.everybody.reached
    yield gettext("Partner schools"), board.partners.schools
    yield gettext("Partner schools reached"), board.partners.reached


def _percent(share: float) -> int:
    return round(share * 100)


def _headers() -> tuple[str, ...]:
    return (
        gettext("Schools"),
        gettext("Reached"),
        gettext("Per cent"),
        gettext("Never had a session"),
        gettext("Delivered sessions"),
        gettext("First sessions"),
        gettext("Confirmed by the school"),
        gettext("Pupils"),
        gettext("Adults"),
    )


def _figures(tally: Tally) -> tuple[Cell, ...]:
    return (
        tally.schools,
        tally.reached,
        tally.percent,
        tally.never,
        tally.sessions,
        tally.first_sessions,
        tally.confirmed,
        tally.pupils,
        tally.adults,
    )


def _parts(title: str, head: str, parts: Iterable[Coverage]) -> Sheet:
    rows = ((part.name, *_figures(part.tally)) for part in parts)
    return Sheet(title, (head, *_headers()), rows, (34,))


def _subdistricts(board: Board) -> Sheet:
    rows = (
        (part.district_name, subdistrict_name(part.name), *_figures(part.tally))
        for part in board.subdistricts
    )
    headers = (gettext("District"), gettext("Subdistrict"), *_headers())
    return Sheet(gettext("Per subdistrict"), headers, rows, (20, 28))


def _matrix(board: Board) -> Sheet:
    headers = [gettext("District")]
    for group in board.groups:
        headers.append(gettext("%(group)s, reached", group=group))
        headers.append(gettext("%(group)s, schools", group=group))
    rows: list[list[Cell]] = []
    for district in board.districts:
        row: list[Cell] = [district.name]
        for group in board.groups:
            row += (district.of(group).reached, district.of(group).schools)
        rows.append(row)
    return Sheet(gettext("District and level"), headers, rows, (24,))


def _years(report: CoverageReport) -> Sheet:
    rows = ((each.year.label, *_figures(each.tally)) for each in report.years)
    return Sheet(gettext("Per school year"), (gettext("School year"), *_headers()), rows)


def _months(report: CoverageReport) -> Sheet:
    headers = (
        gettext("Month"),
        gettext("Reached since July"),
        gettext("Delivered sessions"),
        gettext("First sessions"),
        gettext("Pupils"),
    )
    rows = (
        (month_year(each.first), each.reached, each.sessions, each.first_sessions, each.pupils)
        for each in report.months
    )
    return Sheet(gettext("Per month"), headers, rows, (20,))


def _missing(shortfalls: Shortfalls) -> Sheet:
    rows: list[Sequence[Cell]] = [
        (gettext("Did not take place"), str(NOT_DELIVERED_NAMES[why]), count)
        for why, count in shortfalls.not_delivered
    ]
    rows += [(gettext("Had to do without"), name, count) for name, count in need_names(shortfalls)]
    headers = (gettext("What"), gettext("Reason or need"), gettext("Sessions"))
    return Sheet(gettext("What was missing"), headers, rows, (24, 44))


def _schools(report: CoverageReport) -> Sheet:
    headers = (
        gettext("NPSN"),
        gettext("School"),
        gettext("Level"),
        gettext("District"),
        gettext("MoU since"),
        gettext("Status"),
        gettext("Sessions in the year"),
        gettext("Pupils in the year"),
        gettext("First session"),
        gettext("Last session"),
        gettext("Subdistrict"),
        gettext("Ownership"),
        gettext("Authority"),
        gettext("Former names"),
    )
    rows = (
        (
            school.npsn,
            school.name,
            level_name(school.level),
            school.district,
            school.partner_since,
            str(STANDING_NAMES[school.standing]),
            school.sessions,
            school.pupils,
            school.first_at,
            school.last_at,
            school.subdistrict,
            ownership_name(school.ownership),
            authority_name(school.authority),
            ", ".join(each.name for each in report.former_names.get(school.id, ())),
        )
        for school in report.schools
    )
    widths = (12, 40, 10, 18, 20, 24, 12, 12, 24, 24, 24, 12, 30, 40)
    return Sheet(gettext("Schools"), headers, rows, widths)


def _never_served(report: CoverageReport) -> Sheet:
    headers = (
        gettext("NPSN"),
        gettext("School"),
        gettext("Level"),
        gettext("District"),
        gettext("MoU since"),
    )
    rows = (
        (school.npsn, school.name, level_name(school.level), school.district, school.partner_since)
        for school in report.never
    )
    return Sheet(gettext("Never had a session"), headers, rows, (12, 40, 10, 18, 20))


def _definitions(as_of: datetime) -> Sheet:
    headers = (gettext("Term"), gettext("Definition"), gettext("Source"), gettext("Time"))
    rows = (
        (str(entry.term), str(entry.meaning), str(entry.source), as_of) for entry in DEFINITIONS
    )
    return Sheet(gettext("Definitions"), headers, rows, (30, 80, 34, 24))
