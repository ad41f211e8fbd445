"""The coverage board as a workbook, with what its words mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from babel.support import LazyProxy

from portal.core import i18n
from portal.core.i18n import gettext
from portal.documents.xlsx import Cell, Sheet, workbook
from portal.insight.queries.boards import Basis, Board, Place, Tally
from portal.insight.queries.schools import SchoolCoverage, Standing
from portal.schools.models import Level

_ = i18n.lazy

BASIS_NAMES = {Basis.ALL: _("All active"), Basis.PARTNERS: _("Partners")}
STANDING_NAMES = {
    Standing.REACHED: _("Reached"),
    Standing.NOT_YET: _("None this school year"),
    Standing.NEVER: _("Never had a session"),
}
OTHER_LEVEL = _("Other")


@dataclass(frozen=True)
class Definition:
    """What a word on the board means, and where its figures come from."""

    term: LazyProxy
    meaning: LazyProxy
    source: LazyProxy


SCHOOL_REGISTER = _("School register of this portal")
SESSION_RECORDS = _("Session records of this portal")

DEFINITIONS = (
    Definition(
        _("Active school"),
        _("A school of the city that is open today, with or without an MoU."),
        SCHOOL_REGISTER,
    ),
    Definition(
        _("Partner school"),
        _(
            "An active school with an MoU in force today. For a past year, the last day of that "
            "year decides."
        ),
        _("MoU register of this portal"),
    ),
    Definition(
        _("Delivered session"),
        _(
            "A session held at a school, with its method and number of participants recorded. "
            "Only programmes that count for coverage are included."
        ),
        SESSION_RECORDS,
    ),
    Definition(
        _("Reached"),
        _("A school with at least one delivered session from 1 July to 30 June of the year."),
        SESSION_RECORDS,
    ),
    Definition(
        _("Never had a session"),
        _("A school without a delivered session in any year up to now."),
        SESSION_RECORDS,
    ),
    Definition(
        _("First session"),
        _("A delivered session of the year that was the first ever for its school."),
        SESSION_RECORDS,
    ),
    Definition(
        _("Pupils"),
        _(
            "Girls and boys present at the delivered sessions of the year. Who came twice counts "
            "twice. Adults are counted apart."
        ),
        SESSION_RECORDS,
    ),
    Definition(
        _("Per cent"),
        _("Schools reached out of all schools of the same row, rounded down."),
        SCHOOL_REGISTER,
    ),
    Definition(
        _("Target"),
        _("The share of schools the office wants to reach."),
        _("Settings of the office"),
    ),
)


@dataclass(frozen=True)
class CoverageReport:
    """All that goes into the workbook, from one reading of the database."""

    board: Board
    place: Place
    schools: list[SchoolCoverage]
    target_percent: int
    as_of: datetime


def coverage_workbook(report: CoverageReport) -> bytes:
    """Return the workbook: one sheet per table, and the definitions."""
    return workbook(
        (
            Sheet(
                gettext("Summary"),
                (gettext("Figure"), gettext("Value")),
                _summary(report),
                (44, 32),
            ),
            _districts(report.board),
            _matrix(report.board),
            _schools(report.schools),
            _never_served(report.schools),
            _definitions(report.as_of),
        )
    )


def level_name(level: str) -> str:
    """Return what a school level is called; official short names are the same everywhere."""
    return str(OTHER_LEVEL) if level == Level.OTHER else level


def _summary(report: CoverageReport) -> Iterator[tuple[Cell, Cell]]:
    board, tally = report.board, report.board.tally
    district = board.district(report.place.district)
    yield gettext("School year"), board.scope.year.label
    yield gettext("As of"), report.as_of
    yield gettext("Schools counted"), str(BASIS_NAMES[board.scope.basis])
    yield gettext("District of the school lists"), district.name if district else gettext("All")
    yield gettext("Level of the school lists"), report.place.group or gettext("All")
    yield gettext("Schools"), tally.schools
    yield gettext("Schools reached"), tally.reached
    yield gettext("Schools reached, per cent"), tally.percent
    yield gettext("Target, per cent"), report.target_percent
    yield gettext("Target, schools"), tally.needed(report.target_percent)
    yield gettext("Schools that never had a session"), tally.never
    yield gettext("Delivered sessions"), tally.sessions
    yield gettext("Of these, the first ever for the school"), tally.first_sessions
    yield gettext("Pupils"), tally.pupils
    yield gettext("Adults"), tally.adults
    yield gettext("All active schools"), board.everybody.schools
    yield gettext("All active schools reached"), board.everybody.reached
    yield gettext("Partner schools"), board.partners.schools
    yield gettext("Partner schools reached"), board.partners.reached


def _districts(board: Board) -> Sheet:
    headers = (
        gettext("District"),
        gettext("Schools"),
        gettext("Reached"),
        gettext("Per cent"),
        gettext("Never had a session"),
        gettext("Delivered sessions"),
        gettext("First sessions"),
        gettext("Pupils"),
        gettext("Adults"),
    )
    rows = ((district.name, *_figures(district.tally)) for district in board.districts)
    return Sheet(gettext("Per district"), headers, rows, (24,))


def _figures(tally: Tally) -> tuple[Cell, ...]:
    return (
        tally.schools,
        tally.reached,
        tally.percent,
        tally.never,
        tally.sessions,
        tally.first_sessions,
        tally.pupils,
        tally.adults,
    )


def _matrix(board: Board) -> Sheet:
    headers = [gettext("District")]
    for group in board.groups:
        headers.append(gettext("%(group)s, reached", group=group))
        headers.append(gettext("%(group)s, schools", group=group))
    rows: list[list[Cell]] = []
    for district in board.districts:
        row: list[Cell] = [district.name]
        for group in board.groups:
            cell = board.of(Place(district.slug, group))
            row += (cell.reached, cell.schools)
        rows.append(row)
    return Sheet(gettext("District and level"), headers, rows, (24,))


def _schools(schools: list[SchoolCoverage]) -> Sheet:
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
        )
        for school in schools
    )
    return Sheet(gettext("Schools"), headers, rows, (12, 40, 10, 18, 20, 24, 12, 12, 24, 24))


def _never_served(schools: list[SchoolCoverage]) -> Sheet:
    headers = (
        gettext("NPSN"),
        gettext("School"),
        gettext("Level"),
        gettext("District"),
        gettext("MoU since"),
    )
    rows = (
        (school.npsn, school.name, level_name(school.level), school.district, school.partner_since)
        for school in schools
        if school.standing is Standing.NEVER
    )
    return Sheet(gettext("Never had a session"), headers, rows, (12, 40, 10, 18, 20))


def _definitions(as_of: datetime) -> Sheet:
    headers = (gettext("Term"), gettext("Definition"), gettext("Source"), gettext("Time"))
    rows = (
        (str(entry.term), str(entry.meaning), str(entry.source), as_of) for entry in DEFINITIONS
    )
    return Sheet(gettext("Definitions"), headers, rows, (26, 80, 34, 24))
