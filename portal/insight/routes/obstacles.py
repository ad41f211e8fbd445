"""What stands in the way of helping, over all cases."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from portal.cases.states import Nature, Side
from portal.core import clock
from portal.core.access import Permission
from portal.insight.queries import obstacles as queries
from portal.insight.routes.blueprint import bp
from portal.web.database import reader
from portal.web.guard import allow
from portal.web.render import page


@bp.get("/kasus/kendala")
@allow(Permission.CASE_FIGURES_INSIDE)
def obstacles() -> ResponseReturnValue:
    """Show where obstacles of a year lie and of what kind they are, in counts alone."""
    years = queries.years(reader())
    asked = request.args.get("tahun", "")
    year = next((each for each in years if str(each) == asked), years[0])
    return page(
        "insight/obstacles.html",
        years=years,
        year=year,
        found=queries.of_year(reader(), year),
        sides=list(Side),
        natures=list(Nature),
        as_of=clock.now(),
    )
