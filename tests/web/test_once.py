"""A form that is sent twice is carried out once, and both presses lead to the same page."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask, g, request
from flask.typing import ResponseReturnValue
from hypothesis import HealthCheck, given, settings, strategies
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portal.core import settings as office_settings
from portal.core.access import Role
from portal.core.audit import AuditEntry
from portal.core.db import new_public_id, transaction
from portal.core.errors import Rejected
from portal.core.receipts import Receipt
from portal.people.models import SignInSession, User
from portal.schools.models import Mou, School
from portal.visits.models import Visit
from portal.web.database import db
from portal.web.forms import PortalForm
from portal.web.guard import public
from portal.web.once import KEY_FIELD, LOCATION_LENGTH, lead_to
from tests.architecture.town import add_objects, add_people
from tests.builders import PASSWORD, Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.papers import pdf_bytes
from tests.statements import all_statements

BOOK = "/sesi/baru"


def count(build: Builder, model: type[Any]) -> int:
    """Return how many records there are."""
    with build.database.reader() as reading:
        return reading.scalar(select(func.count()).select_from(model)) or 0


def where(response: TestResponse) -> str:
    """Return where an answer leads."""
    return response.headers.get("HX-Redirect") or response.headers.get("Location") or ""


@pytest.fixture
def school(build: Builder) -> School:
    """Return a school that somebody can visit."""
    build.worker()
    return build.school()


@pytest.fixture
def principal(client: PageClient, build: Builder, school: School) -> PageClient:
    """Return a client signed in as the school's principal."""
    return client.sign_in(build.user(Role.PRINCIPAL, school))


def booking(client: PageClient, build: Builder, school: School, **changed: Any) -> dict[str, Any]:
    """Open the booking page and return its form with a time chosen."""
    client.get(BOOK)
    return {**client.form(BOOK), "slot": build.first_slot(school).isoformat(), **changed}


def test_a_form_sent_again_leads_to_the_first_answer(
    principal: PageClient, build: Builder, school: School
) -> None:
    sent = booking(principal, build, school)
    first = principal.post(BOOK, sent)
    before = count(build, AuditEntry)
    assert (first.status_code, count(build, Visit)) == (303, 1)
    for _ in range(3):
        again = principal.post(BOOK, sent)
        assert (again.status_code, where(again)) == (303, where(first))
    assert (count(build, Visit), count(build, AuditEntry), count(build, Receipt)) == (1, before, 1)
    assert "satu kali" in principal.get(where(first)).text


@pytest.mark.parametrize("htmx", [False, True])
def test_a_double_tap_gives_one_record(
    app: Flask, build: Builder, school: School, htmx: bool
) -> None:
    user = build.user(Role.COORDINATOR)
    client = PageClient(app).sign_in(user)
    here = f"/sekolah/{school.public_id}/mou/baru"
    client.get(here)
    sent = {**client.form(here), "number": "1/2026", "valid_until": "2099-12-31"}
    sent["promised_sessions"] = "2"
    cookies = [client.http.get_cookie(name) for name in ("sid", "form")]
    headers = {"HX-Request": "true"} if htmx else {}

    def press(_number: int) -> TestResponse:
        http = app.test_client()
        for cookie in cookies:
            assert cookie is not None
            http.set_cookie(cookie.key, cookie.value)
        return http.post(here, data=sent, headers=headers)

    build.close()
    with ThreadPoolExecutor(4) as presses:
        answers = list(presses.map(press, range(4)))
    assert {where(answer) for answer in answers} == {f"/sekolah/{school.public_id}"}
    assert {answer.status_code for answer in answers} == {200 if htmx else 303}
    assert (count(build, Mou), count(build, Receipt)) == (1, 1)


def test_the_same_key_with_other_words_is_held_back_and_offered_anew(
    principal: PageClient, build: Builder, school: School
) -> None:
    sent = booking(principal, build, school)
    principal.post(BOOK, sent)
    other = {**sent, "slot": build.first_slot(school, skip=3).isoformat(), "room": "Aula <2>"}
    origin = {"Origin": "http://localhost"}
    response = principal.post(BOOK, other, headers=origin)
    assert (response.status_code, count(build, Visit)) == (409, 1)
    offered = principal.form(BOOK)
    assert offered["room"] == ["Aula <2>"]
    assert offered[KEY_FIELD] != sent[KEY_FIELD]
    assert principal.post(BOOK, offered).status_code == 303
    assert count(build, Visit) == 2


def test_other_words_from_another_site_are_offered_nothing(
    principal: PageClient, build: Builder, school: School
) -> None:
    sent = booking(principal, build, school)
    principal.post(BOOK, sent)
    for headers in ({}, {"Origin": "https://luar.example"}, {"Origin": "null"}):
        response = principal.post(BOOK, {**sent, "room": "Aula"}, headers=headers)
        assert response.status_code == 409
        assert "Aula" not in response.text


