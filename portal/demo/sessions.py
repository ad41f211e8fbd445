"""Invented sessions: those that took place, and those that are asked for."""

from __future__ import annotations

import random
from datetime import date, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.core.access import Actor, Appointment, Role
from portal.core.clock import SchoolYear
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.demo.schools import SCHOOLS
from portal.people.models import Membership, User
from portal.people.queries.appointments import actor_for
from portal.schools.models import School
from portal.visits.actions import booking, deciding
from portal.visits.actions.booking import Stay, take
from portal.visits.models import Method, Programme, Topic, Visit
from portal.visits.queries import slots, visits
from portal.visits.states import VisitState

SEED = 2026


def _school_days(year: SchoolYear) -> list[date]:
    """Return the days of this school year, so far, on which sessions took place."""
    first = year.first_day + timedelta(days=14)
    length = max((clock.today() - first).days, 0)
    days = (first + timedelta(days=offset) for offset in range(length))
    return [day for day in days if clock.is_working_day(day)]


def add_history(
    session: Session, schools: dict[str, School], workers: list[User], users: dict[str, User]
) -> None:
    """Add sessions of this school year and a few of the last one."""
    chance = random.Random(SEED)  # noqa: S311 - invented data, the same at every start
    programme = visits.list_programmes(session)[0]
    year = SchoolYear.of(clock.today())
    days = _school_days(year) or _school_days(SchoolYear(year.start_year - 1))
    chance.shuffle(days)
    for _district, _level, name, _pupils, sessions, _partner in SCHOOLS:
        for _number in range(sessions):
            day = days.pop() if days else clock.today() - timedelta(days=200)
            _add_delivered(session, schools[name], programme, day, chance.choice(workers), users)
    for name in ("SMP Bukit Kelapa", "SD Taman Aksara", "SMK Cipta Bahari"):
        day = _workday(year.first_day - timedelta(days=chance.randrange(60, 240)))
        _add_delivered(session, schools[name], programme, day, chance.choice(workers), users)


def _workday(day: date) -> date:
    return day if clock.is_working_day(day) else clock.add_working_days(day, 1)


def _add_delivered(
    session: Session,
    school: School,
    programme: Programme,
    day: date,
    worker: User,
    users: dict[str, User],
) -> None:
    chance = random.Random(school.npsn)  # noqa: S311 - invented data, the same at every start
    starts_at = clock.at_wib(day, time(8))
    ends_at = starts_at + timedelta(minutes=programme.minutes)
    heads = chance.randrange(40, 160)
    topics = visits.list_topics(session, programme.id, school.level)
    visit = Visit(
        id=new_id(),
        reference=f"D{school.npsn[-4:]}{chance.randrange(10)}",
        programme_id=programme.id,
        school_id=school.id,
        social_worker_id=worker.id,
        state=VisitState.DELIVERED,
        topic_id=topics[0].id,
        grades=[school.grades[0]],
        expected_heads=heads,
        starts_at=starts_at,
        ends_at=ends_at,
        requested_by=users["Yuni Astuti"].id,
        requested_at=starts_at - timedelta(days=20),
        answer_by=starts_at - timedelta(days=18),
        decided_by=users["Yuni Astuti"].id,
        decided_at=starts_at - timedelta(days=19),
        delivered_by=worker.id,
        delivered_at=ends_at + timedelta(hours=2),
        method=chance.choice(list(Method)),
        heads_girls=heads // 2,
        heads_boys=heads - heads // 2,
        heads_adults=chance.randrange(2, 9),
    )
    session.add(visit)
    session.flush()
    take(session, Stay(school.id, worker.id, starts_at, ends_at), visit_id=visit.id)


def add_open_work(session: Session, schools: dict[str, School], users: dict[str, User]) -> None:
    """Add requests that wait, and sessions that are planned, through the portal's own rules."""
    coordinator = actor_for(session, users["Yuni Astuti"])
    wishes = (
        ("SMP Tunas Harapan", 7, "approve"),
        ("SD Embun Pagi", 2, "approve"),
        ("SD Kali Jernih", 3, "wait"),
        ("SMP Kaki Bukit", 3, "wait"),
        ("MTs Cahaya Iman", 5, "wait"),
        ("SD Ladang Bunga", 9, "wait"),
        ("SMA Langit Biru", 11, "decline"),
    )
    for name, skip, outcome in wishes:
        visit = _request(session, schools[name], skip)
        if visit and outcome == "approve":
            command = deciding.Approval(visit.social_worker_id)
            deciding.approve(session, coordinator, visit, schools[name], command)
        elif visit and outcome == "decline":
            deciding.decline(
                session, coordinator, visit, "Semua peksos bertugas hari itu. Pilih hari lain, ya."
            )
    session.flush()


def _request(session: Session, school: School, skip: int) -> Visit | None:
    """Ask for the free slot after `skip` others, as the school's principal would."""
    programme = visits.list_programmes(session)[0]
    office = settings.read(session)
    first, last = slots.booking_window(office)
    diary = slots.load_diary(session, office, first, last)
    free = list(diary.slots(slots.Place.of(school), programme.minutes, first, last))
    if len(free) <= skip:
        return None
    topic: Topic = visits.list_topics(session, programme.id, school.level)[0]
    grades = school.grades
    wanted = booking.Request(
        programme=programme,
        starts_at=free[skip].starts_at,
        topic_id=topic.id,
        own_topic="",
        grades=(grades[1 if len(grades) > 1 else 0],),
        expected_heads=min(programme.most_people, (school.pupil_count or 100) // len(grades)),
        room="Aula",
    )
    try:
        return booking.request_visit(session, principal_of(session, school), school, wanted)
    except Rejected:
        return None


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
