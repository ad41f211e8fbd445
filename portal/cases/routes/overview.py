"""The first page of a file."""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.cases.queries.header import Opened
from portal.cases.routes import shell
from portal.cases.routes.blueprint import bp
from portal.core.access import Permission
from portal.web.guard import allow


def _fill(_reading: Session, _opened: Opened) -> dict[str, Any]:
    return {}


@bp.get("/kasus/<public_id:case_id>")
@allow(Permission.CASE_LIST)
def show(case_id: str) -> ResponseReturnValue:
    """Show where a case stands and what comes next."""
    return shell.show(case_id, "overview", "cases/overview.html", _fill)
