"""The pages of data subjects' requests: who sees which of them, and what must never be shown."""

from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser
from typing import Any, TypeVar

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.auditlog.actions import requests as actions
from portal.auditlog.models import DataRequest, RequestKind
from portal.core import clock
from portal.core.access import Role
from portal.core.db import Database, new_public_id, transaction
from portal.people.models import Conflict, EmergencyAccess, User
from tests.auditlog.registers import (
    CONTACT,
    MONDAY,
    PLANTED,
    REQUESTER,
    SUBJECT,
    WISH,
    Staff,
    make_staff,
    recorded,
)
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.trail import trail

LIST = "/permintaan-data"
T = TypeVar("T")


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = app.extensions["database"]
    return found


@pytest.fixture
def staff(build: Builder) -> Staff:
    return make_staff(build)


def page_of(app: Flask, user: User) -> PageClient:
    """Return somebody's client, which reads English."""
    client = PageClient(app).sign_in(user)
    client.get("/beranda?bahasa=en")
    return client


def form(**more: Any) -> dict[str, Any]:
    """Return a filled form."""
    here = clock.now().astimezone(clock.WIB)
    return {
        "kind": "correction",
        "relation": "guardian",
        "requester": REQUESTER,
        "contact": CONTACT,
        "data_subject": SUBJECT,
        "wish": WISH,
        "received_on": here.date().isoformat(),
        "received_time": f"{here:%H:%M}",
        "account": "",
        **more,
    }


def newest(database: Database) -> DataRequest:
    """Return the request that was just recorded."""
    with database.reader() as session:
        return session.scalars(select(DataRequest).order_by(DataRequest.number.desc())).all()[0]


def only(build: Builder, model: type[T]) -> T:
    """Return the only record of its kind."""
    with build.database.reader() as session:
        return session.scalars(select(model)).one()


def names_in(text: str) -> list[str]:
    """Return the planted names that a text repeats."""
    return [name for name in PLANTED if name in text]


def test_the_form_is_filled_with_the_present_moment(app: Flask, staff: Staff) -> None:
    with time_machine.travel(MONDAY, tick=False):
        text = page_of(app, staff.head).get(f"{LIST}/baru").get_data(as_text=True)
    assert 'value="2026-11-23"' in text
    assert 'value="08:00"' in text
    assert text.count('name="kind"') == len(RequestKind)


def test_a_request_is_recorded_once_and_its_names_are_not_shown_again(
    app: Flask, database: Database, staff: Staff
) -> None:
    client = page_of(app, staff.head)
    client.get(f"{LIST}/baru")
    sent = form(idempotency_key=new_public_id())
    answers = [client.post(f"{LIST}/baru", sent) for _press in range(2)]
    request = newest(database)
    assert request.number.endswith("-001")
    assert {answer.headers["Location"] for answer in answers} == {f"{LIST}/{request.public_id}"}
    shown = client.get(answers[0].headers["Location"])
    assert request.number in shown.get_data(as_text=True)
    assert names_in(shown.get_data(as_text=True)) == []
    assert names_in(client.get(LIST).get_data(as_text=True)) == []
    assert names_in(client.get("/beranda").get_data(as_text=True)) == []


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({"kind": ""}, ["kind"]),
        ({"requester": " "}, ["requester"]),
        ({"contact": ""}, ["contact"]),
        ({"wish": ""}, ["wish"]),
        ({"data_subject": ""}, ["data_subject"]),
        ({"relation": "proxy", "data_subject": ""}, ["data_subject"]),
        ({"received_on": ""}, ["received_on"]),
        ({"received_time": "25:99"}, ["received_time"]),
        ({"received_on": "0001-01-01"}, ["received_on"]),
        ({"received_on": "9999-12-31"}, ["received_on"]),
        ({"received_on": "2099-01-01"}, ["received_on"]),
        ({"received_on": "2001-01-01"}, ["received_on"]),
        ({"account": "tidak.ada@uji.example"}, ["account"]),
    ],
)
def test_a_wrong_field_says_so_and_keeps_the_rest(
    app: Flask, database: Database, staff: Staff, typed: dict[str, str], fields: list[str]
) -> None:
    answer = page_of(app, staff.head).post(f"{LIST}/baru", form(**typed))
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert [name for name in form() if f'id="{name}-error"' in text] == fields
    if "requester" not in typed:
        assert REQUESTER in text
    with database.reader() as session:
        assert session.scalars(select(DataRequest)).all() == []


