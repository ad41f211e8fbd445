"""The blueprint the pages of visits share."""

from __future__ import annotations

from flask import Blueprint, abort

from portal.visits.forms.names import STATE_NAMES
from portal.visits.queries.visits import VisitFile, get_visit
from portal.visits.states import VisitState
from portal.web.database import db
from portal.web.guard import actor

bp = Blueprint("visits", __name__)


def find(visit_id: str) -> VisitFile:
    """Return a visit the actor may see, or answer 404."""
    return get_visit(db(), actor(), visit_id) or abort(404)


@bp.app_template_global()
def visit_state(state: str) -> str:
    """Return what a state of a visit is called."""
    return str(STATE_NAMES[VisitState(state)])
