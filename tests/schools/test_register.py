"""Correcting one school: its former name stays, and nobody overwrites a colleague."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.db import transaction
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
        "seen": found.changed_at,
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


def test_a_colleague_was_faster(session: Session, build: Builder, admin: Actor) -> None:
    school = build.school()
    seen = session.get_one(School, school.id).changed_at
    change(session, admin, school, address="Jalan Kolega")
    with pytest.raises(Rejected, match="state_changed"):
        change(session, admin, school, address="Jalan Saya", seen=seen)
    with pytest.raises(Rejected, match="state_changed"):
        change(session, admin, school, address="Jalan Saya", seen=None)
    session.expire_all()
    assert session.get_one(School, school.id).address == "Jalan Kolega"


def test_the_same_press_twice_is_no_conflict(
    session: Session, build: Builder, admin: Actor
) -> None:
    school = build.school()
    seen: datetime = session.get_one(School, school.id).changed_at
    for _ in range(2):
        change(session, admin, school, address="Jalan Saya", seen=seen)
