"""Reading the classes of a school, year by year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.core.clock import SchoolYear
from portal.schools import policy
from portal.schools.models import School, SchoolClass
from portal.schools.queries.above import Colleague


@dataclass(frozen=True)
class Grade:
    """The classes of one grade."""

    grade: str
    classes: tuple[SchoolClass, ...]

    @property
    def pupils(self) -> int:
        """Return how many pupils are counted in them."""
        return sum(each.pupil_count or 0 for each in self.classes)


def of_year(session: Session, school: School, year: SchoolYear) -> list[SchoolClass]:
    """Return a school's classes of a school year, in the order of its grades."""
    rows = session.scalars(
        select(SchoolClass)
        .where(SchoolClass.school_id == school.id, SchoolClass.start_year == year.start_year)
        .order_by(SchoolClass.name)
    )
    order = {grade: number for number, grade in enumerate(school.grades)}
    return sorted(rows, key=lambda each: order.get(each.grade, len(order)))


def by_grade(school: School, classes: list[SchoolClass]) -> list[Grade]:
    """Return classes by their grades, those a school teaches no more at the end."""
    grades = dict.fromkeys([*school.grades, *(each.grade for each in classes)])
    found = (
        Grade(grade, tuple(each for each in classes if each.grade == grade)) for grade in grades
    )
    return [grade for grade in found if grade.classes]


def years(session: Session, actor: Actor, school_id: UUID) -> dict[SchoolYear, int]:
    """Return the school years a school kept classes in, the newest first, and how many."""
    rows = session.execute(
        select(SchoolClass.start_year, func.count())
        .where(SchoolClass.school_id == school_id, policy.classes_visible_to(actor))
        .group_by(SchoolClass.start_year)
        .order_by(SchoolClass.start_year.desc())
    )
    return {SchoolYear(start_year): number for start_year, number in rows}


def get_class(
    session: Session, actor: Actor, school_id: UUID, public_id: str
) -> SchoolClass | None:
    """Return one class of a school, if the actor may see it."""
    return session.scalar(
        select(SchoolClass).where(
            SchoolClass.public_id == public_id,
            SchoolClass.school_id == school_id,
            policy.classes_visible_to(actor),
        )
    )


def waits_for_homeroom(each: SchoolClass) -> bool:
    """Say whether a class has no homeroom teacher, and nobody said that it is right so."""
    return each.confirmed_at is None and each.homeroom_id is None and not each.homeroom_name


def homeroom_of(each: SchoolClass, staff: Sequence[Colleague]) -> str:
    """Return who the homeroom teacher is, as they are called today; empty where nobody is named."""
    called = (one.full_name for one in staff if one.user_id == each.homeroom_id)
    return next(called, each.homeroom_name)
