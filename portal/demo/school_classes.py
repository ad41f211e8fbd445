"""Invented classes of two schools: one has named its homeroom teachers, one is asked anew."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.clock import SchoolYear
from portal.people.models import User
from portal.people.queries.appointments import actor_for
from portal.schools.actions import classes, moving_up
from portal.schools.actions.classes import Homeroom
from portal.schools.models import School, SchoolClass

SETTLED, ASKED_ANEW = "SMP Tunas Harapan", "SD Rimba Hijau"
# Class, pupils, and its homeroom teacher: somebody with an account, or a name alone.
CLASSES = {
    "7A": (27, "Dedi Kurniawan"),
    "7B": (29, "Wahyu Santoso"),
    "8A": (31, "Nurul Hidayah"),
    "8B": (30, "Lestari Handayani"),
    "9A": (28, "Arif Setiawan"),
    "9B": (28, "Maya Puspita"),
}
LAST_YEAR = {
    "1": ("Siti Aminah", 26),
    "2": ("Yanti Lestari", 28),
    "3": ("Hendra Wijaya", 27),
    "4": ("Dian Safitri", 29),
    "5": ("Rudi Hermawan", 30),
    "6": ("Endah Wulan", 29),
}


def add_school_classes(
    session: Session, schools: dict[str, School], users: dict[str, User]
) -> None:
    """Add the classes of a school that is done, and of one whose classes have just moved up."""
    _settle(session, schools[SETTLED], users)
    _move_up(session, schools[ASKED_ANEW], users)
    session.flush()


def _settle(session: Session, school: School, users: dict[str, User]) -> None:
    principal = actor_for(session, users["Ratna Dewi"])
    names = {grade: [name for name in CLASSES if name[0] == grade] for grade in school.grades}
    classes.add_classes(session, principal, school, names)
    named = {}
    for each in session.scalars(select(SchoolClass).where(SchoolClass.school_id == school.id)):
        each.pupil_count, teacher = CLASSES[each.name]
        named[each.id] = _homeroom(teacher, users)
    classes.name_homerooms(session, principal, school, named)


def _homeroom(name: str, users: dict[str, User]) -> Homeroom:
    return Homeroom(users[name].id if name in users else None, name)


def _move_up(session: Session, school: School, users: dict[str, User]) -> None:
    """Add last year's classes, and let them go on into this one as each July does."""
    year = SchoolYear.of(clock.today())
    for grade, (teacher, pupils) in LAST_YEAR.items():
        homeroom = _homeroom(teacher, users)
        session.add(
            SchoolClass(
                school_id=school.id,
                start_year=year.start_year - 1,
                grade=grade,
                name=grade,
                pupil_count=pupils,
                homeroom_id=homeroom.user_id,
                homeroom_name=homeroom.name,
                confirmed_at=clock.now(),
            )
        )
    session.flush()
    moving_up.move_up(session, None, school.id, year)
