"""Records for tests, with invented names; every call commits."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

from argon2 import PasswordHasher

from portal.core import clock, settings
from portal.core.access import Actor, Role
from portal.core.db import Database, new_id, transaction
from portal.people.actions import sessions
from portal.people.models import Membership, User
from portal.people.queries.appointments import actor_for
from portal.schools.models import Authority, Level, Mou, Ownership, School
from portal.visits.actions.booking import Request, request_visit
from portal.visits.actions.cells import Stay, take
from portal.visits.models import Method, Programme, Visit, WorkingHours
from portal.visits.queries import slots, visits
from portal.visits.states import VisitState

PASSWORD = "kata sandi untuk uji"
# The shared secret of the second proof; every built person whose role needs one has it.
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_numbers = count(1)

T = TypeVar("T")


# Checking a password costs what its hash says. This one is of the same kind as the portal's own
# but as light as can be: hardly a test cares how long a guess takes, and hundreds sign in.
LIGHT = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@cache
def _password_hash() -> str:
    return LIGHT.hash(PASSWORD)


def next_school_day(after: date | None = None) -> date:
    """Return the first day a school may book, or the working day after a day."""
    if after:
        return clock.add_working_days(after, 1)
    return clock.add_working_days(clock.today(), 3)


def _appointment(user: User, role: Role, school: School | None, ends_on: date | None) -> Membership:
    return Membership(
        user_id=user.id,
        role=role,
        school_id=school.id if school else None,
        starts_on=clock.today() - timedelta(days=30),
        ends_on=ends_on,
    )


STRONG_ROLES = frozenset(settings.REGISTRY["second_factor_roles"].default)


class Builder:
    """Makes records in one database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.session = database.writer()

    def close(self) -> None:
        """Let go of the connection."""
        self.session.close()

    def save(self, record: T) -> T:
        """Commit a record."""
        with transaction(self.session):
            self.session.add(record)
        return record

    def setting(self, name: str, value: Any) -> None:
        """Change an office setting."""
        with transaction(self.session):
            settings.write(self.session, None, name, value)

    def school(
        self,
        name: str | None = None,
        *,
        district: str = "18.72.01",
        level: Level = Level.SMP,
        **more: Any,
    ) -> School:
        """Make a school."""
        number = next(_numbers)
        values: dict[str, Any] = {
            "npsn": f"98{number:06d}",
            "name": name or f"SMP Contoh {number}",
            "level": level,
            "ownership": Ownership.PUBLIC,
            "authority": Authority.CITY,
            "district_code": district,
            "pupil_count": 360,
            "changed_at": clock.now(),
        }
        return self.save(School(id=new_id(), **{**values, **more}))

    def mou(
        self,
        school: School,
        *,
        signed_on: date | None = None,
        valid_until: date | None = None,
        promised: int = 2,
    ) -> Mou:
        """Make an MoU, by default in force."""
        signed = signed_on or clock.today() - timedelta(days=100)
        return self.save(
            Mou(
                school_id=school.id,
                number=f"{next(_numbers)}/MOU/UJI",
                signed_on=signed,
                valid_until=valid_until or clock.today() + timedelta(days=300),
                promised_sessions=promised,
                recorded_at=clock.now(),
            )
        )

    def user(
        self,
        role: Role,
        school: School | None = None,
        *,
        name: str | None = None,
        ends_on: date | None = None,
        **more: Any,
    ) -> User:
        """Make a person with one appointment."""
        number = next(_numbers)
        values: dict[str, Any] = {
            "full_name": name or f"Orang Contoh {number}",
            "email": f"orang{number}@uji.example",
            "phone": f"+62812{number:08d}",
            "password_hash": _password_hash(),
            "created_at": clock.now(),
            "conduct_edition": 1,
            "conduct_accepted_at": clock.now(),
            "totp_secret": TOTP_SECRET if role in STRONG_ROLES else None,
        }
        user = User(id=new_id(), **{**values, **more})
        with transaction(self.session):
            self.session.add(user)
            self.session.flush()
            self.session.add(_appointment(user, role, school, ends_on))
        return user

    def appoint(
        self, user: User, role: Role, school: School | None = None, *, ends_on: date | None = None
    ) -> Membership:
        """Give a person another appointment."""
        return self.save(_appointment(user, role, school, ends_on))

    def worker(self, name: str | None = None, *, weekdays: range = range(5)) -> User:
        """Make a social worker who works 07.30 to 15.30."""
        user = self.user(Role.SOCIAL_WORKER, name=name)
        with transaction(self.session):
            self.session.add_all(
                WorkingHours(user_id=user.id, weekday=day, starts=time(7, 30), ends=time(15, 30))
                for day in weekdays
            )
        return user

    def actor(self, user: User) -> Actor:
        """Return a person as an actor."""
        with self.database.reader() as reading:
            return actor_for(reading, user)

    def programme(self, code: str = "pgts") -> Programme:
        """Return one of the programmes the migration laid in."""
        with self.database.reader() as reading:
            return next(each for each in visits.list_programmes(reading) if each.code == code)

    def request(self, starts_at: datetime, **more: Any) -> Request:
        """Return what a school asks for."""
        values: dict[str, Any] = {
            "programme": self.programme(),
            "starts_at": starts_at,
            "topic_id": None,
            "own_topic": "Berteman",
            "grades": ("7",),
            "expected_heads": 100,
        }
        return Request(**{**values, **more})

    def requested(self, user: User, school: School, starts_at: datetime, **more: Any) -> Visit:
        """Ask for a session by the portal's own rules."""
        actor = self.actor(user)
        with transaction(self.session):
            return request_visit(self.session, actor, school, self.request(starts_at, **more))

    def delivered(
        self,
        school: School,
        worker: User,
        day: date | None = None,
        *,
        programme: Programme | None = None,
        girls: int = 30,
        boys: int = 30,
        adults: int = 2,
        state: VisitState = VisitState.DELIVERED,
        at: time = time(8),
    ) -> Visit:
        """Make a session of the past."""
        programme = programme or self.programme()
        starts_at = clock.at_wib(day or clock.today() - timedelta(days=7), at)
        visit = Visit(
            id=new_id(),
            reference=f"U{next(_numbers):05d}",
            programme_id=programme.id,
            school_id=school.id,
            social_worker_id=worker.id,
            state=state,
            own_topic="Berteman",
            grades=["7"],
            expected_heads=60,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=programme.minutes),
            requested_by=worker.id,
            requested_at=starts_at - timedelta(days=9),
            answer_by=starts_at - timedelta(days=7),
            decided_by=worker.id,
            decided_at=starts_at - timedelta(days=8),
        )
        if state is VisitState.DELIVERED:
            visit.method = Method.MIXED
            visit.delivered_by, visit.delivered_at = worker.id, visit.ends_at
            visit.heads_girls, visit.heads_boys, visit.heads_adults = girls, boys, adults
        with transaction(self.session):
            self.session.add(visit)
            self.session.flush()
            take(
                self.session,
                Stay(school.id, (worker.id,), visit.starts_at, visit.ends_at),
                visit_id=visit.id,
            )
        return visit

    def first_slot(self, school: School, *, skip: int = 0) -> datetime:
        """Return the first start a school could book, after some others."""
        with self.database.reader() as reading:
            office = settings.read(reading)
            first, last = slots.booking_window(office)
            diary = slots.load_diary(reading, office, first, last)
            every = list(diary.slots(slots.Place.of(school), 90, first, last))
        return every[skip].starts_at

    def sign_in(self, user: User) -> str:
        """Open a signed-in session and return its token."""
        with transaction(self.session):
            return sessions.open_session(self.session, user, sessions.Device(), strong=True)

    def fresh(self, model: type[T], record_id: UUID) -> T:
        """Read a record anew, as it is really kept."""
        with self.database.reader() as reading:
            return reading.get_one(model, record_id)
