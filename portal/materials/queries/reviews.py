"""Which published materials somebody of the office should look at again."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.materials.models import Material
from portal.materials.policy.access import PUBLISHED

# The 29th to 31st would not exist in every month.
LAST_COMMON_DAY = 28


def due(months: int) -> ColumnElement[bool]:
    """Return the condition for materials never reviewed, or not within so many months."""
    old = Material.reviewed_on < months_before(clock.today(), months)
    return and_(PUBLISHED, or_(Material.reviewed_on.is_(None), old))


def count_due(session: Session) -> int:
    """Return how many published materials wait for a review."""
    # What was reviewed in this transaction counts.
    session.flush()
    months = settings.read(session)["material_review_months"]
    return session.scalar(select(func.count()).select_from(Material).where(due(months))) or 0


def months_before(day: date, months: int) -> date:
    """Return the day so many months before, in the shortest months the 28th at the latest."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, LAST_COMMON_DAY))
