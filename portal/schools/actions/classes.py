"""Keeping the classes of a school year: naming, changing, taking out, confirming them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portal.core import clock, duties, settings
from portal.core.access import Actor, Permission, Role
from portal.core.clock import SchoolYear
from portal.core.duties import Due
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.schools.events import (
    ClassChanged,
    ClassesAdded,
    ClassesConfirmed,
    ClassRemoved,
    HomeroomsNamed,
)
from portal.schools.models import School, SchoolClass
from portal.schools.queries import classes as queries
from portal.schools.queries.above import Colleague

NAME_HOMEROOMS = "name_homerooms"
MOST_CLASSES = 120


@dataclass(frozen=True)
class Homeroom:
    """Who is asked first about a class: a name, and the account where there is one.

    The name stays with the class when its bearer has left the school.
    """

    user_id: UUID | None = None
    name: str = ""


def homeroom_called(name: str, staff: Sequence[Colleague]) -> Homeroom:
    """Return whom a name means: the one colleague with an account who is called so, or nobody."""
    called = {each.user_id: each.full_name for each in staff if _same(each.full_name, name)}
    if len(called) != 1:
        return Homeroom(None, name)
    return Homeroom(*next(iter(called.items())))


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


@dataclass(frozen=True)
class ClassFacts:
    """A class as its school wants it."""

    grade: str
    name: str
    pupil_count: int | None
    homeroom: Homeroom


def add_classes(
    session: Session, actor: Actor, school: School, names: Mapping[str, Sequence[str]]
) -> int:
    """Name classes of this school year by grade; returns how many are new, those known stay.

    Raises Rejected("not_allowed"), Rejected("school_inactive"), Rejected("classes_none"),
    Rejected("class_elsewhere", name=...) for a name that another grade has, or
    Rejected("classes_many").
    """
    _check(session, actor, school)
    year = SchoolYear.of(clock.today())
    known = {each.name: each.grade for each in queries.of_year(session, school, year)}
    wanted = [(grade, name) for grade, given in names.items() for name in dict.fromkeys(given)]
    if not wanted:
        raise Rejected("classes_none")
    added: dict[str, str] = {}
    for grade, name in wanted:
        if {**known, **added}.get(name, grade) != grade:
            raise Rejected("class_elsewhere", f"grade_{grade}", name=name)
        if name not in known:
            added[name] = grade
    if len(known) + len(added) > MOST_CLASSES:
        raise Rejected("classes_many", most=MOST_CLASSES)
    session.add_all(
        _confirm(
            SchoolClass(school_id=school.id, start_year=year.start_year, grade=grade, name=name),
            actor,
        )
        for name, grade in added.items()
    )
    session.flush()
    if added:
        emit(session, actor, ClassesAdded(school.id, year.start_year, len(added)))
    return len(added)


def change_class(
    session: Session, actor: Actor, school: School, held: SchoolClass, wanted: ClassFacts
) -> None:
    """Correct a class of this school year; whoever corrects it says that it is right.

    Raises Rejected("not_allowed"), Rejected("school_inactive"), Rejected("class_of_past"), or
    Rejected("class_taken").
    """
    _check(session, actor, school)
    _check_present(held)
    year = SchoolYear(held.start_year)
    taken = {each.name for each in queries.of_year(session, school, year) if each.id != held.id}
    if wanted.name in taken:
        raise Rejected("class_taken", "name", name=wanted.name)
    values = {
        "grade": wanted.grade,
        "name": wanted.name,
        "pupil_count": wanted.pupil_count,
        "homeroom_id": wanted.homeroom.user_id,
        "homeroom_name": wanted.homeroom.name,
    }
    changed = [name for name, value in values.items() if value != getattr(held, name)]
    for name in changed:
        setattr(held, name, values[name])
    _confirm(held, actor)
    session.flush()
    if changed:
        emit(session, actor, ClassChanged(held.id, school.id, ",".join(sorted(changed))))
    settle_homerooms(session, school)


def remove_class(session: Session, actor: Actor, school: School, held: SchoolClass) -> None:
    """Take a class out that was never there; one that another followed stays.

    Raises Rejected("not_allowed"), Rejected("school_inactive"), Rejected("class_of_past"), or
    Rejected("class_followed").
    """
    _check(session, actor, school)
    _check_present(held)
    if session.scalar(select(exists().where(SchoolClass.follows_id == held.id))):
        raise Rejected("class_followed")
    removed = ClassRemoved(held.id, school.id, held.start_year)
    session.delete(held)
    session.flush()
    emit(session, actor, removed)
    settle_homerooms(session, school)


def name_homerooms(
    session: Session, actor: Actor, school: School, named: Mapping[UUID, Homeroom]
) -> None:
    """Say who the homeroom teachers of classes of this school year are, by the classes' ids.

    Raises Rejected("not_allowed") or Rejected("school_inactive").
    """
    _check(session, actor, school)
    year = SchoolYear.of(clock.today())
    count = 0
    for each in queries.of_year(session, school, year):
        homeroom = named.get(each.id)
        if homeroom is None:
            continue
        if (each.homeroom_id, each.homeroom_name) != (homeroom.user_id, homeroom.name):
            each.homeroom_id, each.homeroom_name = homeroom.user_id, homeroom.name
            count += 1
        if homeroom.name:
            _confirm(each, actor)
    session.flush()
    if count:
        emit(session, actor, HomeroomsNamed(school.id, year.start_year, count))
    settle_homerooms(session, school)


def confirm_classes(session: Session, actor: Actor, school: School) -> None:
    """Say that all classes of this school year are right as they stand.

    Raises Rejected("not_allowed") or Rejected("school_inactive").
    """
    _check(session, actor, school)
    year = SchoolYear.of(clock.today())
    waiting = [each for each in queries.of_year(session, school, year) if each.confirmed_at is None]
    for each in waiting:
        _confirm(each, actor)
    session.flush()
    if waiting:
        emit(session, actor, ClassesConfirmed(school.id, year.start_year, len(waiting)))
    settle_homerooms(session, school)


def settle_homerooms(session: Session, school: School) -> None:
    """Let a school's homeroom teachers wait to be named, until each is, or its class is right."""
    year = SchoolYear.of(clock.today())
    classes = queries.of_year(session, school, year)
    waits = school.active and any(queries.waits_for_homeroom(each) for each in classes)
    if not waits:
        duties.close_duties(session, school.id, NAME_HOMEROOMS)
        return
    if duties.is_open(session, school.id, NAME_HOMEROOMS):
        return
    days = settings.read(session)["homeroom_working_days"]
    due_on = school.week.add_days(clock.today(), days)
    duties.open_duty(
        session,
        Due(
            kind=NAME_HOMEROOMS,
            subject_id=school.id,
            role=Role.PRINCIPAL,
            school_id=school.id,
            link=f"/sekolah/{school.public_id}/kelas",
            due_at=clock.at_wib(due_on, clock.OFFICE_CLOSES),
            facts={"school": school.name, "year": year.label},
            week=school.week,
        ),
    )


def _check(session: Session, actor: Actor, school: School) -> None:
    if not actor.may(Permission.CLASS_WRITE, school.id):
        raise Rejected("not_allowed")
    # Two people of one school who name classes at once come one after the other.
    session.refresh(school, with_for_update=True)
    if not school.active:
        raise Rejected("school_inactive")


def _check_present(held: SchoolClass) -> None:
    if held.start_year != SchoolYear.of(clock.today()).start_year:
        raise Rejected("class_of_past")


def _confirm(each: SchoolClass, actor: Actor) -> SchoolClass:
    each.confirmed_at, each.confirmed_by = clock.now(), actor.user_id
    return each
