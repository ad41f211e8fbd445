"""Invented sessions: those that took place, and those that are asked for."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, codes, settings
from portal.core.access import Actor, Appointment, Role
from portal.core.clock import SchoolYear
from portal.core.db import new_id
from portal.demo.schools import SCHOOLS
from portal.people.models import Membership, User
from portal.people.queries.appointments import actor_for
from portal.schools.models import School
from portal.visits.actions import booking, deciding
from portal.visits.actions.cells import Stay, take
from portal.visits.models import Method, Programme, Topic, Visit
from portal.visits.queries import slots, visits
from portal.visits.states import VisitState

SEED = 2026
# The usual starts; far enough apart for the way between two schools.
MORNING, LATER, NOON = time(8), time(10), time(13)
# Schools whose only session was last school year, and how many days before this one began.
LAST_YEAR = {"SMP Bukit Kelapa": 75, "SD Taman Aksara": 131, "SMK Cipta Bahari": 192}


def _school_days(count: int) -> list[date]:
    """Return so many days or more, up to now, on which sessions took place.

    They are those of this school year, and of the last one too while these are too few.
    """
    year = SchoolYear.of(clock.today())
    days: list[date] = []
    for first in (year.first_day, SchoolYear(year.start_year - 1).first_day):
        if len(days) < count:
            begun = first + timedelta(days=14)
            every = range(max((clock.today() - begun).days, 0))
            days = [begun + timedelta(days=offset) for offset in every]
            days = [day for day in days if clock.is_working_day(day)]
    return days


def add_history(
    session: Session, schools: dict[str, School], workers: list[User], users: dict[str, User]
) -> None:
    """Add sessions of this school year and a few of the last one."""
    chance = random.Random(SEED)  # noqa: S311 - invented data, the same at every start
    programme = visits.list_programmes(session)[0]
    names = [each[2] for each in SCHOOLS for _number in range(each[4])]
    days = chance.sample(_school_days(len(names)), len(names))
    held = [(name, clock.at_wib(day, MORNING)) for name, day in zip(names, days, strict=True)]
    first = SchoolYear.of(clock.today()).first_day
    for name, before in LAST_YEAR.items():
        held.append((name, clock.at_wib(_workday(first - timedelta(days=before)), LATER)))
    for name, starts_at in held:
        _add_delivered(session, schools[name], programme, starts_at, chance.choice(workers), users)


def _workday(day: date) -> date:
    return day if clock.is_working_day(day) else clock.add_working_days(day, 1)


def _add_delivered(
    session: Session,
    school: School,
    programme: Programme,
    starts_at: datetime,
    worker: User,
    users: dict[str, User],
) -> None:
    chance = random.Random(school.npsn)  # noqa: S311 - invented data, the same at every start
    heads = chance.randrange(40, 160)
    add_visit(
        session,
        school,
        programme,
        starts_at,
        worker,
        users["Yuni Astuti"],
        reference=f"D{school.npsn[-4:]}{chance.randrange(10)}",
        state=VisitState.DELIVERED,
        expected_heads=heads,
        delivered_by=worker.id,
        delivered_at=starts_at + timedelta(minutes=programme.minutes, hours=2),
        method=chance.choice(list(Method)),
        heads_girls=heads // 2,
        heads_boys=heads - heads // 2,
        heads_adults=chance.randrange(2, 9),
    )


def add_visit(
    session: Session,
    school: School,
    programme: Programme,
    starts_at: datetime,
    worker: User,
    coordinator: User,
    **facts: Any,
) -> Visit:
    """Add a session that was settled some weeks before it began, with its time.

    Raises LookupError where the worker or the school has no time then.
    """
    topics = visits.list_topics(session, programme.id, school.level)
    known = {
        "id": new_id(),
        "reference": codes.new_code(booking.REFERENCE_LENGTH),
        "programme_id": programme.id,
        "school_id": school.id,
        "social_worker_id": worker.id,
        "state": VisitState.SCHEDULED,
        "topic_id": topics[0].id,
        "grades": [school.grades[0]],
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=programme.minutes),
        "requested_by": coordinator.id,
        "requested_at": starts_at - timedelta(days=20),
        "answer_by": starts_at - timedelta(days=18),
        "decided_by": coordinator.id,
        "decided_at": starts_at - timedelta(days=19),
    }
    visit = Visit(**(known | facts))
    session.add(visit)
    session.flush()
    stay = Stay(school.id, (worker.id,), visit.starts_at, visit.ends_at)
    if not take(session, stay, visit_id=visit.id):
        raise LookupError(f"no time at {school.name} on {starts_at:%Y-%m-%d}")
    return visit


def add_open_work(session: Session, schools: dict[str, School], users: dict[str, User]) -> None:
    """Add requests that wait, and sessions that are planned, through the portal's own rules."""
    coordinator = actor_for(session, users["Yuni Astuti"])
    programme = visits.list_programmes(session)[0]
    asked = (
        ("SD Embun Pagi", 2, "approve"),
        ("SD Kali Jernih", 3, "wait"),
        ("SMP Kaki Bukit", 3, "wait"),
        ("MTs Cahaya Iman", 5, "wait"),
        ("SD Ladang Bunga", 9, "wait"),
        ("SMA Langit Biru", 11, "decline"),
    )
    for name, skip, outcome in asked:
        school = schools[name]
        wanted = request_of(
            session, school, programme, free_start(session, school, programme, skip)
        )
        visit = booking.request_visit(session, principal_of(session, school), school, wanted)
        if outcome == "approve":
            command = deciding.Approval(visit.social_worker_id)
            deciding.approve(session, coordinator, visit, school, command)
        elif outcome == "decline":
            deciding.decline(
                session, coordinator, visit, "Semua peksos bertugas hari itu. Pilih hari lain, ya."
            )
    session.flush()


