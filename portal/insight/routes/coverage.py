"""The coverage board, on screen, on paper and as a workbook."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Permission
from portal.core.files import PDF, XLSX
from portal.insight.exports import coverage as words
from portal.insight.exports.coverage import CoverageReport
from portal.insight.exports.coverage_pdf import coverage_paper
from portal.insight.exports.coverage_xlsx import coverage_workbook
from portal.insight.forms.boards import (
    GROUP_SLUGS,
    VIEW_NAMES,
    Choice,
    View,
    filters,
    more_filters,
    read_choice,
    read_grain,
    read_scope,
)
from portal.insight.queries import boards, schools, shortfalls, trend
from portal.insight.queries.boards import Board, Grain
from portal.insight.queries.schools import SchoolCoverage
from portal.insight.routes.blueprint import bp
from portal.schools import exports as school_words
from portal.web.database import office, reader
from portal.web.download import download
from portal.web.guard import actor, allow
from portal.web.render import page

FIRST_ROWS = 20
# Beyond this a browser page is the wrong place; the workbook holds every school.
MOST_ROWS = 500
TEMPLATES = {
    View.DISTRICTS: "insight/_view_districts.html",
    View.SUBDISTRICTS: "insight/_view_subdistricts.html",
    View.KINDS: "insight/_view_kinds.html",
    View.TREND: "insight/_view_trend.html",
    View.DELIVERY: "insight/_view_delivery.html",
}


def _board(grain: Grain | None = None) -> tuple[Board, Choice, list[clock.SchoolYear]]:
    today = clock.today()
    years = boards.school_years(reader(), today)
    scope = read_scope(request.args, years, today)
    board = boards.board(reader(), scope, grain or read_grain(request.args))
    return board, read_choice(request.args, board), years


def _listed(choice: Choice) -> list[SchoolCoverage]:
    """Return the schools of the chosen piece, or (nothing chosen) those without any session."""
    limit = MOST_ROWS if choice.to_the_end else FIRST_ROWS
    listing = schools.schools_in if choice.place else schools.never_served
    return listing(reader(), choice.scope, choice.place, limit)


def _views() -> list[View]:
    """Return what the middle of the board may show: the office's own work to the office alone."""
    inside = actor().may(Permission.VISIT_READ)
    return [view for view in View if inside or view is not View.DELIVERY]


def _shown(view: View, choice: Choice, years: list[clock.SchoolYear]) -> dict[str, Any]:
    """Return what the chosen view shows beside the board itself."""
    asked = (reader(), choice.scope, choice.place)
    if view is View.KINDS:
        return {
            "ownerships": boards.by_kind(*asked, Grain.OWNERSHIP),
            "authorities": boards.by_kind(*asked, Grain.AUTHORITY),
        }
    if view is View.TREND:
        return {
            "over_years": trend.over_years(*asked, years),
            "over_months": trend.over_months(*asked),
        }
    if view is View.DELIVERY:
        return {"missing": shortfalls.shortfalls(*asked)}
    return {}


@bp.get("/cakupan")
@allow(Permission.COVERAGE_READ)
def coverage() -> ResponseReturnValue:
    """Show which schools were reached, where, and which never were."""
    board, choice, years = _board()
    views = _views()
    view = choice.view if choice.view in views else View.DISTRICTS
    tally = board.of(choice.place)
    return page(
        "insight/coverage.html",
        part="insight/_coverage.html",
        here=url_for("insight.coverage"),
        board=board,
        choice=choice,
        tally=tally,
        filters=filters(choice, board, years),
        more_filters=more_filters(choice, board),
        views={each: VIEW_NAMES[each] for each in views},
        view=view,
        view_template=TEMPLATES[view],
        **_shown(view, choice, years),
        schools=_listed(choice),
        listed=tally.schools if choice.place else tally.never,
        first_rows=FIRST_ROWS,
        most_rows=MOST_ROWS,
        group_slugs=GROUP_SLUGS,
        words=words,
        school_words=school_words,
        definitions=words.DEFINITIONS,
        target=office()["coverage_target_percent"],
        as_of=clock.now(),
        may_export=actor().may(Permission.COVERAGE_EXPORT),
        may_import=actor().may(Permission.SCHOOL_IMPORT),
        may_suggest=actor().may(Permission.SUGGESTION_READ),
    )


def _report() -> CoverageReport:
    """Read everything that goes on paper and into the workbook."""
    board, choice, years = _board(Grain.SUBDISTRICT)
    asked = (reader(), choice.scope, choice.place)
    listed = schools.schools_in(*asked)
    inside = View.DELIVERY in _views()
    return CoverageReport(
        board=board,
        place=choice.place,
        ownerships=boards.by_kind(*asked, Grain.OWNERSHIP),
        authorities=boards.by_kind(*asked, Grain.AUTHORITY),
        years=trend.over_years(*asked, years),
        months=trend.over_months(*asked),
        shortfalls=shortfalls.shortfalls(*asked) if inside else None,
        schools=listed,
        former_names=schools.former_names(reader(), [each.id for each in listed]),
        target_percent=office()["coverage_target_percent"],
        as_of=clock.now(),
    )


@bp.get("/cakupan.xlsx")
@allow(Permission.COVERAGE_EXPORT)
def coverage_xlsx() -> ResponseReturnValue:
    """Hand over the same figures as a workbook, with every school."""
    report = _report()
    name = f"cakupan-{report.board.scope.year.slug}.xlsx"
    return download(coverage_workbook(report), name, XLSX)


@bp.get("/cakupan.pdf")
@allow(Permission.COVERAGE_EXPORT)
def coverage_pdf() -> ResponseReturnValue:
    """Hand over the same figures on one or two pages of paper."""
    report = _report()
    name = f"cakupan-{report.board.scope.year.slug}.pdf"
    return download(coverage_paper(report, office()["office_name"]), name, PDF)
