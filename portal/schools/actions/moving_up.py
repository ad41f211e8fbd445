"""A new school year: classes move up, the oldest graduate, the first grade begins anew."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from portal.core import clock
from portal.core.access import Actor, Permission
from portal.core.clock import SchoolYear
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.schools.actions.class_names import free_name, moved_up
from portal.schools.actions.classes import settle_homerooms
from portal.schools.events import ClassesMovedUp
from portal.schools.models import School, SchoolClass
from portal.schools.queries import classes as queries


def schools_to_move(session: Session, year: SchoolYear) -> list[UUID]:
    """Return the active schools that kept classes last year and have none in a school year yet."""
    last, this = aliased(SchoolClass), aliased(SchoolClass)
    kept = select(last.school_id).where(last.start_year == year.start_year - 1)
    moved = select(this.school_id).where(this.start_year == year.start_year)
    return list(
        session.scalars(
            select(School.id)
            .where(School.active, School.id.in_(kept), School.id.not_in(moved))
            .order_by(School.id)
        )
    )


def move_up_by_hand(session: Session, actor: Actor, school: School) -> None:
    """Let a school's classes of last year go on now.

    Raises Rejected("not_allowed") or, when all went on already, Rejected("classes_moved").
    """
    if not actor.may(Permission.CLASS_WRITE, school.id):
        raise Rejected("not_allowed")
    if not move_up(session, actor, school.id, SchoolYear.of(clock.today())):
        raise Rejected("classes_moved")


def move_up(session: Session, actor: Actor | None, school_id: UUID, year: SchoolYear) -> bool:
    """Let the classes of a school go on into a school year; False when nothing was left to do.

    Each becomes the next grade, keeps its pupils and is asked anew for its homeroom teacher; the
    first grade begins with the classes it had, without pupils. What goes on already stays.
    """
    school = session.get_one(School, school_id, with_for_update=True, populate_existing=True)
    last = queries.of_year(session, school, SchoolYear(year.start_year - 1))
    present = queries.of_year(session, school, year)
    if not school.active or not last:
        return False
    by_name = {each.name: each for each in present}
    followed = {each.follows_id for each in present}
    moved = [
        _follow(each, school, year, by_name)
        for each in last
        if each.id not in followed and _next_grade(school, each.grade)
    ]
    begun = [] if present else _begin(last, school, year, by_name)
    session.add_all([*moved, *begun])
    session.flush()
    if not moved and not begun:
        return False
    graduated = sum(each.grade == school.grades[-1] for each in last)
    emit(
        session,
        actor,
        ClassesMovedUp(school.id, year.start_year, len(moved), graduated, len(begun)),
    )
    settle_homerooms(session, school)
    return True


def _next_grade(school: School, grade: str) -> str | None:
    """Return the grade after one; None for the last, and for one this school does not teach."""
    if grade not in school.grades[:-1]:
        return None
    return school.grades[school.grades.index(grade) + 1]


def _follow(
    each: SchoolClass, school: School, year: SchoolYear, by_name: dict[str, SchoolClass]
) -> SchoolClass:
    """Return the class that carries another on: one somebody entered already, or a new one."""
    grade = _next_grade(school, each.grade) or each.grade
    name = moved_up(each.name, each.grade, grade)
    entered = by_name.get(name)
    if entered is not None and entered.follows_id is None and entered.grade == grade:
        entered.follows_id = each.id
        return entered
    return _new(school, year, grade, free_name(name, by_name), by_name, each)


def _begin(
    last: list[SchoolClass], school: School, year: SchoolYear, by_name: dict[str, SchoolClass]
) -> list[SchoolClass]:
    first = [each.name for each in last if each.grade == school.grades[0]]
    return [
        _new(school, year, school.grades[0], free_name(name, by_name), by_name, None)
        for name in first
    ]


def _new(
    school: School,
    year: SchoolYear,
    grade: str,
    name: str,
    by_name: dict[str, SchoolClass],
    follows: SchoolClass | None,
) -> SchoolClass:
    begun = SchoolClass(
        school_id=school.id,
        start_year=year.start_year,
        grade=grade,
        name=name,
        pupil_count=follows.pupil_count if follows else None,
        follows_id=follows.id if follows else None,
    )
    by_name[name] = begun
    return begun
