"""The blueprint the pages of the register share."""

from __future__ import annotations

from flask import Blueprint, abort

from portal.core.access import Permission
from portal.schools import queries
from portal.schools.models import School
from portal.web.database import db
from portal.web.guard import actor

bp = Blueprint("schools", __name__)


def find_for(permission: Permission, school_id: str) -> School:
    """Return a school about which the actor may do this, or answer 404."""
    school = find(school_id)
    if not actor().may(permission, school.id):
        abort(404)
    return school


def find(school_id: str) -> School:
    """Return a school the actor may see, or answer 404."""
    return queries.get_school(db(), actor(), school_id) or abort(404)
