"""All referrals one may know of, and what they cost."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Permission
from portal.referrals.queries import overview as queries
from portal.referrals.routes.blueprint import bp
from portal.web import paging
from portal.web.database import reader
from portal.web.guard import actor, allow
from portal.web.render import page

FIRST_TAB = "menunggu"


def asked_year() -> int:
    """Return the year the address asks for, or this one."""
    year = request.args.get("tahun", "")
    asked = int(year) if year.isascii() and year.isdecimal() and len(year) == len("2026") else 0
    return asked if asked in clock.YEARS else clock.today().year


@bp.get("/rujukan")
@allow(Permission.CASE_LIST)
def overview() -> ResponseReturnValue:
    """Show the referrals, what waits longest first."""
    tab = request.args.get("tampil", FIRST_TAB)
    tab = tab if tab in queries.TABS else FIRST_TAB
    # The address names the last referral by its random id: it says nothing of when one was made.
    (after,), _before = (key or (None,) for key in paging.position(str))
    found = queries.list_referrals(reader(), actor(), tab, after)
    return page(
        "referrals/overview.html",
        tab=tab,
        tabs=list(queries.TABS),
        counts=queries.counts(reader(), actor()),
        entries=found.entries,
        today=clock.today(),
        first_page=after is None,
        next_url=paging.link(paging.AFTER, (found.after,) if found.after else None),
        sees_costs=actor().may(Permission.CASE_FIGURES_INSIDE),
    )


@bp.get("/rujukan/biaya")
@allow(Permission.CASE_FIGURES_INSIDE)
def costs() -> ResponseReturnValue:
    """Show what each provider cost in a year."""
    year = asked_year()
    return page(
        "referrals/costs.html", year=year, years=clock.YEARS, costs=queries.costs(reader(), year)
    )
