"""Who holds which role, and ending one."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.core import clock
from portal.core.access import SCHOOL_ROLES, Role
from portal.people.models import Membership, User
from portal.schools.models import School
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.people.doors import knock

DAY = timedelta(days=1)
NOBODY = {"successor": ""}
READERS = {Role.PRINCIPAL, Role.ADMIN, Role.DIVISION_HEAD, Role.OFFICE_HEAD}


def membership_of(build: Builder, user: User, at: School | None = None) -> Membership:
    """Return somebody's latest appointment (at a school), as it is kept."""
    query = sa.select(Membership).where(Membership.user_id == user.id)
    if at:
        query = query.where(Membership.school_id == at.id)
    with build.database.reader() as session:
        return max(session.scalars(query), key=lambda each: (each.starts_on, each.id))


def ending(build: Builder, user: User, at: School | None = None) -> str:
    """Return the address that ends somebody's role."""
    return f"/pengguna/{membership_of(build, user, at).public_id}/akhiri"


def test_a_principal_sees_the_people_of_the_own_school_only(
    client: PageClient, build: Builder, school: School, principal: User
) -> None:
    other = build.school("SMP Lain")
    build.user(Role.TEACHER, school, name="Guru Sendiri")
    build.user(Role.TEACHER, school, name="Guru Dulu", ends_on=clock.today() - DAY)
    build.user(Role.TEACHER, other, name="Guru Lain")
    build.user(Role.COORDINATOR, name="Orang Kantor")
    page = client.sign_in(principal).get("/pengguna").text
    for name in ("Ibu Kepala", "Guru Sendiri"):
        assert name in page
    for name in ("Guru Lain", "Orang Kantor", "Guru Dulu", "SMP Lain"):
        assert name not in page
    everybody = client.sign_in(build.user(Role.ADMIN)).get("/pengguna").text
    for name in ("Ibu Kepala", "Guru Sendiri", "Guru Lain", "Orang Kantor"):
        assert name in everybody
    assert "Guru Dulu" not in everybody


@on_sqlite
@pytest.mark.parametrize(
    "role", [role for role in Role if role not in {Role.PRINCIPAL, Role.ADMIN}]
)
def test_nobody_else_ends_roles_and_only_the_heads_list_people(
    client: PageClient, build: Builder, school: School, role: Role
) -> None:
    teacher = build.user(Role.TEACHER, school)
    client.sign_in(build.user(role, school if role in SCHOOL_ROLES else None))
    page = client.get("/pengguna")
    assert page.status_code == (200 if role in READERS else 403)
    assert ending(build, teacher) not in page.text
    assert client.get(ending(build, teacher)).status_code == 403
    assert client.post(ending(build, teacher), NOBODY).status_code == 403
    assert membership_of(build, teacher).ends_on is None


def test_ending_a_role_signs_the_person_out_at_once(
    app: Flask, build: Builder, school: School, principal: User
) -> None:
    teacher = build.user(Role.TEACHER, school, name="Guru Contoh")
    boss, first, second = (PageClient(app) for _ in range(3))
    for device in (first, second):
        assert device.sign_in(teacher).get("/beranda").status_code == 200
    boss.sign_in(principal).get("/pengguna")
    assert boss.post(ending(build, teacher), NOBODY).status_code == 303
    page = boss.get("/pengguna").text
    assert "Peran Guru Contoh sudah diakhiri" in page
    assert membership_of(build, teacher).ends_on == clock.today() - DAY
    for device in (first, second):
        assert device.get("/beranda").status_code == 303
    assert knock(first, teacher.email).status_code == 422


def test_a_role_that_began_today_can_end_today(
    app: Flask, build: Builder, school: School, principal: User
) -> None:
    teacher = build.user(Role.TEACHER, school, ends_on=clock.today() - DAY)
    build.save(
        Membership(
            user_id=teacher.id, role=Role.TEACHER, school_id=school.id, starts_on=clock.today()
        )
    )
    client = PageClient(app).sign_in(principal)
    client.post(ending(build, teacher), NOBODY)
    assert not build.actor(teacher).appointments


def test_a_role_elsewhere_stays_and_needs_a_new_sign_in(
    app: Flask, build: Builder, school: School, principal: User
) -> None:
    other = build.school("SMP Lain")
    teacher = build.user(Role.TEACHER, other)
    build.appoint(teacher, Role.TEACHER, school)
    guest, boss = PageClient(app).sign_in(teacher), PageClient(app).sign_in(principal)
    boss.post(ending(build, teacher, school), NOBODY)
    assert guest.get("/beranda").status_code == 303
    assert [each.school_id for each in build.actor(teacher).appointments] == [other.id]
    assert knock(guest, teacher.email).status_code == 303


def test_nobody_ends_the_own_role(app: Flask, build: Builder, principal: User) -> None:
    for user in (principal, build.user(Role.ADMIN)):
        client = PageClient(app).sign_in(user)
        assert ending(build, user) not in client.get("/pengguna").text
        client.post(ending(build, user), NOBODY)
        assert membership_of(build, user).ends_on is None
        assert client.get("/beranda").status_code == 200


def test_a_principal_ends_no_role_the_principal_may_not_give(
    app: Flask, build: Builder, school: School, principal: User
) -> None:
    deputy = build.user(Role.PRINCIPAL, school)
    client = PageClient(app).sign_in(principal)
    assert ending(build, deputy) not in client.get("/pengguna").text
    client.post(ending(build, deputy), NOBODY)
    assert membership_of(build, deputy).ends_on is None


def test_another_schools_people_do_not_exist_for_a_principal(
    app: Flask, build: Builder, principal: User
) -> None:
    strangers = [build.user(Role.TEACHER, build.school()), build.user(Role.COORDINATOR)]
    client = PageClient(app).sign_in(principal)
    for stranger in strangers:
        assert client.post(ending(build, stranger), NOBODY).status_code == 404
        assert membership_of(build, stranger).ends_on is None
    assert client.post(f"/pengguna/{'x' * 22}/akhiri", NOBODY).status_code == 404


def test_a_late_press_changes_nothing_about_a_role_that_ended_long_ago(
    app: Flask, build: Builder, school: School, principal: User
) -> None:
    long_ago = clock.today() - 10 * DAY
    teacher = build.user(Role.TEACHER, school, ends_on=long_ago)
    build.appoint(teacher, Role.TEACHER, build.school("SMP Baru"))
    elsewhere = PageClient(app).sign_in(teacher)
    client = PageClient(app).sign_in(principal)
    assert client.post(ending(build, teacher, school), NOBODY).status_code == 422
    assert membership_of(build, teacher, school).ends_on == long_ago
    # The old school signs nobody out of the new one.
    assert elsewhere.get("/beranda").status_code == 200


def test_ending_needs_the_token_of_a_form(
    app: Flask, build: Builder, school: School, principal: User
) -> None:
    teacher = build.user(Role.TEACHER, school)
    client = PageClient(app).sign_in(principal)
    assert client.http.post(ending(build, teacher), data=NOBODY).status_code == 400
    assert membership_of(build, teacher).ends_on is None