def test_a_key_is_nothing_to_another_person_or_at_another_address(
    app: Flask, build: Builder, school: School
) -> None:
    key = new_public_id()
    for role in (Role.COORDINATOR, Role.ADMIN):
        client = PageClient(app).sign_in(build.user(role))
        client.get("/akun")
        sent = {**client.form("/akun"), "full_name": f"Orang {role}", KEY_FIELD: key}
        for _ in range(2):
            assert where(client.post("/akun", sent)) == "/akun"
        assert where(client.post("/akun?x=1", sent)) == "/akun"
        assert client.post("/tata-laku", {KEY_FIELD: key}).status_code == 303
    with build.database.reader() as reading:
        names = set(reading.scalars(select(User.full_name)))
    assert {f"Orang {Role.COORDINATOR}", f"Orang {Role.ADMIN}"} <= names


def test_a_refused_form_is_sent_again_with_its_key(
    principal: PageClient, build: Builder, school: School
) -> None:
    sent = booking(principal, build, school, expected_heads="banyak")
    assert principal.post(BOOK, sent).status_code == 422
    again = principal.form(BOOK)
    assert again[KEY_FIELD] == sent[KEY_FIELD]
    assert principal.post(BOOK, {**sent, "expected_heads": "90"}).status_code == 303
    assert count(build, Visit) == 1


def test_what_a_rule_refuses_leaves_no_receipt(
    principal: PageClient, build: Builder, school: School
) -> None:
    sent = booking(principal, build, school)
    other = build.school()
    build.requested(build.user(Role.PRINCIPAL, other), other, build.first_slot(other))
    assert principal.post(BOOK, sent).status_code == 422
    assert count(build, Receipt) == 0
    free = {**sent, "slot": build.first_slot(school, skip=3).isoformat()}
    assert principal.post(BOOK, free).status_code == 303


def test_a_piece_of_a_page_comes_back_with_a_new_key(
    principal: PageClient, build: Builder, school: School
) -> None:
    sent = booking(principal, build, school)
    response = principal.post(f"{BOOK}/tahan", sent, htmx=True)
    assert response.status_code == 200
    assert principal.form(BOOK)[KEY_FIELD] != sent[KEY_FIELD]
    assert principal.post(BOOK, principal.form(BOOK)).status_code == 303


def test_one_time_and_then_another_may_be_tapped_before_the_first_answer_is_there(
    principal: PageClient, build: Builder, school: School
) -> None:
    sent = booking(principal, build, school)
    other = {**sent, "slot": build.first_slot(school, skip=3).isoformat()}
    for form in (sent, other):
        response = principal.post(f"{BOOK}/tahan", form, htmx=True)
        assert response.status_code == 200
        assert 'role="status"' in response.text


def test_a_replayed_piece_of_a_page_goes_back_to_the_page(
    principal: PageClient, build: Builder, school: School
) -> None:
    sent = booking(principal, build, school)
    headers = {"Referer": f"http://localhost{BOOK}?pekan=2026-12-07"}
    for expected in ("", f"{BOOK}?pekan=2026-12-07"):
        response = principal.post(f"{BOOK}/tahan", sent, htmx=True, headers=headers)
        assert where(response) == expected


def test_a_switch_of_language_is_no_second_sending(
    principal: PageClient, build: Builder, school: School
) -> None:
    sent = booking(principal, build, school)
    principal.post(BOOK, sent)
    response = principal.post(BOOK, {**sent, "bahasa": "en"})
    assert response.status_code == 200
    assert '<html lang="en">' in response.text
    assert count(build, Visit) == 1


@on_sqlite
@pytest.mark.parametrize(
    "key", ["", "x", "x" * 21, "x" * 23, "é" * 22, "x" * 21 + "\n", "x" * 9999]
)
def test_what_is_no_key_protects_nothing_and_breaks_nothing(
    principal: PageClient, build: Builder, school: School, key: str
) -> None:
    sent = booking(principal, build, school, expected_heads="banyak", **{KEY_FIELD: key})
    assert principal.post(BOOK, sent).status_code == 422
    assert len(principal.form(BOOK)[KEY_FIELD][0]) == 22
    assert count(build, Receipt) == 0


def test_a_sign_in_sent_twice_opens_one_session(client: PageClient, build: Builder) -> None:
    user = build.user(Role.VOLUNTEER)
    client.get("/masuk")
    sent = {**client.form("/masuk"), "identifier": user.email, "password": PASSWORD}
    http = client.http
    first = http.post("/masuk", data=sent)
    assert where(first) == "/beranda"
    # The answer got lost on the way, and with it the new cookie.
    http.delete_cookie("sid")
    again = http.post("/masuk", data={**sent, "csrf_token": client.csrf()})
    assert again.status_code in {303, 400}
    assert count(build, SignInSession) == 1


def test_nobody_finds_a_password_by_trying_the_receipts(client: PageClient, build: Builder) -> None:
    user = build.user(Role.VOLUNTEER)
    hashes = set()
    for _ in range(2):
        browser = PageClient(client.app)
        browser.get("/masuk")
        sent = {**browser.form("/masuk"), "identifier": user.email, "password": PASSWORD}
        assert browser.post("/masuk", sent).status_code == 303
    with build.database.reader() as reading:
        hashes = set(reading.scalars(select(Receipt.body_hash)))
    # The same words, and nothing that tells so without the key of each page.
    assert len(hashes) == 2


