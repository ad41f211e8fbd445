"""The case of a form that was sent."""

from __future__ import annotations

from flask import abort

from portal.cases.models import Case
from portal.cases.queries import files
from portal.web.database import reader
from portal.web.guard import actor


def worked_on(case_id: str) -> Case:
    """Return the case somebody works on; 404 for all others, before a form shows them anything."""
    case = files.get_file(reader(), actor(), case_id) or abort(404)
    return case if files.works_on(reader(), actor(), case.id) else abort(404)
