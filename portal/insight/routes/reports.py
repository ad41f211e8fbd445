"""The figures of reports, on screen and as a workbook."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Permission
from portal.core.files import XLSX
from portal.insight.exports import reports as report_exports
from portal.insight.forms.boards import read_year
from portal.insight.queries import reports
from portal.insight.queries.small_cells import Guarded
from portal.insight.routes.blueprint import bp
from portal.web.database import reader
from portal.web.download import download
from portal.web.guard import actor, allow
from portal.web.render import page


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
        return download(made, "angka-laporan.xlsx", XLSX)
    years = reports.years_with_reports(reader(), clock.today())
    chosen = read_year(request.args, years)
    made = report_exports.exact_workbook(
        reports.exact(reader(), actor(), chosen),
        reports.curve(reader(), actor(), years),
        pupils,
        as_of,
    )
    return download(made, f"angka-laporan-{chosen.slug}.xlsx", XLSX)


def _guarded_years() -> dict[clock.SchoolYear, Guarded]:
    """Return the figures of the years that are over: a running one would tell who came last."""
    _running, *over = reports.years_with_reports(reader(), clock.today())
    return {year: reports.for_outsiders(reader(), year) for year in over}
