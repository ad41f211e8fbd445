"""The figures of cases, on screen and as a workbook."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Permission
from portal.core.files import XLSX
from portal.insight.exports import cases as exports
from portal.insight.queries import cases
from portal.insight.queries.case_years import History, YearFigures
from portal.insight.routes.blueprint import bp
from portal.web.database import office, reader
from portal.web.download import download
from portal.web.guard import actor, allow
from portal.web.render import page


def _figures() -> tuple[YearFigures, list[YearFigures]]:
    """Return the figures of the chosen year (the running one), and those of all years."""
    today = clock.today()
    history = History(cases.facts(reader(), actor()))
    years = [history.year(year, today) for year in cases.years_with_cases(reader(), today)]
    wanted = request.args.get("tahun", "")
    return next((each for each in years if str(each.year) == wanted), years[0]), years


@bp.get("/kasus/angka")
@allow(Permission.CASE_FIGURES)
def case_figures() -> ResponseReturnValue:
    """Show how many cases began and how they ended; guarded outside the office."""
    if not actor().may(Permission.CASE_FIGURES_INSIDE):
        return page(
            "insight/cases_guarded.html",
            rows=cases.published(reader(), clock.today()),
            baseline=cases.BASELINE,
            this_year=clock.today().year,
            words=exports,
        )
    chosen, years = _figures()
    return page(
        "insight/cases.html",
        figures=chosen,
        years=years,
        baseline=cases.BASELINE,
        definitions=exports.DEFINITIONS,
        words=exports,
        as_of=clock.now(),
    )


@bp.get("/kasus/angka.xlsx")
@allow(Permission.CASE_FIGURES_INSIDE)
def case_figures_xlsx() -> ResponseReturnValue:
    """Hand over the exact figures as a workbook."""
    chosen, years = _figures()
    made = exports.case_workbook(chosen, years, office()["earlier_counts_source"], clock.now())
    return download(made, f"angka-kasus-{chosen.year}.xlsx", XLSX)
