"""The menu of each role: few doors, all of them open, with a figure for what waits behind."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from portal.core import clock, duties
from portal.core.access import SCHOOL_ROLES, Role
from portal.core.db import new_id, transaction
from portal.core.duties import Due
from portal.people.models import User
from portal.schools.models import School
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite

pytestmark = on_sqlite

NAVIGATION = re.compile(r'<nav class="nav".*?</nav>', re.DOTALL)
DOOR = re.compile(r'<a href="([^"]+)"([^>]*)>')
MENUS = {
    Role.PRINCIPAL: ["/beranda", "/sesi", "/pemantauan", "/laporan", "/materi", "/sekolah"],
    Role.SCHOOL_OPERATOR: ["/beranda", "/sesi", "/laporan", "/materi", "/sekolah"],
    Role.TEACHER: ["/beranda", "/pemantauan", "/laporan", "/materi", "/sesi", "/sekolah"],
    Role.SOCIAL_WORKER: ["/beranda", "/sesi", "/triase", "/kasus", "/pemantauan", "/materi"],
    Role.COORDINATOR: ["/beranda", "/permintaan", "/triase", "/kasus", "/pemantauan", "/cakupan"],
    Role.DIVISION_HEAD: ["/beranda", "/cakupan", "/triase", "/kasus", "/pemantauan", "/materi"],
    Role.OFFICE_HEAD: ["/beranda", "/cakupan", "/triase", "/kasus", "/pemantauan", "/materi"],
    Role.FOCAL_TEAM: ["/beranda", "/pemantauan", "/laporan", "/materi", "/sesi", "/sekolah"],
    Role.ADMIN: ["/beranda", "/sekolah", "/pengguna", "/pengaturan", "/operasi", "/cakupan"],
    Role.EDUCATION_OFFICE: ["/beranda", "/cakupan", "/laporan/angka", "/materi", "/sekolah"],
    Role.VOLUNTEER: ["/beranda", "/materi", "/kampanye"],
}


def person(build: Builder, role: Role) -> tuple[User, School]:
    """Make somebody in a role, and the school they belong to where they do."""
    school = build.school()
    return build.user(role, school if role in SCHOOL_ROLES else None), school


def menu_of(client: PageClient, path: str = "/beranda") -> str:
    """Return the menu of a page."""
    found = NAVIGATION.search(client.get(path).get_data(as_text=True))
    assert found
    return found[0]


def doors(client: PageClient, path: str = "/beranda") -> list[str]:
    """Return where the menu leads."""
    return [address for address, _rest in DOOR.findall(menu_of(client, path))]


def badges(client: PageClient) -> dict[str, int]:
    """Return the figures of the menu."""
    found = re.findall(
        r'<a href="([^"]+)"[^>]*>(?:(?!</a>).)*?<span class="nav-badge"[^>]*>(\d+)',
        menu_of(client),
        re.DOTALL,
    )
    return {address: int(figure) for address, figure in found}


@pytest.mark.parametrize("role", sorted(Role))
def test_every_role_has_its_doors_the_most_used_first(client: PageClient, role: Role) -> None:
    user, _school = person(client.builder, role)
    assert doors(client.sign_in(user)) == MENUS[role]


@pytest.mark.parametrize("role", sorted(Role))
def test_every_door_opens_and_says_where_one_is(client: PageClient, role: Role) -> None:
    user, _school = person(client.builder, role)
    client.sign_in(user)
    for address in doors(client):
        response = client.get(address, follow_redirects=True)
        assert response.status_code == 200
        found = NAVIGATION.search(response.get_data(as_text=True))
        assert found
        current = [to for to, rest in DOOR.findall(found[0]) if 'aria-current="page"' in rest]
        assert current == [address]


def test_a_page_below_a_door_belongs_to_that_door(client: PageClient) -> None:
    user, school = person(client.builder, Role.PRINCIPAL)
    menu = menu_of(client.sign_in(user), f"/sekolah/{school.public_id}/kalender")
    assert re.findall(r'<a href="([^"]+)" aria-current="page"', menu) == ["/sekolah"]


@pytest.mark.parametrize(
    "roles",
    [
        (Role.SOCIAL_WORKER, Role.COORDINATOR),
        (Role.COORDINATOR, Role.ADMIN, Role.DIVISION_HEAD),
        tuple(sorted(set(Role) - SCHOOL_ROLES)),
    ],
)
def test_whoever_holds_several_roles_sees_each_door_once_and_at_most_six(
    client: PageClient, roles: tuple[Role, ...]
) -> None:
    user = client.builder.user(roles[0])
    for role in roles[1:]:
        client.builder.appoint(user, role)
    found = doors(client.sign_in(user))
    assert found[0] == "/beranda"
    assert len(found) == len(set(found)) <= 6


def test_two_schools_do_not_double_the_menu(client: PageClient) -> None:
    user, _school = person(client.builder, Role.PRINCIPAL)
    client.builder.appoint(user, Role.PRINCIPAL, client.builder.school())
    assert doors(client.sign_in(user)) == MENUS[Role.PRINCIPAL]


def test_whoever_is_not_signed_in_has_no_menu(client: PageClient) -> None:
    assert not NAVIGATION.search(client.get("/masuk").get_data(as_text=True))


@pytest.mark.parametrize(
    ("role", "kind", "door"),
    [
        (Role.PRINCIPAL, "confirm_room", "/sesi"),
        (Role.SOCIAL_WORKER, "record_delivery", "/sesi"),
        (Role.COORDINATOR, "answer_request", "/permintaan"),
        (Role.TEACHER, "fill_form", "/pemantauan"),
        (Role.PRINCIPAL, "name_teacher", "/pemantauan"),
        (Role.SOCIAL_WORKER, "answer_form", "/pemantauan"),
        (Role.DIVISION_HEAD, "alert_urgent", "/pemantauan"),
        (Role.SOCIAL_WORKER, "post_due", "/materi"),
    ],
)
def test_a_door_counts_what_waits_behind_it(
    app: Flask, client: PageClient, role: Role, kind: str, door: str
) -> None:
    user, school = person(client.builder, role)
    client.sign_in(user)
    assert badges(client) == {}
    facts = {
        "school": school.name,
        "starts_at": clock.now().isoformat(),
        "ends_at": clock.now().isoformat(),
    }
    with transaction(client.builder.session) as session:
        for number in range(3):
            duties.open_duty(
                session,
                Due(
                    kind,
                    new_id(),
                    "/sesi",
                    clock.now() + timedelta(days=number),
                    facts,
                    role=role,
                    school_id=school.id if role in SCHOOL_ROLES else None,
                ),
            )
    client.builder.close()
    assert badges(client) == {door: 3}
    stranger = client.builder.user(role, client.builder.school() if role in SCHOOL_ROLES else None)
    assert badges(PageClient(app).sign_in(stranger)) == ({} if role in SCHOOL_ROLES else {door: 3})


@pytest.mark.parametrize(
    ("role", "behind", "not_behind"),
    [
        # The sixth door shows on no phone; what has no door shows nowhere else.
        (
            Role.COORDINATOR,
            ["/sekolah", "/cakupan", "/kesenjangan", "/materi", "/materi/kelola", "/kampanye"],
            ["/pemantauan", "/kasus"],
        ),
        (Role.SOCIAL_WORKER, ["/sekolah", "/cakupan", "/materi"], ["/sesi"]),
        (Role.DIVISION_HEAD, ["/sekolah", "/sesi", "/kesenjangan"], ["/cakupan"]),
        (Role.TEACHER, ["/sekolah"], ["/sesi", "/materi"]),
    ],
)
def test_what_no_phones_menu_shows_stands_behind_the_avatar(
    client: PageClient, role: Role, behind: list[str], not_behind: list[str]
) -> None:
    user, _school = person(client.builder, role)
    html = client.sign_in(user).get("/akun").get_data(as_text=True)
    main = html[html.index("<main") :]
    for address in behind:
        assert f'<a href="{address}">' in main
    for address in not_behind:
        assert f'<a href="{address}">' not in main