def test_own_data_need_no_second_name(app: Flask, database: Database, staff: Staff) -> None:
    sent = form(relation="self", data_subject="")
    assert page_of(app, staff.head).post(f"{LIST}/baru", sent).status_code == 303
    assert newest(database).data_subject == REQUESTER


def test_the_list_shows_the_clock_in_words(app: Flask, staff: Staff) -> None:
    with time_machine.travel(MONDAY, tick=False) as travel:
        request = recorded(staff)
        said = []
        for hours in (0, 71, 71.5, 72, 72.5, 77):
            travel.move_to(MONDAY + timedelta(hours=hours))
            text = page_of(app, staff.head).get(LIST).get_data(as_text=True)
            said.append(tag_after(text, request.number))
    assert said == [
        ("neutral", "72 hours left"),
        ("warn", "1 hour left"),
        ("warn", "less than an hour left"),
        ("warn", "less than an hour left"),
        ("bad", "less than an hour over"),
        ("bad", "5 hours over"),
    ]


class Tags(HTMLParser):
    """Collects the tags of a page: kind and words."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.kind = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        if tag == "span" and classes[:1] == ["tag"]:
            self.kind = classes[1]

    def handle_data(self, data: str) -> None:
        if self.kind and data.strip():
            self.found.append((self.kind, data.strip()))
            self.kind = ""


def tag_after(text: str, number: str) -> tuple[str, str]:
    """Return the first tag behind a number."""
    reading = Tags()
    reading.feed(text[text.index(number) :])
    return reading.found[0]


def test_open_requests_come_by_deadline_and_closed_ones_by_page(app: Flask, staff: Staff) -> None:
    later = recorded(staff, received_at=clock.now() - timedelta(hours=1))
    sooner = recorded(staff, received_at=clock.now() - timedelta(hours=30))
    closed = [recorded(staff, staff.worker) for _ in range(25)]
    with transaction(staff.build.session) as session:
        for each in closed:
            actions.withdraw(session, staff.actor("worker"), each, "Ditarik")
    client = page_of(app, staff.head)
    first = client.get(LIST).get_data(as_text=True)
    assert first.index(sooner.number) < first.index(later.number)
    assert sum(each.number in first for each in closed) == 20
    address = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = client.get(address).get_data(as_text=True)
    assert {each.number for each in closed if each.number in first} | {
        each.number for each in closed if each.number in second
    } == {each.number for each in closed}
    assert sooner.number not in second
    assert client.get(f"{LIST}?setelah=Quatsch").status_code == 200


def test_the_list_counts_what_was_answered_in_time(app: Flask, staff: Staff) -> None:
    with time_machine.travel(MONDAY, tick=False) as travel:
        for hours in (1, 80):
            request = recorded(staff, staff.worker)
            travel.shift(timedelta(hours=hours))
            with transaction(staff.build.session) as session:
                actions.refuse(session, staff.actor("worker"), request, "Tidak bisa")
        text = page_of(app, staff.head).get(LIST).get_data(as_text=True)
    assert "1 of 2 answered in time in 2026" in text


def test_a_handler_sees_only_their_own(app: Flask, staff: Staff) -> None:
    mine, other = recorded(staff, staff.worker), recorded(staff, staff.coordinator)
    text = page_of(app, staff.worker).get(LIST).get_data(as_text=True)
    assert mine.number in text
    assert other.number not in text
    assert f"{LIST}/baru" not in text
    assert page_of(app, staff.admin).get(LIST).status_code == 403


def reads(database: Database, user: User) -> list[dict[str, Any]]:
    """Return what the trail says of somebody's reading."""
    return [
        entry.facts
        for entry in trail(database, "data_request")
        if entry.action == "data_request.read" and entry.actor_id == user.id
    ]


