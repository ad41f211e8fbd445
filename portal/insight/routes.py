"""The coverage board and the figures of reports, on screen and as workbooks."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from portal.core import clock
from portal.core.access import Permission
from portal.insight.exports import coverage as exports
from portal.insight.exports import reports as report_exports
from portal.insight.forms import GROUP_SLUGS, Choice, filters, read_choice, read_scope, read_year
from portal.insight.queries import boards, reports, schools
from portal.insight.queries.boards import Board
from portal.insight.queries.schools import SchoolCoverage
from portal.insight.queries.small_cells import Guarded
from portal.web.database import office, reader
from portal.web.guard import actor, allow
from portal.web.render import page

bp = Blueprint("insight", __name__)
blueprints = (bp,)

FIRST_ROWS = 20
# Beyond this a browser page is the wrong place; the workbook holds every school.
MOST_ROWS = 500
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _board() -> tuple[Board, Choice, list[clock.SchoolYear]]:
    today = clock.today()
    years = boards.school_years(reader(), today)
    board = boards.board(reader(), read_scope(request.args, years, today))
    return board, read_choice(request.args, board), years


def _listed(choice: Choice) -> list[SchoolCoverage]:
    """Return the schools of the chosen piece, or (nothing chosen) those without any session."""
    limit = MOST_ROWS if choice.to_the_end else FIRST_ROWS
    listing = schools.schools_in if choice.place else schools.never_served
    return listing(reader(), choice.scope, choice.place, limit)


@bp.get("/cakupan")
@allow(Permission.COVERAGE_READ)
def coverage() -> ResponseReturnValue:
    """Show which schools were reached, where, and which never were."""
    board, choice, years = _board()
    return page(
        "insight/coverage.html",
        part="insight/_coverage.html",
        here=url_for("insight.coverage"),
        board=board,
        choice=choice,
        filters=filters(choice, board, years),
        schools=_listed(choice),
        listed=board.of(choice.place).schools if choice.place else board.tally.never,
        first_rows=FIRST_ROWS,
        most_rows=MOST_ROWS,
        group_slugs=GROUP_SLUGS,
        level_name=exports.level_name,
        standing_names=exports.STANDING_NAMES,
        definitions=exports.DEFINITIONS,
        target=office()["coverage_target_percent"],
        as_of=clock.now(),
        may_export=actor().may(Permission.COVERAGE_EXPORT),
        may_import=actor().may(Permission.SCHOOL_IMPORT),
    )


@bp.get("/cakupan.xlsx")
@allow(Permission.COVERAGE_EXPORT)
def coverage_xlsx() -> ResponseReturnValue:
    """Hand over the same figures as a workbook, with every school."""
    board, choice, _years = _board()
    report = exports.CoverageReport(
        board=board,
        place=choice.place,
        schools=schools.schools_in(reader(), choice.scope, choice.place),
        target_percent=office()["coverage_target_percent"],
        as_of=clock.now(),
    )
    return _workbook(exports.coverage_workbook(report), f"cakupan-{choice.scope.year.slug}.xlsx")


def _workbook(content: bytes, name: str) -> Response:
    response = Response(content, mimetype=XLSX)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@bp.get("/laporan/angka")
@allow(Permission.REPORT_FIGURES)
def report_figures() -> ResponseReturnValue:
    """Show how many reports came and how soon they were answered; guarded outside the office."""
    if not actor().may(Permission.REPORT_FIGURES_INSIDE):
        return page(
            "insight/reports_guarded.html",
            rows=list(report_exports.guarded_rows(_guarded_years())),
            pupils=reports.pupils(reader()),
            running=clock.SchoolYear.of(clock.today()),
            words=report_exports,
        )
    years = reports.years_with_reports(reader(), clock.today())
    chosen = read_year(request.args, years)
    return page(
        "insight/reports.html",
        years=years,
        figures=reports.exact(reader(), actor(), chosen),
        counts=reports.curve(reader(), actor(), years),
        pupils=reports.pupils(reader()),
        per_thousand=reports.per_thousand,
        words=report_exports,
        as_of=clock.now(),
    )


@bp.get("/laporan/angka.xlsx")
@allow(Permission.REPORT_FIGURES)
def report_figures_xlsx() -> ResponseReturnValue:
    """Hand over the same figures as a workbook."""
    pupils, as_of = reports.pupils(reader()), clock.now()
    if not actor().may(Permission.REPORT_FIGURES_INSIDE):
        made = report_exports.guarded_workbook(_guarded_years(), pupils, as_of)
        return _workbook(made, "angka-laporan.xlsx")
    years = reports.years_with_reports(reader(), clock.today())
    chosen = read_year(request.args, years)
    made = report_exports.exact_workbook(
        reports.exact(reader(), actor(), chosen),
        reports.curve(reader(), actor(), years),
        pupils,
        as_of,
    )
    return _workbook(made, f"angka-laporan-{chosen.slug}.xlsx")


def _guarded_years() -> dict[clock.SchoolYear, Guarded]:
    """Return the figures of the years that are over: a running one would tell who came last."""
    _running, *over = reports.years_with_reports(reader(), clock.today())
    return {year: reports.for_outsiders(reader(), year) for year in over}
