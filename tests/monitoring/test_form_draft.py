"""What a teacher tapped and did not send yet waits for them, and for nobody else."""

from __future__ import annotations

from urllib.parse import urlsplit

from sqlalchemy import select, text, update

from portal.core import clock
from portal.core.db import transaction
from portal.core.drafts import Draft
from portal.people.models import SignInSession
from tests.builders import PASSWORD
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.monitoring.classroom import NOTE, Classroom
from tests.monitoring.teaching import checked, filled, path_of, substitute, teacher, versions

HALF = {"flags": ["r4"], "m1": "3", "m2": "n", "note": NOTE}


def kept(room: Classroom) -> list[Draft]:
    """Return all drafts there are."""
    return room.work.rows(select(Draft))


def test_half_a_form_is_kept_brought_back_and_forgotten_when_sent(
    room: Classroom, client: PageClient
) -> None:
    form = room.form()
    teacher(room, client).get(path_of(form))
    answer = client.post(path_of(form, "/simpan"), HALF)
    assert (answer.status_code, answer.headers["Location"]) == (303, path_of(form))
    client.get(path_of(form))
    assert checked(client) == {"flags": ["r4"], "m1": ["3"], "m2": ["n"]}
    assert NOTE in client.page
    assert "data-kept-at" in client.page
    assert versions(room, form) == []
    with room.work.build.database.reader() as reading:
        stored = reading.execute(text("SELECT fields FROM draft")).scalar_one()
    assert NOTE.encode() not in bytes(stored)
    assert client.post(path_of(form), {**filled(("r4",)), "note": NOTE}).status_code == 303
    assert kept(room) == []


@on_sqlite
def test_a_script_keeps_it_without_a_page_and_again_and_again(
    room: Classroom, client: PageClient
) -> None:
    form = room.form()
    teacher(room, client).get(path_of(form))
    shown = client.form(path_of(form))
    for number in range(3):
        typed = {**shown, "m1": str(number)}
        answer = client.post(path_of(form, "/simpan"), typed, htmx=True)
        assert (answer.status_code, answer.get_data()) == (204, b"")
    client.get(path_of(form))
    assert checked(client) == {"m1": ["2"]}
    assert len(kept(room)) == 1
    # All taken back: nothing is left to bring back.
    client.post(path_of(form, "/simpan"), {}, htmx=True)
    assert kept(room) == []


@on_sqlite
def test_a_draft_keeps_answers_alone(room: Classroom, client: PageClient) -> None:
    form = room.form()
    teacher(room, client).get(path_of(form))
    odd = {**HALF, "m3": "9", "flags": ["r4", "r77"], "stranger": "words", "device_key": "k" * 22}
    client.post(path_of(form, "/simpan"), odd)
    (draft,) = kept(room)
    for word in ("stranger", "r77", "device_key", "m3", "csrf_token"):
        assert word not in draft.fields


@on_sqlite
def test_a_draft_is_its_writers_alone(room: Classroom, client: PageClient) -> None:
    substitute(room)
    form = room.form()
    teacher(room, client).get(path_of(form))
    client.post(path_of(form, "/simpan"), HALF)
    colleague = PageClient(client.app).sign_in(room.colleague)
    colleague.get(path_of(form))
    assert checked(colleague) == {}
    assert NOTE not in colleague.page
    # The colleague sends; what the teacher had typed is shown to the teacher, and not sent.
    colleague.post(path_of(form), filled())
    client.get(path_of(form))
    assert NOTE in client.page
    assert len(versions(room, form)) == 1


@on_sqlite
def test_nothing_is_kept_of_a_form_that_cannot_be_sent(room: Classroom, client: PageClient) -> None:
    form = room.sent()
    teacher(room, client)
    assert client.post(path_of(form, "/simpan"), HALF).status_code in {200, 303, 422}
    assert kept(room) == []


def test_an_expired_session_brings_the_answers_back(room: Classroom, client: PageClient) -> None:
    form = room.form()
    teacher(room, client).get(path_of(form))
    shown = client.form(path_of(form))
    with transaction(room.work.build.session) as session:
        session.execute(
            update(SignInSession)
            .where(SignInSession.user_id == room.teacher.id)
            .values(expires_at=clock.now())
        )
    sent = {**shown, **filled(("r2",), m5=None), "note": NOTE}
    here = f"http://localhost{path_of(form)}"
    answer = client.http.post(path_of(form), data=sent, headers={"Referer": here})
    assert answer.status_code == 303
    door = answer.headers["Location"]
    client.get(door)
    fields = client.form("/masuk")
    came = client.post("/masuk", {**fields, "identifier": room.teacher.email, "password": PASSWORD})
    back = came.headers["Location"]
    assert urlsplit(back).path == path_of(form)
    client.get(back)
    assert checked(client)["flags"] == ["r2"]
    assert "m5" not in checked(client)
    assert NOTE in client.page
    assert client.post(path_of(form), {**filled(("r2",)), "note": NOTE}).status_code == 303
    assert len(versions(room, form)) == 1
    assert kept(room) == []