def test_the_handler_reads_the_file_and_that_is_recorded(
    app: Flask, database: Database, staff: Staff
) -> None:
    request = recorded(staff, staff.worker)
    address = f"{LIST}/{request.public_id}"
    text = page_of(app, staff.worker).get(address).get_data(as_text=True)
    assert all(part in text for part in (REQUESTER, CONTACT, SUBJECT, WISH))
    assert reads(database, staff.worker) == [{"emergency": False}]
    title = text.split("<title>")[1].split("</title>")[0]
    assert names_in(title) == []
    head = page_of(app, staff.head)
    assert names_in(head.get(address).get_data(as_text=True)) == []
    assert reads(database, staff.head) == []
    for user in (staff.coordinator, staff.build.user(Role.SOCIAL_WORKER)):
        assert page_of(app, user).get(address).status_code == 404


def test_where_the_reading_cannot_be_recorded_nothing_is_shown(
    app: Flask, database: Database, staff: Staff
) -> None:
    request = recorded(staff, staff.worker)
    client = page_of(app, staff.worker)
    with database.writing.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE audit_entry RENAME TO audit_gone")
    app.testing = False
    answer = client.get(f"{LIST}/{request.public_id}")
    assert answer.status_code in {500, 503}
    assert names_in(answer.get_data(as_text=True)) == []


def test_an_emergency_opens_the_file_with_a_banner_until_it_ends(
    app: Flask, database: Database, staff: Staff
) -> None:
    request = recorded(staff, staff.worker)
    address = f"{LIST}/{request.public_id}"
    with time_machine.travel(MONDAY, tick=False) as travel:
        client = page_of(app, staff.head)
        empty = client.post(f"{address}/darurat", {"reason": " "})
        assert empty.status_code == 422
        assert 'id="reason-error"' in empty.get_data(as_text=True)
        assert names_in(empty.get_data(as_text=True)) == []
        sent = {"reason": "Keluarga menunggu di kantor"}
        assert client.post(f"{address}/darurat", sent).status_code == 303
        text = client.get(address).get_data(as_text=True)
        assert REQUESTER in text
        assert "It closes at 09:00 WIB" in text
        # Reading is all it allows.
        assert f"{address}/identitas" not in text
        assert f"{address}/salinan.pdf" not in text
        assert reads(database, staff.head) == [{"emergency": True}]
        travel.shift(timedelta(minutes=60))
        client = page_of(app, staff.head)
        assert names_in(client.get(address).get_data(as_text=True)) == []
    access = only(staff.build, EmergencyAccess)
    assert (access.label, access.link) == (request.number, address)


def test_an_emergency_asks_for_the_password_again(app: Flask, staff: Staff) -> None:
    request = recorded(staff, staff.worker)
    with time_machine.travel(clock.now(), tick=False) as travel:
        client = page_of(app, staff.head)
        client.csrf()
        travel.shift(timedelta(minutes=11))
        sent = {"reason": "Mendesak"}
        answer = client.post(f"{LIST}/{request.public_id}/darurat", sent)
    assert answer.status_code == 303
    assert not answer.headers["Location"].startswith(LIST)
    with staff.build.database.reader() as session:
        assert session.scalars(select(EmergencyAccess)).all() == []


def test_other_roles_have_no_emergency(app: Flask, staff: Staff) -> None:
    request = recorded(staff, staff.worker)
    for user in (staff.worker, staff.coordinator, staff.admin):
        answer = page_of(app, user).post(f"{LIST}/{request.public_id}/darurat", {"reason": "Ya"})
        assert answer.status_code == 403


