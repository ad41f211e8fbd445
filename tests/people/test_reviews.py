"""Handing work over when a role ends, and the review of who still holds one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from time_machine import Traveller

from portal.core import clock, duties
from portal.core.access import Role
from portal.core.db import new_id, transaction
from portal.core.duties import Due, Duty
from portal.core.errors import Rejected
from portal.people.actions import appointments
from portal.people.models import Membership, User
from portal.people.queries.appointments import successors, to_review
from portal.schools.models import School
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.people.doors import is_in
from tests.trail import last, trail
from tests.visits.screen import Screen

DAY = timedelta(days=1)


def membership_of(build: Builder, user: User) -> Membership:
    """Return somebody's newest appointment."""
    with build.database.reader() as session:
        found = select(Membership).where(Membership.user_id == user.id)
        return max(session.scalars(found), key=lambda each: each.id)


def address_of(build: Builder, user: User, leaf: str = "akhiri") -> str:
    """Return the address of something about somebody's role."""
    return f"/pengguna/{membership_of(build, user).public_id}/{leaf}"


def due_for(build: Builder, user: User) -> Duty:
    """Let something wait for somebody."""
    tomorrow = clock.now() + DAY
    wanted = Due("record_delivery", new_id(), "/sesi", tomorrow, {}, person_id=user.id)
    with build.database.writer() as session, transaction(session):
        return duties.open_duty(session, wanted)


def test_open_work_goes_to_the_successor_and_done_work_stays(
    app: Flask, build: Builder, school: School, principal: User, teacher: User
) -> None:
    heir = build.user(Role.TEACHER, school, name="Guru Penerus")
    there = PageClient(app).sign_in(teacher)
    boss = PageClient(app).sign_in(principal)
    waits, done = due_for(build, teacher), due_for(build, teacher)
    with build.database.writer() as session, transaction(session):
        duties.close_duties(session, done.subject_id)
    page = Screen(boss.get(address_of(build, teacher)))
    assert len(page.options("successor")) == 2
    assert page.options("successor")[1] == "Guru Penerus"
    assert boss.post(address_of(build, teacher), {"successor": heir.public_id}).status_code == 303
    assert build.fresh(Duty, waits.id).person_id == heir.id
    assert build.fresh(Duty, done.id).person_id == teacher.id
    assert not is_in(there)
    entry = last(build.database, "membership")
    assert (entry.action, entry.actor_id) == ("membership.ended", principal.id)
    assert entry.facts["successor_id"] == heir.id.hex


def test_without_a_successor_the_work_stays_for_the_office(
    app: Flask, build: Builder, principal: User, teacher: User
) -> None:
    waits = due_for(build, teacher)
    boss = PageClient(app).sign_in(principal)
    assert boss.post(address_of(build, teacher), {"successor": ""}).status_code == 303
    assert build.fresh(Duty, waits.id).person_id == teacher.id


@on_sqlite
@pytest.mark.parametrize("fit", ["other role", "other school", "ended", "oneself", "invented"])
def test_only_who_holds_the_same_role_at_the_same_place_takes_over(
    app: Flask, build: Builder, school: School, principal: User, teacher: User, fit: str
) -> None:
    yesterday = clock.today() - DAY
    heirs = {
        "other role": lambda: build.user(Role.SCHOOL_OPERATOR, school),
        "other school": lambda: build.user(Role.TEACHER, build.school()),
        "ended": lambda: build.user(Role.TEACHER, school, ends_on=yesterday),
        "oneself": lambda: teacher,
        "invented": lambda: User(id=new_id(), public_id="x" * 22),
    }
    heir = heirs[fit]()
    waits = due_for(build, teacher)
    boss = PageClient(app).sign_in(principal)
    chosen = {"successor": heir.public_id}
    assert boss.post(address_of(build, teacher), chosen).status_code == 422
    actor = build.actor(principal)
    with build.database.writer() as session:
        held = session.get_one(Membership, membership_of(build, teacher).id)
        assert heir.id not in [user.id for user in successors(session, held)]
        with pytest.raises(Rejected, match="successor_unfit"), transaction(session):
            appointments.end_membership(session, actor, held, heir.id)
    assert membership_of(build, teacher).ends_on is None
    assert build.fresh(Duty, waits.id).person_id == teacher.id


def test_at_the_office_too_colleagues_of_the_same_role_take_over(
    app: Flask, build: Builder
) -> None:
    leaver, heir = build.worker("Sari"), build.worker("Dewi")
    build.user(Role.COORDINATOR)
    boss = PageClient(app).sign_in(build.user(Role.ADMIN))
    page = Screen(boss.get(address_of(build, leaver)))
    assert page.options("successor")[1:] == ["Dewi"]
    assert boss.post(address_of(build, leaver), {"successor": heir.public_id}).status_code == 303
    assert not build.actor(leaver).appointments


