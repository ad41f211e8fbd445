"""The coverage board, on screen and as a workbook."""

from __future__ import annotations

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Permission
from portal.core.files import XLSX
from portal.insight.exports import coverage as exports
from portal.insight.forms import GROUP_SLUGS, Choice, filters, read_choice, read_scope
from portal.insight.queries import boards, schools
from portal.insight.queries.boards import Board
from portal.insight.queries.schools import SchoolCoverage
from portal.insight.routes.blueprint import bp
from portal.web.database import office, reader
from portal.web.download import download
from portal.web.guard import actor, allow
from portal.web.render import page

FIRST_ROWS = 20
# Beyond this a browser page is the wrong place; the workbook holds every school.
MOST_ROWS = 500


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
    return download(
        exports.coverage_workbook(report), f"cakupan-{choice.scope.year.slug}.xlsx", XLSX
    )