def free_starts(
    session: Session, school: School, programme: Programme, crew: int = 1
) -> Iterator[datetime]:
    """Yield the times a school could book for so many social workers, the earliest first."""
    office = settings.read(session)
    first, last = slots.booking_window(office, programme.notice_working_days)
    diary = slots.load_diary(session, office, first, last)
    place = slots.Place.of(school, programme=programme)
    free = diary.slots(place, programme.minutes, first, last, crew=crew)
    return (slot.starts_at for slot in free)


def free_start(session: Session, school: School, programme: Programme, skip: int) -> datetime:
    """Return a time a school could book, so many before it left to others.

    Raises LookupError where there are not so many.
    """
    start = next(islice(free_starts(session, school, programme), skip, None), None)
    if start is None:
        raise LookupError(f"no free time for {school.name}")
    return start


def request_of(
    session: Session,
    school: School,
    programme: Programme,
    starts_at: datetime,
    adults: int | None = None,
) -> booking.Request:
    """Return what a school asks for: one of its grades comes, or so many adults."""
    topic: Topic = visits.list_topics(session, programme.id, school.level)[0]
    grades = school.grades[1:2] if len(school.grades) > 1 else school.grades
    pupils = (school.pupil_count or 100) // len(school.grades)
    return booking.Request(
        programme=programme,
        starts_at=starts_at,
        topic_id=topic.id,
        own_topic="",
        grades=() if adults else grades,
        expected_heads=min(programme.most_people, adults or pupils),
        room="Aula",
    )


def principal_of(session: Session, school: School) -> Actor:
    """Return somebody who may ask for this school; where nobody is invented, a stand-in."""
    held: UUID | None = session.scalar(
        select(Membership.user_id).where(
            Membership.school_id == school.id, Membership.role == Role.PRINCIPAL
        )
    )
    stand_in = held or session.scalar(
        select(Membership.user_id).where(Membership.role == Role.COORDINATOR)
    )
    if stand_in is None:
        raise LookupError("nobody to ask for a session")
    user = session.get_one(User, stand_in)
    return Actor(user.id, user.full_name, (Appointment(Role.PRINCIPAL, school.id),))