def test_of_two_who_end_a_role_the_second_is_told(
    app: Flask, build: Builder, school: School, principal: User, teacher: User
) -> None:
    heir = build.user(Role.TEACHER, school)
    address, chosen = address_of(build, teacher), {"successor": heir.public_id}
    first, second = PageClient(app).sign_in(principal), PageClient(app).sign_in(principal)
    assert first.post(address, {"successor": ""}).status_code == 303
    waits = due_for(build, teacher)
    second.get("/pengguna?bahasa=en")
    response = second.post(address, chosen)
    assert response.status_code == 422
    assert "Somebody has already gone on with this." in response.text
    assert build.fresh(Duty, waits.id).person_id == teacher.id
    ended = [each for each in trail(build.database) if each.action == "membership.ended"]
    assert len(ended) == 1


def reviewed(build: Builder, admin: User, months: int = 6) -> set[str]:
    """Return whose roles wait to be confirmed."""
    with build.database.reader() as session:
        found = to_review(session, build.actor(admin), months)
        return {membership.user.full_name for membership in found}


@pytest.fixture
def admin(build: Builder) -> User:
    """Return the office's administrator."""
    return build.user(Role.ADMIN, name="Admin")


def since(build: Builder, user: User, days: int) -> None:
    """Let somebody hold a role for so many days."""
    with build.database.writer() as session, transaction(session):
        held = session.get_one(Membership, membership_of(build, user).id)
        held.starts_on = clock.today() - days * DAY


def test_a_role_nobody_confirmed_for_six_months_comes_up(
    app: Flask, build: Builder, teacher: User, admin: User, now: Traveller
) -> None:
    build.user(Role.VOLUNTEER, name="Relawan Baru")
    gone = build.user(Role.VOLUNTEER, name="Relawan Dulu", ends_on=clock.today() - DAY)
    since(build, gone, 400)
    since(build, teacher, 182)
    assert reviewed(build, admin) == set()
    since(build, teacher, 184)
    assert reviewed(build, admin) == {"Dedi Guru"}
    client = PageClient(app).sign_in(admin)
    assert "/pengguna/tinjau" in Screen(client.get("/pengguna")).links()
    confirm = address_of(build, teacher, "masih")
    assert confirm in Screen(client.get("/pengguna/tinjau")).actions()
    assert client.post(confirm).status_code == 303
    kept = membership_of(build, teacher)
    assert (kept.reviewed_by, kept.reviewed_at) == (admin.id, clock.now())
    assert last(build.database).action == "membership.confirmed"
    assert reviewed(build, admin) == set()
    now.shift(182 * DAY)
    assert "Dedi Guru" not in reviewed(build, admin)
    now.shift(DAY)
    assert "Dedi Guru" in reviewed(build, admin)


@on_sqlite
def test_the_office_decides_after_how_many_months(
    app: Flask, build: Builder, teacher: User, admin: User
) -> None:
    since(build, teacher, 45)
    client = PageClient(app).sign_in(admin)
    confirm = address_of(build, teacher, "masih")
    assert confirm not in Screen(client.get("/pengguna/tinjau")).actions()
    build.setting("access_review_months", 1)
    assert confirm in Screen(client.get("/pengguna/tinjau")).actions()


def test_nobody_confirms_the_own_role(app: Flask, build: Builder, admin: User) -> None:
    since(build, admin, 400)
    client = PageClient(app).sign_in(admin)
    confirm = address_of(build, admin, "masih")
    page = Screen(client.get("/pengguna/tinjau"))
    assert "Admin" in page.text
    assert confirm not in page.actions()
    assert client.post(confirm).status_code == 303
    assert membership_of(build, admin).reviewed_at is None
    colleague = PageClient(app).sign_in(build.user(Role.ADMIN))
    assert colleague.post(confirm).status_code == 303
    assert membership_of(build, admin).reviewed_at is not None


@on_sqlite
def test_only_the_administrator_reviews(
    app: Flask, build: Builder, principal: User, teacher: User
) -> None:
    for user in (principal, build.user(Role.DIVISION_HEAD), build.user(Role.COORDINATOR)):
        client = PageClient(app).sign_in(user)
        assert client.get("/pengguna/tinjau").status_code == 403
        assert client.post(address_of(build, teacher, "masih")).status_code == 403
    assert membership_of(build, teacher).reviewed_at is None
