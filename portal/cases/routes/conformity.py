"""Whether cases went the way the procedure asks for."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from portal.cases.queries import conformity as queries
from portal.cases.routes.blueprint import bp
from portal.core import clock
from portal.core.access import Permission
from portal.web.database import reader
from portal.web.guard import actor, allow
from portal.web.render import page

EVER = "semua"


@bp.get("/kasus/kesesuaian")
@allow(Permission.CASE_FIGURES_INSIDE)
def conformity() -> ResponseReturnValue:
    """Show how the stages of the cases of a year went, against what the procedure allows."""
    years = queries.years(reader())
    chosen = request.args.get("tahun", "")
    ever = chosen == EVER
    year = next((each for each in years if str(each) == chosen), clock.today().year)
    return page(
        "cases/conformity.html",
        years=years,
        year=None if ever else year,
        ever=EVER,
        found=queries.of_year(reader(), actor(), None if ever else year),
        as_of=clock.now(),
    )
