"""How wide the gap between schools and the office is, on screen and as a workbook."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Permission
from portal.core.files import XLSX
from portal.insight.exports import gap as exports
from portal.insight.queries import gap as queries
from portal.insight.queries import gap_figures
from portal.insight.queries.periods import Period, Span
from portal.insight.routes.blueprint import bp
from portal.web.database import office, reader
from portal.web.download import download
from portal.web.guard import actor, allow
from portal.web.render import page


def _report(offered: dict[Span, list[Period]]) -> exports.GapReport:
    """Return the figures of the period asked for, or of the running semester."""
    asked = Period.parse(request.args.get("periode", ""))
    known = asked and asked in offered[asked.span]
    period = asked if asked and known else offered[Span.SEMESTER][0]
    found = queries.facts(reader(), actor(), period)
    return exports.GapReport(
        period=period,
        now=gap_figures.figures(found, period),
        before=gap_figures.figures(found, period.before),
        schools=gap_figures.by_school(reader(), found, period),
        managers=gap_figures.by_manager(reader(), found, period),
        office=office(),
        as_of=found.moment,
    )


@bp.get("/kesenjangan")
@allow(Permission.GAP_FIGURES)
def gap() -> ResponseReturnValue:
    """Show what came in time and what was answered, of the city, its schools and case managers."""
    offered = queries.periods(reader(), clock.today())
    return page(
        "insight/gap.html",
        report=_report(offered),
        offered=offered,
        definitions=exports.definitions(office()),
        words=exports,
    )


@bp.get("/kesenjangan.xlsx")
@allow(Permission.GAP_FIGURES)
def gap_xlsx() -> ResponseReturnValue:
    """Hand over the same figures as a workbook."""
    report = _report(queries.periods(reader(), clock.today()))
    made = exports.gap_workbook(report)
    return download(made, f"kesenjangan-{report.period.slug}.xlsx", XLSX)
