"""Keys for what a device keeps: each person's own, and only for forms they are asked for."""

from __future__ import annotations

import base64

from portal.core import crypto
from portal.monitoring.models import MonitoringForm
from portal.people.models import User
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.monitoring.classroom import Classroom
from tests.monitoring.teaching import path_of, teacher

KEYS = "/pemantauan/kunci"
SCRIPT = "/static/js/monitoring.js"


def keys_for(client: PageClient, *ids: str) -> dict[str, str]:
    """Return the keys the portal gives for these forms."""
    answer = client.post(KEYS, {"id": list(ids)})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    found: dict[str, str] = answer.get_json()
    return found


def test_keys_are_given_for_ones_own_forms_alone(room: Classroom, client: PageClient) -> None:
    mine = room.form()
    other = "x" * 22
    (key,) = keys_for(teacher(room, client), mine.public_id, other, "").values()
    assert base64.b64decode(key) == crypto.device_key(room.teacher.id, mine.id)
    assert key in client.get(path_of(mine)).text


@on_sqlite
def test_a_colleague_and_the_principal_get_no_key(room: Classroom, client: PageClient) -> None:
    form = room.form()
    assert keys_for(client.sign_in(room.colleague), form.public_id) == {}
    assert client.sign_in(room.principal).post(KEYS, {"id": form.public_id}).status_code == 403


@on_sqlite
def test_every_person_and_form_has_a_key_of_its_own(room: Classroom) -> None:
    def of(user: User, form: MonitoringForm) -> bytes:
        return crypto.device_key(user.id, form.id)

    first, second = room.form(), room.form()
    keys = {of(room.teacher, first), of(room.teacher, second), of(room.colleague, first)}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {32}
    assert of(room.teacher, first) == of(room.teacher, first)


@on_sqlite
def test_signing_out_asks_first_when_something_was_not_sent(
    room: Classroom, client: PageClient
) -> None:
    teacher(room, client)
    client.http.set_cookie("unsent", "1")
    asked = client.post("/keluar", {})
    assert asked.headers["Location"] == "/keluar/dulu"
    page = client.get("/keluar/dulu").text
    assert "data-forget" in page
    assert SCRIPT in page
    left = client.post("/keluar", {"sure": "1"})
    assert left.headers["Location"] == "/"
    assert left.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert any(each.startswith("unsent=;") for each in left.headers.getlist("Set-Cookie"))


@on_sqlite
def test_pages_bring_the_script_only_where_something_waits(
    room: Classroom, client: PageClient
) -> None:
    assert SCRIPT not in teacher(room, client).get("/beranda").text
    client.http.set_cookie("unsent", "1")
    assert SCRIPT in client.get("/beranda").text
