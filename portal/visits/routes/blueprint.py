"""The blueprint the pages of visits share."""

from __future__ import annotations

from flask import Blueprint, abort

from portal.visits.queries.visits import VisitFile, get_visit
from portal.web.database import db
from portal.web.guard import actor

bp = Blueprint("visits", __name__)


def find(visit_id: str) -> VisitFile:
    """Return a visit the actor may see, or answer 404."""
    return get_visit(db(), actor(), visit_id) or abort(404)