def test_an_invitation_accepted_twice_makes_one_account(client: PageClient, build: Builder) -> None:
    school = build.school()
    objects = add_objects(build, _folder(client.app), school, add_people(build, school))
    here = f"/undangan/{objects.token}"
    client.get(here)
    words = "tiga kuda poni biru laut"
    sent = {**client.form(here), "full_name": "Bu Baru", "password": words}
    first = client.http.post(here, data=sent)
    people = count(build, User)
    assert first.status_code == 303
    again = PageClient(client.app)
    again.get("/masuk")
    response = again.post(here, {**sent, "csrf_token": again.csrf()})
    assert (response.status_code, where(response)) == (303, where(first))
    assert count(build, User) == people
    assert again.http.get_cookie("sid") is None


def _folder(app: Flask) -> Any:
    return app.config["PORTAL"].data_dir


def test_files_are_part_of_what_was_sent(
    client: PageClient, build: Builder, school: School
) -> None:
    client.sign_in(build.user(Role.COORDINATOR))
    here = f"/sekolah/{school.public_id}/mou/baru"
    client.get(here)
    sent = {**client.form(here), "number": "1/2026", "valid_until": "2099-12-31"}
    sent["promised_sessions"] = "2"

    def send(pages: int, name: str = "mou.pdf") -> TestResponse:
        return client.post(here, {**sent, "file": (io.BytesIO(pdf_bytes(pages)), name)})

    assert [send(1).status_code, send(1).status_code, count(build, Mou)] == [303, 303, 1]
    assert send(2).status_code == 409
    assert send(1, "lain.pdf").status_code == 409
    assert client.post(here, sent).status_code == 409
    assert count(build, Mou) == 1


def add_counter(app: Flask) -> Flask:
    """Add a form that counts how often it was carried out."""
    app.config["WTF_CSRF_ENABLED"] = False

    @app.post("/uji/hitung/<word>")
    @public
    def count_up(word: str) -> ResponseReturnValue:
        if not PortalForm(meta={"csrf": False}).validate():
            return "?", 422
        if "ke" in request.form:
            lead_to(request.form["ke"])
        try:
            with transaction(db()) as session:
                present = office_settings.read(session)["hold_minutes"]
                office_settings.write(session, None, "hold_minutes", present + 1)
                if request.form["isi"] == "tidak":
                    raise Rejected("not_allowed")
        except Rejected:
            return "tidak", 422
        return "", 303, {"Location": f"/uji/{word}/{present + 1}"}

    return app


@on_sqlite
def test_a_form_that_says_before_where_it_leads_needs_no_second_transaction(
    counter: Flask, build: Builder
) -> None:
    http = counter.test_client()
    database = counter.extensions["database"]
    minutes = office_settings.REGISTRY["hold_minutes"].default
    for promised, led, commits in (
        (f"/uji/a/{minutes + 1}", f"/uji/a/{minutes + 1}", 1),
        # It leads elsewhere after all, which is noted as ever.
        ("/uji/a/0", f"/uji/a/{minutes + 2}", 2),
        ("/" + "x" * LOCATION_LENGTH, f"/uji/a/{minutes + 3}", 2),
    ):
        sent = {KEY_FIELD: new_public_id(), "isi": "ya", "ke": promised}
        with all_statements(database) as seen:
            assert where(http.post("/uji/hitung/a", data=sent)) == led
        assert sum(each.startswith("BEGIN IMMEDIATE") for each in seen) == commits
        assert where(http.post("/uji/hitung/a", data=sent)) == led
    assert count(build, Receipt) == 3


PRESS = strategies.tuples(
    strategies.sampled_from(["a", "b", "c"]),
    strategies.sampled_from(["satu", "dua"]),
    strategies.sampled_from(["ya", "lagi", "tidak"]),
    strategies.booleans(),
)


@pytest.fixture
def counter(new_app: Flask) -> Flask:
    """Return the application with a form that counts."""
    return add_counter(new_app)


@on_sqlite
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(presses=strategies.lists(PRESS, max_size=12))
def test_any_row_of_presses_does_what_the_model_does(
    counter: Flask, presses: list[tuple[str, str, str, bool]]
) -> None:
    run = new_public_id()[:21]
    http = counter.test_client()
    with counter.app_context():
        with counter.extensions["database"].writer() as writing, transaction(writing):
            office_settings.write(writing, None, "hold_minutes", 10)
        assert "session" not in g
    done: dict[tuple[str, str], tuple[str, str]] = {}
    total = 10
    for key, word, words, keyed in presses:
        form = {"isi": words, **({KEY_FIELD: run + key} if keyed else {})}
        answer = http.post(f"/uji/hitung/{word}", data=form)
        known = done.get((key, word)) if keyed else None
        if known is not None:
            expected = (303, known[1]) if known[0] == words else (409, "")
        elif words == "tidak":
            expected = (422, "")
        else:
            total += 1
            expected = (303, f"/uji/{word}/{total}")
            if keyed:
                done[key, word] = (words, expected[1])
        assert (answer.status_code, where(answer)) == expected
