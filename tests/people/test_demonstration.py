"""The door of a demonstration, where everybody may try every role."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal.core import clock
from portal.core.access import Role
from portal.core.db import Database
from portal.core.settings import DEMO
from portal.people.models import SignInSession
from portal.schools.models import School
from tests.builders import Builder
from tests.client import PageClient

DAY = timedelta(days=1)


@pytest.mark.parametrize("flag", [None, False, 1, "true"])
def test_without_the_mark_of_a_demonstration_its_door_is_not_there(
    client: PageClient, build: Builder, database: Database, flag: object
) -> None:
    user = build.user(Role.ADMIN)
    if flag is not None:
        build.setting(DEMO, flag)
    assert user.public_id not in client.get("/masuk").text
    assert client.post(f"/masuk/contoh/{user.public_id}").status_code == 404
    assert not client.http.get_cookie("sid")
    with database.reader() as session:
        assert not session.scalars(sa.select(SignInSession)).all()


def test_in_a_demonstration_everybody_may_try_every_role(
    client: PageClient, build: Builder, school: School
) -> None:
    build.setting(DEMO, True)
    user = build.user(Role.TEACHER, school, name="Guru Contoh")
    page = client.get("/masuk").text
    assert "Guru Contoh" in page
    address = f"/masuk/contoh/{user.public_id}"
    assert f'action="{address}"' in page
    assert client.http.post(address).status_code == 400
    response = client.post(address, {"lanjut": "//evil.example"})
    assert (response.status_code, response.headers["Location"]) == (303, "/beranda")
    assert "Guru" in client.get("/beranda").text
    client.get("/akun")
    assert client.post(f"/masuk/contoh/{'x' * 22}").status_code == 404


def test_in_a_demonstration_a_person_whose_role_has_ended_is_told_so(
    client: PageClient, build: Builder
) -> None:
    build.setting(DEMO, True)
    user = build.user(Role.VOLUNTEER, name="Relawan Dulu", ends_on=clock.today() - DAY)
    assert "Relawan Dulu" not in client.get("/masuk").text
    response = client.post(f"/masuk/contoh/{user.public_id}")
    assert (response.status_code, response.headers["Location"]) == (303, "/masuk")
    assert not client.http.get_cookie("sid")
    assert "sedang tidak punya peran" in client.get("/masuk").text
