"""Which published materials somebody of the office should look at again."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.materials.models import Material
from portal.materials.policy.access import PUBLISHED


def due(months: int) -> ColumnElement[bool]:
    """Return the condition for materials never reviewed, or not within so many months."""
    old = Material.reviewed_on < clock.months_before(clock.today(), months)
    return and_(PUBLISHED, or_(Material.reviewed_on.is_(None), old))


def count_due(session: Session) -> int:
    """Return how many published materials wait for a review."""
    # What was reviewed in this transaction counts.
    session.flush()
    months = settings.read(session)["material_review_months"]
    return session.scalar(select(func.count()).select_from(Material).where(due(months))) or 0
