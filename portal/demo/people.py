"""Invented people and their accounts."""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass
from datetime import time, timedelta

from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.core.access import Actor, Role
from portal.core.clock import SchoolYear
from portal.core.db import new_id
from portal.people.actions.passwords import hash_password
from portal.people.models import Membership, User
from portal.schools.models import School
from portal.visits.actions import workers
from portal.visits.models import WorkingHours
from portal.visits.queries.slots import Terms

PASSWORD = "contoh-portal-mitra"  # noqa: S105 - of invented accounts, printed at every start
FULL_DAY = (time(7, 30), time(15, 30))
FRIDAY_INDEX = 4
FRIDAY = (time(7, 30), time(11, 30))
# Who works half the week: minutes of all work, and of sessions.
HALF_TIME, HALF_A_WEEK = "Nia Rahmawati", (1125, 360)
# Who is away from when to when, in days from today.
AWAY = {"Budi Hartono": (-3, 11), "Andi Pratama": (37, 39)}


@dataclass(frozen=True)
class Account:
    """One invented account, as `portal demo accounts --json` prints it."""

    role: str
    name: str
    school: str | None
    email: str | None
    phone: str | None
    password: str
    totp_secret: str | None = None


# role, full name, form of address, school; phone numbers from a block that is not given out
PEOPLE: tuple[tuple[Role, str, str, str | None], ...] = (
    (Role.PRINCIPAL, "Ratna Dewi", "Bu Ratna", "SMP Tunas Harapan"),
    (Role.TEACHER, "Dedi Kurniawan", "Pak Dedi", "SMP Tunas Harapan"),
    (Role.TEACHER, "Lestari Handayani", "Bu Lestari", "SMP Tunas Harapan"),
    (Role.SCHOOL_OPERATOR, "Fajar Prasetyo", "Pak Fajar", "SMP Tunas Harapan"),
    (Role.PRINCIPAL, "Mulyono", "Pak Mulyono", "SD Rimba Hijau"),
    (Role.TEACHER, "Siti Aminah", "Bu Siti", "SD Rimba Hijau"),
    (Role.TEACHER, "Hendra Wijaya", "Pak Hendra", "SD Rimba Hijau"),
    (Role.COORDINATOR, "Yuni Astuti", "Bu Yuni", None),
    (Role.SOCIAL_WORKER, "Sari Wulandari", "Bu Sari", None),
    (Role.SOCIAL_WORKER, "Andi Pratama", "Pak Andi", None),
    (Role.SOCIAL_WORKER, "Nia Rahmawati", "Bu Nia", None),
    (Role.SOCIAL_WORKER, "Budi Hartono", "Pak Budi", None),
    (Role.DIVISION_HEAD, "Endang Susilowati", "Bu Endang", None),
    (Role.ADMIN, "Rizki Ramadhan", "Pak Rizki", None),
    (Role.EDUCATION_OFFICE, "Tri Wahyuni", "Bu Tri", None),
    (Role.VOLUNTEER, "Putri Anggraini", "", None),
    (Role.OFFICE_HEAD, "Hartati Ningsih", "Bu Hartati", None),
)


def accounts() -> list[Account]:
    """Return the invented accounts."""
    return [
        Account(
            role.value, name, school, _email(name), _phone(number), PASSWORD, _totp(role, number)
        )
        for number, (role, name, _called, school) in enumerate(PEOPLE, 1)
    ]


def accounts_as_json() -> list[dict[str, str | None]]:
    """Return the invented accounts as plain dictionaries."""
    return [asdict(account) for account in accounts()]


def _email(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@contoh.example"


def _phone(number: int) -> str:
    return f"+6281200000{number:03d}"


def _totp(role: Role, number: int) -> str | None:
    """Return the invented secret of the second proof, for the roles that need one."""
    if role not in settings.REGISTRY["second_factor_roles"].default:
        return None
    return base64.b32encode(f"{number:03d}-contoh-portal-mitra".encode()[:20]).decode()


def add_people(session: Session, schools: dict[str, School]) -> dict[str, User]:
    """Add the invented people with their roles; return them by name."""
    # One hash for all: sixteen slow hashes would only make the first start slower.
    password_hash = hash_password(PASSWORD)
    users = {}
    for number, (role, name, called, school) in enumerate(PEOPLE, 1):
        user = User(
            id=new_id(),
            full_name=name,
            called=called,
            email=_email(name),
            phone=_phone(number),
            password_hash=password_hash,
            created_at=clock.now(),
            totp_secret=_totp(role, number),
            conduct_edition=1,
            conduct_accepted_at=clock.now(),
        )
        session.add(user)
        session.flush()
        session.add(
            Membership(
                user_id=user.id,
                role=role,
                school_id=schools[school].id if school else None,
                starts_on=SchoolYear.of(clock.today()).first_day - timedelta(days=400),
            )
        )
        users[name] = user
    session.flush()
    return users


def add_time(session: Session, people: list[User], coordinator: Actor) -> None:
    """Add when social workers work: one half the week, one on leave now, one on leave later."""
    for worker in people:
        half = worker.full_name == HALF_TIME
        for weekday in range(5):
            starts, ends = FRIDAY if half or weekday == FRIDAY_INDEX else FULL_DAY
            session.add(WorkingHours(user_id=worker.id, weekday=weekday, starts=starts, ends=ends))
        if half:
            terms = Terms(SchoolYear.of(clock.today()).first_day, *HALF_A_WEEK)
            workers.set_terms(session, coordinator, worker.id, terms)
        elif worker.full_name in AWAY:
            days = (clock.today() + timedelta(days=each) for each in AWAY[worker.full_name])
            workers.add_leave(session, coordinator, worker.id, *days)
    session.flush()
