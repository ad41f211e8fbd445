"""The classes of a school, as far as it keeps them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.clock import SchoolYear
from portal.schools.models import School, SchoolClass


def of_year(session: Session, school: School, year: SchoolYear) -> list[SchoolClass]:
    """Return a school's classes of a school year, in the order of its grades."""
    rows = session.scalars(
        select(SchoolClass)
        .where(SchoolClass.school_id == school.id, SchoolClass.start_year == year.start_year)
        .order_by(SchoolClass.name)
    )
    order = {grade: number for number, grade in enumerate(school.grades)}
    return sorted(rows, key=lambda each: order.get(each.grade, len(order)))