def test_whoever_is_kept_away_finds_nothing(app: Flask, staff: Staff) -> None:
    request = recorded(staff, staff.worker)
    address = f"{LIST}/{request.public_id}"
    head, worker = page_of(app, staff.head), page_of(app, staff.worker)
    assert worker.get(address).status_code == 200
    sent = {"person": staff.worker.public_id, "why": "Bertetangga"}
    assert head.post(f"{address}/konflik", sent).status_code == 303
    assert worker.get(address).status_code == 404
    assert worker.post(f"{address}/identitas", {"how": "KTP"}).status_code == 404
    assert request.number not in worker.get(LIST).get_data(as_text=True)
    assert request.number not in worker.get("/beranda").get_data(as_text=True)
    text = head.get(address).get_data(as_text=True)
    assert "Bertetangga" in text
    assert "Nobody yet" in text
    assert f'<option value="{staff.worker.public_id}">' not in section(text, "petugas")
    conflict = only(staff.build, Conflict)
    lift = f"{address}/konflik/{conflict.public_id}/cabut"
    assert head.post(lift).status_code == 303
    assert head.post(lift).status_code == 404
    text = head.get(address).get_data(as_text=True)
    assert f'<option value="{staff.worker.public_id}">' in section(text, "petugas")


def section(text: str, leaf: str) -> str:
    """Return the form of a page that is sent to an address ending so."""
    return text.split(f'/{leaf}"')[1].split("</form>")[0]


def test_a_division_head_who_steps_back_leaves_the_page(app: Flask, staff: Staff) -> None:
    request = recorded(staff, staff.worker)
    address = f"{LIST}/{request.public_id}"
    client = page_of(app, staff.head)
    client.post(f"{address}/darurat", {"reason": "Mendesak"})
    assert REQUESTER in client.get(address).get_data(as_text=True)
    sent = {"person": staff.head.public_id, "why": "Keluarga saya"}
    answer = client.post(f"{address}/konflik", sent)
    assert answer.headers["Location"] == LIST
    assert client.get(address).status_code == 404
    assert client.post(f"{address}/darurat", {"reason": "Mendesak"}).status_code == 404
    assert client.post(f"{address}/petugas", {"handler": "x"}).status_code == 404
    assert request.number not in client.get(LIST).get_data(as_text=True)


def test_a_conflict_of_another_request_is_not_lifted_here(app: Flask, staff: Staff) -> None:
    one, other = recorded(staff), recorded(staff)
    client = page_of(app, staff.head)
    sent = {"person": staff.worker.public_id, "why": "Bertetangga"}
    client.post(f"{LIST}/{one.public_id}/konflik", sent)
    conflict = only(staff.build, Conflict)
    wrong = f"{LIST}/{other.public_id}/konflik/{conflict.public_id}/cabut"
    assert client.post(wrong).status_code == 404


def test_a_request_goes_its_way_through_the_pages(
    app: Flask, database: Database, staff: Staff
) -> None:
    request = recorded(staff)
    address = f"{LIST}/{request.public_id}"
    head = page_of(app, staff.head)
    sent = {"handler": staff.worker.public_id}
    assert head.post(f"{address}/petugas", sent).status_code == 303
    assert staff.worker.full_name in head.get(address).get_data(as_text=True)
    worker = page_of(app, staff.worker)
    text = worker.get(address).get_data(as_text=True)
    assert f"{address}/identitas" in text
    assert f"{address}/penuhi" not in text
    empty = worker.post(f"{address}/identitas", {"how": ""})
    assert empty.status_code == 422
    assert 'id="how-error"' in empty.get_data(as_text=True)
    assert worker.post(f"{address}/identitas", {"how": "Melihat KTP"}).status_code == 303
    text = worker.get(address).get_data(as_text=True)
    assert "Melihat KTP" in text
    assert f"{address}/identitas" not in text
    assert worker.post(f"{address}/penuhi", {"answer": " "}).status_code == 422
    assert worker.post(f"{address}/penuhi", {"answer": "Sudah diperbaiki"}).status_code == 303
    text = worker.get(address).get_data(as_text=True)
    assert "Sudah diperbaiki" in text
    assert 'method="post"' not in text.split("<main")[1]
    assert staff.build.fresh(DataRequest, request.id).state == "fulfilled"
    late = worker.post(f"{address}/tidak-bisa", {"refusal": "Terlambat"})
    assert late.status_code == 422
    assert staff.build.fresh(DataRequest, request.id).answer == "Sudah diperbaiki"


