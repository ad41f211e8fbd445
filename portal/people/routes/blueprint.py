"""The blueprint the pages of people share, and the words for a role."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint

from portal.core.access import Role
from portal.people.forms import ROLE_NAMES

bp = Blueprint("people", __name__)


def role_at(role: Role, school_id: UUID | None, school_names: dict[UUID, str]) -> str:
    """Return a role with its school, as people say it."""
    label = str(ROLE_NAMES[role])
    return f"{label}, {school_names[school_id]}" if school_id else label
