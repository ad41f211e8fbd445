"""Correcting one school: its former name stays, and nobody overwrites a colleague."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.db import Database, transaction
from portal.core.errors import Rejected
from portal.schools.actions import SchoolChange, change_school
from portal.schools.models import School
from tests.builders import Builder


@pytest.fixture
def admin(build: Builder) -> Actor:
    """Return somebody who corrects the register."""
    return build.actor(build.user(Role.ADMIN))


def change(session: Session, actor: Actor, school: School, **changed: Any) -> School:
    """Correct a school as the form would."""
    found = session.get_one(School, school.id)
    values: dict[str, Any] = {
        "name": found.name,
        "aliases": tuple(found.aliases.splitlines()),
        "subdistrict": found.subdistrict,
        "address": found.address,
        "week_days": found.week_days,
        "pupil_count": found.pupil_count,
        "active": found.active,
    }
    with transaction(session):
        change_school(session, actor, found, SchoolChange(**{**values, **changed}))
    return found


def test_every_value(session: Session, build: Builder, admin: Actor) -> None:
    before = clock.now()
    found = change(
        session,
        admin,
        build.school(),
        subdistrict="Imopuro",
        address="Jalan 1",
        week_days=6,
        pupil_count=None,
        active=False,
        aliases=("SMP Satu", "SMP Satu", "SMP Dua"),
    )
    assert (found.subdistrict, found.address, found.week_days) == ("Imopuro", "Jalan 1", 6)
    assert (found.pupil_count, found.active) == (None, False)
    assert found.aliases == "SMP Satu\nSMP Dua"
    assert found.changed_at >= before


def test_a_former_name_stays_findable(session: Session, build: Builder, admin: Actor) -> None:
    school = build.school("SMP LAMA", aliases="SMP PERTAMA")
    found = change(session, admin, school, name="SMP BARU")
    assert (found.name, found.aliases) == ("SMP BARU", "SMP PERTAMA\nSMP LAMA")
    assert change(session, admin, school, name="SMP LAMA").aliases == "SMP PERTAMA\nSMP BARU"


def test_too_many_other_names(session: Session, build: Builder, admin: Actor) -> None:
    with pytest.raises(Rejected, match="aliases_full") as refused:
        change(session, admin, build.school(), aliases=("A" * 300, "B" * 300))
    assert refused.value.field == "aliases"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_else_corrects(session: Session, build: Builder, role: Role) -> None:
    school = build.school()
    place = school if role in {Role.PRINCIPAL, Role.SCHOOL_OPERATOR, Role.TEACHER} else None
    actor = build.actor(build.user(role, place))
    with pytest.raises(Rejected, match="not_allowed"):
        change(session, actor, school, name="SMP LAIN")


def test_a_colleague_was_faster(
    session: Session, build: Builder, admin: Actor, database: Database
) -> None:
    school = build.school()
    mine = session.get_one(School, school.id)
    session.commit()
    with database.writer() as colleague:
        change(colleague, admin, school, address="Jalan Kolega")
    assert mine.address == ""
    with pytest.raises(Rejected, match="state_changed"):
        change(session, admin, school, address="Jalan Saya")
    session.expire_all()
    assert session.get_one(School, school.id).address == "Jalan Kolega"


def test_nothing_changed_is_nothing_written(session: Session, build: Builder, admin: Actor) -> None:
    school = build.school()
    assert change(session, admin, school).version == school.version
    assert change(session, admin, school, address="Jalan Saya").version == school.version + 1
