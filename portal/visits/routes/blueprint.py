"""The blueprint the pages of visits share."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, abort

from portal.visits.forms import YEARS
from portal.visits.queries.visits import VisitFile, get_visit
from portal.web.database import db
from portal.web.guard import actor

bp = Blueprint("visits", __name__)


def find(visit_id: str) -> VisitFile:
    """Return a visit the actor may see, or answer 404."""
    return get_visit(db(), actor(), visit_id) or abort(404)


def moment(text: str) -> datetime:
    """Read the moment in a list's position; raises ValueError for one that no session can have."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or found.year not in YEARS:
        raise ValueError(text)
    return found
