"""Signing in and out: who gets in, how long it lasts, and what an outsider never learns."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from time_machine import Traveller

from portal import create_app
from portal.config import Settings
from portal.core import clock
from portal.core.access import Role
from portal.core.db import Database
from portal.people.models import Membership, SignInSession, User
from tests.builders import PASSWORD, Builder
from tests.client import CSRF, PageClient
from tests.conftest import on_sqlite
from tests.people.doors import NOW, cookie, everything_in, is_in, knock, masked, token_of

HTTPS = "https://portal.example"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@on_sqlite
@pytest.mark.parametrize(
    "spelling",
    [
        "ratna@uji.example",
        "  Ratna@UJI.example ",
        "081234567890",
        "0812 3456 7890",
        "0812-3456-7890",
        "+62 812 3456 7890",
        "+6281234567890",
        "6281234567890",
    ],
)
def test_an_address_or_number_opens_the_door_however_it_is_written(
    client: PageClient, build: Builder, spelling: str
) -> None:
    build.user(Role.EDUCATION_OFFICE, email="ratna@uji.example", phone="+6281234567890")
    response = knock(client, spelling)
    assert (response.status_code, response.headers["Location"]) == (303, "/beranda")
    assert is_in(client)


def test_a_wrong_password_and_an_unknown_name_read_the_same(
    client: PageClient, build: Builder
) -> None:
    answers = []
    for _known in (False, True):
        response = knock(client, "ratna@uji.example", "kata sandi yang salah")
        assert response.status_code == 422
        assert not client.http.get_cookie("sid")
        answers.append(masked(response))
        if not _known:
            build.user(Role.EDUCATION_OFFICE, email="ratna@uji.example")
    assert answers[0] == answers[1]
    assert "belum cocok" in answers[0][2]


@pytest.mark.parametrize(
    ("identifier", "password"),
    [
        ("ratna@uji.example", "x" * 129),
        ("ratna@uji.example", PASSWORD + "x" * 500_000),
        ("ratna@uji.example", ""),
        ("ratna@uji.example", PASSWORD + "\x00"),
        ("", PASSWORD),
        ("x" * 255, PASSWORD),
        ("\x00", PASSWORD),
        ("'; DROP TABLE user; --@", PASSWORD),
        ("²812", PASSWORD),
    ],
)
def test_odd_answers_at_the_door_get_the_form_again(
    client: PageClient, build: Builder, identifier: str, password: str
) -> None:
    build.user(Role.EDUCATION_OFFICE, email="ratna@uji.example")
    response = knock(client, identifier, password)
    assert response.status_code == 422
    assert 'id="sign-in"' in response.get_data(as_text=True)
    assert not client.http.get_cookie("sid")


def test_a_password_is_never_written_back_into_the_page(client: PageClient) -> None:
    assert "rahasia sekali 1" not in knock(client, "a@uji.example", "rahasia sekali 1").text


@on_sqlite
def test_without_https_the_cookie_is_closed_to_scripts_and_other_sites(
    client: PageClient, build: Builder
) -> None:
    header = cookie(knock(client, build.user(Role.EDUCATION_OFFICE).email), "sid")
    assert {part.strip() for part in header.split(";")[1:]} == {
        "HttpOnly",
        "Path=/",
        "SameSite=Lax",
    }


@on_sqlite
def test_on_ones_own_phone_the_cookie_outlives_the_browser(
    client: PageClient, teacher: User
) -> None:
    response = knock(client, teacher.email, own_device="y")
    assert f"Max-Age={14 * 24 * 3600}" in cookie(response, "sid")


@on_sqlite
def test_behind_https_the_cookie_is_bound_to_its_host(settings: Settings, build: Builder) -> None:
    app = create_app(replace(settings, base_url=HTTPS))
    user = build.user(Role.EDUCATION_OFFICE)
    http = app.test_client()
    found = CSRF.search(http.get("/masuk", base_url=HTTPS).text)
    assert found
    response = http.post(
        "/masuk",
        data={"identifier": user.email, "password": PASSWORD, "csrf_token": found[1] or found[2]},
        headers={"Referer": f"{HTTPS}/masuk"},
        base_url=HTTPS,
    )
    header = cookie(response, "__Host-sid")
    assert {part.strip() for part in header.split(";")[1:]} == {
        "HttpOnly",
        "Path=/",
        "SameSite=Lax",
        "Secure",
    }
    assert http.get("/beranda", base_url=HTTPS).status_code == 200
    token = header.partition("=")[2].partition(";")[0]
    # Without its prefix the same token is worth nothing.
    stranger = app.test_client()
    stranger.set_cookie("sid", token, domain="portal.example")
    assert stranger.get("/beranda", base_url=HTTPS).status_code == 303
    app.extensions["database"].dispose()


def test_the_database_keeps_only_the_hash_of_the_token(
    client: PageClient, build: Builder, database: Database
) -> None:
    knock(client, build.user(Role.EDUCATION_OFFICE).email)
    held = client.http.get_cookie("sid")
    assert held
    assert len(held.value) == 43
    with database.reader() as session:
        (kept,) = session.scalars(sa.select(SignInSession))
    assert kept.token_hash == hashlib.sha256(held.value.encode()).digest()
    assert held.value not in everything_in(database)


def test_each_sign_in_has_a_token_of_its_own(app: Flask, build: Builder) -> None:
    user = build.user(Role.EDUCATION_OFFICE)
    first, second = PageClient(app), PageClient(app)
    tokens = set()
    for client in (first, second):
        knock(client, user.email)
        tokens.add(token_of(client))
    assert len(tokens) == 2
    first.get("/akun")
    first.post("/keluar")
    assert (is_in(first), is_in(second)) == (False, True)


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "é", "\x00", "x" * 3000, "' OR 1=1 --"])
def test_an_invented_cookie_opens_nothing(client: PageClient, build: Builder, token: str) -> None:
    build.sign_in(build.user(Role.EDUCATION_OFFICE))
    client.http.set_cookie("sid", token)
    assert not is_in(client)


def test_after_signing_out_a_copied_cookie_is_dead(app: Flask, build: Builder) -> None:
    client, thief = PageClient(app), PageClient(app)
    knock(client, build.user(Role.EDUCATION_OFFICE).email)
    thief.http.set_cookie("sid", token_of(client))
    assert is_in(thief)
    client.get("/akun")
    response = client.post("/keluar")
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not client.http.get_cookie("sid")
    assert not is_in(thief)


def test_signing_out_by_a_link_or_without_a_token_does_nothing(
    client: PageClient, build: Builder
) -> None:
    client.sign_in(build.user(Role.EDUCATION_OFFICE))
    assert client.get("/keluar").status_code == 405
    assert client.http.post("/keluar").status_code == 400
    assert is_in(client)


def test_signing_out_twice_is_no_error(client: PageClient, build: Builder) -> None:
    client.sign_in(build.user(Role.EDUCATION_OFFICE))
    client.post("/keluar")
    client.get("/masuk")
    assert client.post("/keluar").status_code == 303


def test_a_shared_device_is_signed_out_after_half_an_hour_of_rest(
    client: PageClient, build: Builder, now: Traveller
) -> None:
    knock(client, build.user(Role.EDUCATION_OFFICE).email)
    for _visit in range(3):
        now.shift(29 * MINUTE)
        assert is_in(client)
    now.shift(31 * MINUTE)
    assert not is_in(client)
    # Nobody comes back by waiting or trying again.
    now.shift(-20 * MINUTE)
    assert not knock(client, "x@uji.example").headers.get("Location")


def test_a_shared_device_is_signed_out_after_twelve_hours_of_work(
    client: PageClient, build: Builder, now: Traveller
) -> None:
    knock(client, build.user(Role.EDUCATION_OFFICE).email)
    while clock.now() < NOW + 12 * HOUR - 20 * MINUTE:
        now.shift(20 * MINUTE)
        assert is_in(client)
    now.move_to(NOW + 12 * HOUR + timedelta(seconds=1))
    assert not is_in(client)


def test_ones_own_phone_stays_signed_in_for_fourteen_days(
    client: PageClient, now: Traveller, teacher: User
) -> None:
    knock(client, teacher.email, own_device="y")
    now.move_to(NOW + 14 * DAY - MINUTE)
    assert is_in(client)
    now.move_to(NOW + 14 * DAY + MINUTE)
    assert not is_in(client)


def test_at_the_office_ones_own_phone_rests_no_longer_than_any_other(
    client: PageClient, build: Builder, now: Traveller
) -> None:
    response = knock(client, build.user(Role.EDUCATION_OFFICE).email, own_device="y")
    assert "Max-Age" not in cookie(response, "sid")
    now.shift(29 * MINUTE)
    assert is_in(client)
    now.shift(31 * MINUTE)
    assert not is_in(client)


def test_the_office_decides_how_long_a_device_may_rest(
    client: PageClient, build: Builder, now: Traveller
) -> None:
    build.setting("idle_minutes", 5)
    knock(client, build.user(Role.EDUCATION_OFFICE).email)
    now.shift(6 * MINUTE)
    assert not is_in(client)


def test_an_appointment_ends_at_midnight_in_metro_and_access_with_it(
    client: PageClient, build: Builder, now: Traveller
) -> None:
    now.move_to(datetime(2026, 11, 23, 16, 59, 50, tzinfo=UTC))
    user = build.user(Role.EDUCATION_OFFICE, ends_on=clock.today())
    knock(client, user.email)
    assert is_in(client)
    now.shift(timedelta(seconds=11))
    assert not is_in(client)


@pytest.mark.parametrize("days", [(-30, -1), (1, None)], ids=["ended", "not begun"])
def test_without_an_appointment_of_today_nobody_gets_in_and_is_told_why(
    client: PageClient, build: Builder, days: tuple[int, int | None]
) -> None:
    first, last = (None if each is None else clock.today() + each * DAY for each in days)
    user = build.user(Role.EDUCATION_OFFICE, ends_on=clock.today() - 2 * DAY)
    build.save(Membership(user_id=user.id, role=Role.ADMIN, starts_on=first, ends_on=last))
    response = knock(client, user.email)
    assert response.status_code == 422
    assert "sedang tidak punya peran" in response.text
    assert not client.http.get_cookie("sid")
    # Only who knows the password learns it.
    assert "sedang tidak punya peran" not in knock(client, user.email, "kata salah 12345").text


@on_sqlite
@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "///evil.example",
        "https://evil.example",
        "https:evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "evil.example",
        "//[",
        "https://[",
        "/\t/[",
        "/beranda\r\nSet-Cookie: a=b",
        "",
    ],
)
def test_after_signing_in_nobody_is_led_to_another_site(
    client: PageClient, build: Builder, target: str
) -> None:
    response = knock(client, build.user(Role.EDUCATION_OFFICE).email, lanjut=target)
    assert (response.status_code, response.headers["Location"]) == (303, "/beranda")


@on_sqlite
def test_who_was_on_the_way_somewhere_gets_there(client: PageClient, build: Builder) -> None:
    user = build.user(Role.EDUCATION_OFFICE)
    sent = client.get("/cakupan?hari=2026-11-23&q=a%20b").headers["Location"]
    assert sent.startswith("/masuk?lanjut=/cakupan")
    hidden = re.search(r'name="lanjut"[^>]*value="([^"]*)"', client.get(sent).text)
    assert hidden
    assert hidden[1] == "/cakupan?hari=2026-11-23&amp;q=a%20b"
    data = {"identifier": user.email, "password": PASSWORD, "lanjut": hidden[1].replace("amp;", "")}
    response = client.post("/masuk", data)
    assert response.headers["Location"] == "/cakupan?hari=2026-11-23&q=a%20b"


def test_whoever_is_in_needs_no_door(client: PageClient, build: Builder) -> None:
    client.sign_in(build.user(Role.EDUCATION_OFFICE))
    response = client.get("/masuk")
    assert (response.status_code, response.headers["Location"]) == (303, "/beranda")
