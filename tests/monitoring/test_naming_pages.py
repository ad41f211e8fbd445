"""A principal names who fills in the forms, as a browser does it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.cases.actions import access as case_access
from portal.cases.models import Case, CaseEntry
from portal.cases.states import EntryKind
from portal.core.access import Role
from portal.core.clock import WIB
from portal.core.db import transaction
from portal.monitoring.models import FollowUp, Watcher
from portal.monitoring.states import FollowUpState
from portal.people.models import User
from tests.cases.casework import NAME
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.monitoring.classroom import INITIALS, Classroom
from tests.monitoring.teaching import path_of, substitute

MONDAY = datetime(2026, 11, 23, 9, tzinfo=WIB)


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    """Stop the clock on a Monday morning."""
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def office(room: Classroom, client: PageClient) -> PageClient:
    """Return the principal's browser, in English, on the page."""
    client.sign_in(room.principal)
    client.http.get("/?bahasa=en")
    client.get("/pemantauan")
    return client


def place(room: Classroom, rest: str = "") -> str:
    """Return where the form about the child's teacher is sent."""
    return f"/pemantauan/anak/{room.follow_up.public_id}/guru{rest}"


def chosen(office: PageClient, room: Classroom, person: User, **more: str) -> dict[str, Any]:
    """Return the form as the page offers it, with somebody chosen."""
    fields = {name: values[0] for name, values in office.form(place(room)).items()}
    return {**fields, "teacher": person.public_id, **more}


def asked(room: Classroom) -> dict[Any, bool]:
    """Return who is asked for the forms now, and whether as a substitute."""
    now_asked = select(Watcher).where(Watcher.ended_at.is_(None))
    return {each.user_id: each.substitute for each in room.work.rows(now_asked)}


def test_another_teacher_is_asked_from_now_on(
    room: Classroom, office: PageClient, app: Flask
) -> None:
    form = room.form()
    answer = office.post(place(room), chosen(office, room, room.colleague))
    assert answer.status_code == 303
    assert answer.location == f"/pemantauan#anak-{room.follow_up.public_id}"
    assert asked(room) == {room.colleague.id: False}
    assert room.colleague.full_name in office.get("/pemantauan").get_data(as_text=True)
    assert PageClient(app).sign_in(room.colleague).get(path_of(form)).status_code == 200
    assert PageClient(app).sign_in(room.teacher).get(path_of(form)).status_code == 404
    steps = select(CaseEntry).where(CaseEntry.kind == EntryKind.MONITORING)
    assert [each.facts["step"] for each in room.work.rows(steps)] == ["teacher"]


@on_sqlite
def test_with_a_script_only_the_childs_row_comes_back(room: Classroom, office: PageClient) -> None:
    fields = chosen(office, room, room.colleague, part="substitute")
    answer = office.post(place(room), fields, htmx=True)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert html.lstrip().startswith(f'<li id="anak-{room.follow_up.public_id}">')
    assert "They are asked from now on." in html
    assert asked(room) == {room.teacher.id: False, room.colleague.id: True}
    assert NAME not in html


@on_sqlite
def test_the_regular_teacher_comes_back(room: Classroom, office: PageClient) -> None:
    assert "The regular teacher is back" not in office.page
    substitute(room)
    office.get("/pemantauan")
    back = place(room, "/kembali")
    assert "The regular teacher is back" in office.page
    html = office.post(back, office.form(back), htmx=True).get_data(as_text=True)
    assert "stands in" not in html
    assert asked(room) == {room.teacher.id: False}
    # Pressed once more on a page that is older, it changes nothing.
    assert office.post(back, htmx=True).status_code == 200
    assert asked(room) == {room.teacher.id: False}


@on_sqlite
def test_nobody_chosen_is_said_above_and_in_the_row(room: Classroom, office: PageClient) -> None:
    fields = office.form(place(room))
    answer = office.post(place(room), {**fields, "teacher": "", "part": "substitute"})
    assert answer.status_code == 422
    known_as = f"{room.follow_up.public_id}-teacher"
    assert f'<a href="#{known_as}">Choose a teacher.</a>' in office.page
    # The row stands open, and what was chosen stays.
    assert office.form(place(room))["part"] == ["substitute"]
    assert "<details open>" in office.page
    answer = office.post(place(room), {**fields, "teacher": ""}, htmx=True)
    assert answer.headers["HX-Retarget"] == "body"
    assert asked(room) == {room.teacher.id: False}


@on_sqlite
def test_whoever_must_not_see_the_case_or_works_elsewhere_cannot_be_chosen(
    room: Classroom, office: PageClient
) -> None:
    elsewhere = room.work.build.user(Role.TEACHER, room.work.build.school())
    with transaction(room.work.build.session) as session:
        case = session.get_one(Case, room.case.id)
        case_access.keep_away(session, room.actor("coordinator"), case, room.colleague.id, "Ipar")
    office.get("/pemantauan")
    for person in (room.colleague, elsewhere, room.principal):
        assert person.public_id not in office.page
        answer = office.post(place(room), chosen(office, room, person))
        assert answer.status_code == 422
    assert asked(room) == {room.teacher.id: False}


@on_sqlite
def test_only_the_childs_own_principal_names(room: Classroom, client: PageClient) -> None:
    build = room.work.build
    elsewhere = build.user(Role.PRINCIPAL, build.school())
    for person, status in (
        (elsewhere, 404),
        (room.teacher, 403),
        (room.work.coordinator, 403),
        (room.work.manager, 403),
    ):
        client.sign_in(person)
        sent = {"teacher": room.colleague.public_id, "part": "regular"}
        assert client.post(place(room), sent).status_code == status
        assert client.post(place(room, "/kembali")).status_code == status
    assert asked(room) == {room.teacher.id: False}


@on_sqlite
def test_what_ended_meanwhile_asks_for_nobody(room: Classroom, office: PageClient) -> None:
    fields = chosen(office, room, room.colleague)
    with transaction(room.work.build.session) as session:
        session.get_one(FollowUp, room.follow_up.id).state = FollowUpState.ENDED
    assert office.post(place(room), fields).status_code == 404
    assert asked(room) == {room.teacher.id: False}
    office.get("/pemantauan")
    assert INITIALS not in office.page


@on_sqlite
def test_without_anybody_who_teaches_there_the_way_is_shown(
    room: Classroom, office: PageClient
) -> None:
    with transaction(room.work.build.session) as session:
        case = session.get_one(Case, room.case.id)
        for person in (room.teacher, room.colleague):
            case_access.keep_away(session, room.actor("coordinator"), case, person.id, "Ipar")
    office.get("/pemantauan")
    assert "Nobody fills in the forms" in office.page
    assert "Nobody else who teaches here can be asked." in office.page