@pytest.mark.parametrize(
    ("leaf", "field", "state"),
    [("tidak-bisa", "refusal", "refused"), ("ditarik", "withdrawal", "withdrawn")],
)
def test_a_request_may_end_otherwise_with_a_reason(
    app: Flask, staff: Staff, leaf: str, field: str, state: str
) -> None:
    request = recorded(staff, staff.worker)
    address = f"{LIST}/{request.public_id}"
    client = page_of(app, staff.worker)
    empty = client.post(f"{address}/{leaf}", {field: ""})
    assert empty.status_code == 422
    assert f'id="{field}-error"' in empty.get_data(as_text=True)
    assert client.post(f"{address}/{leaf}", {field: "Alasannya ini"}).status_code == 303
    now = staff.build.fresh(DataRequest, request.id)
    assert (now.state, now.answer) == (state, "Alasannya ini")


def test_a_handler_is_chosen_from_the_list(app: Flask, staff: Staff) -> None:
    request = recorded(staff)
    address = f"{LIST}/{request.public_id}/petugas"
    client = page_of(app, staff.head)
    for chosen in ("", "x", staff.admin.public_id):
        answer = client.post(address, {"handler": chosen})
        assert answer.status_code == 422
        assert 'id="handler-error"' in answer.get_data(as_text=True)
    assert staff.build.fresh(DataRequest, request.id).handler_id is None


def test_the_owner_of_the_account_sees_that_a_colleague_must_do_it(
    app: Flask, staff: Staff
) -> None:
    request = recorded(staff, account=str(staff.worker.email))
    client = page_of(app, staff.head)
    sent = {"handler": staff.worker.public_id}
    answer = client.post(f"{LIST}/{request.public_id}/petugas", sent)
    assert answer.status_code == 422
    assert "Nobody handles a request about their own data" in answer.get_data(as_text=True)


def test_whoever_presses_after_a_colleague_sees_how_it_stands(app: Flask, staff: Staff) -> None:
    request = recorded(staff, staff.worker)
    with transaction(staff.build.session) as session:
        actions.withdraw(session, staff.actor("worker"), request, "Ditarik")
    address = f"{LIST}/{request.public_id}"
    client = page_of(app, staff.worker)
    # Neither an empty form nor a full one finds its place on the page any more.
    for how in ("", "KTP"):
        answer = client.post(f"{address}/identitas", {"how": how})
        assert answer.status_code == 422
        assert "Taken back" in answer.get_data(as_text=True)


def test_names_appear_in_no_address_title_or_message(
    app: Flask, database: Database, staff: Staff
) -> None:
    client = page_of(app, staff.head)
    seen = [client.post(f"{LIST}/baru", form()).headers["Location"]]
    address = seen[0]
    request = newest(database)
    sent = {"handler": staff.head.public_id}
    seen.append(client.post(f"{address}/petugas", sent).headers["Location"])
    for leaf, field in (("identitas", "how"), ("penuhi", "answer")):
        seen.append(client.post(f"{address}/{leaf}", {field: "Sudah"}).headers["Location"])
        text = client.get(address).get_data(as_text=True)
        seen.append(text.split("<title>")[1].split("</title>")[0])
        seen += [part.split("</div>")[0] for part in text.split('class="flash"')[1:]]
        assert len(text.split('class="flash"')) > 1
    assert request.number in seen[-2]
    assert names_in(" ".join(seen)) == []
