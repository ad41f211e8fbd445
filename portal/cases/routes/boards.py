"""The boards: my cases, the team's, what is overdue."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from portal.cases.routes.blueprint import bp
from portal.core.access import Permission
from portal.web.guard import allow
from portal.web.render import page


@bp.get("/kasus")
@allow(Permission.CASE_LIST)
def index() -> ResponseReturnValue:
    """Show the cases one works on or watches over."""
    return page("cases/index.html")
