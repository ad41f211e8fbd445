"""Trying often: strangers slow down, nobody is locked out, and nobody learns who has an account."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from time_machine import Traveller
from werkzeug.test import TestResponse

from portal.core import limits
from portal.core.access import Role
from portal.core.db import Database
from portal.core.limits import SIGN_IN_NETWORK
from portal.people.actions import invitations
from portal.people.actions.invitations import Invite
from portal.people.models import User
from portal.schools.models import School
from tests.builders import PASSWORD, Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.people.doors import NOW, WRONG, code_now, is_in, knock, masked, show, token_of
from tests.visits.screen import Screen

WAIT = re.compile(r"Please wait ([\d,]+) seconds, then try again\.")
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def stopped(now: Traveller) -> None:
    """Stop the clock in all of these."""


@pytest.fixture
def english(client: PageClient) -> PageClient:
    """Return a stranger who reads English."""
    client.get("/masuk?bahasa=en")
    return client


def seconds(response: TestResponse) -> int:
    """Return how long an answer asks to wait."""
    found = WAIT.search(response.text)
    assert found, response.text
    assert response.status_code == 429
    return int(found[1].replace(",", ""))


def fail(client: PageClient, identifier: str | None, times: int = 5) -> None:
    """Try a wrong password until one has to wait."""
    for _try in range(times):
        assert knock(client, identifier, WRONG).status_code == 422


def test_after_five_wrong_passwords_a_stranger_waits_and_the_form_is_kept(
    english: PageClient, teacher: User
) -> None:
    fail(english, teacher.email)
    for password in (WRONG, PASSWORD):
        response = knock(english, teacher.email, password, own_device="y")
        assert seconds(response) == 60
        assert f'value="{teacher.email}"' in response.text
        assert Screen(response).checked("own_device") == ["y"]
        assert password not in response.text
    assert not is_in(english)


@on_sqlite
def test_waiting_tries_make_the_wait_no_longer(
    english: PageClient, teacher: User, now: Traveller
) -> None:
    fail(english, teacher.email)
    for left in (60, 40, 20):
        for _try in range(3):
            assert seconds(knock(english, teacher.email)) == left
        now.shift(20 * SECOND)
    assert knock(english, teacher.email).status_code == 303


@on_sqlite
def test_the_wait_grows_and_is_never_longer_than_a_minute(
    english: PageClient, teacher: User, now: Traveller
) -> None:
    fail(english, teacher.email)
    now.shift(61 * SECOND)
    waits = []
    for _failure in range(8):
        assert knock(english, teacher.email, WRONG).status_code == 422
        waits.append(seconds(knock(english, teacher.email, WRONG)))
        now.shift(timedelta(seconds=waits[-1]))
    assert waits[:4] == [2, 4, 8, 16]
    assert max(waits) <= 60
    now.shift(60 * SECOND)
    assert knock(english, teacher.email).status_code == 303


def test_on_a_known_device_the_owner_gets_in_while_strangers_wait(
    app: Flask, english: PageClient, build: Builder, teacher: User, now: Traveller
) -> None:
    owner, colleague = PageClient(app), PageClient(app)
    for browser, user in ((owner, teacher), (colleague, build.user(Role.VOLUNTEER))):
        knock(browser, user.email)
        browser.get("/akun")
        browser.post("/keluar")
    now.shift(61 * SECOND)
    fail(english, teacher.email)
    assert seconds(knock(english, teacher.email)) == 60
    # The device of a colleague is a stranger's to this account.
    assert knock(colleague, teacher.email).status_code == 429
    assert knock(owner, teacher.email).status_code == 303
    assert is_in(owner)
    assert seconds(knock(english, teacher.email)) == 60


@on_sqlite
@pytest.mark.parametrize("forged", ["", "x", "eyJ4IjoxfQ.AAAA", "é"])
def test_an_invented_device_is_a_strangers(
    app: Flask, english: PageClient, teacher: User, forged: str
) -> None:
    fail(english, teacher.email)
    other = PageClient(app)
    other.http.set_cookie("device", forged)
    assert knock(other, teacher.email).status_code == 429


@on_sqlite
def test_on_a_known_device_wrong_passwords_slow_down_too(
    app: Flask, english: PageClient, teacher: User
) -> None:
    knock(english, teacher.email)
    english.get("/akun")
    english.post("/keluar")
    codes = [knock(english, teacher.email, WRONG).status_code for _try in range(7)]
    assert codes[0] == 422
    assert codes[-1] == 429
    # A stranger starts at the beginning.
    assert knock(PageClient(app), teacher.email, WRONG).status_code == 422


@on_sqlite
def test_one_accounts_failures_slow_nobody_else_down(
    english: PageClient, build: Builder, teacher: User
) -> None:
    fail(english, teacher.email)
    assert knock(english, build.user(Role.VOLUNTEER).email).status_code == 303


@on_sqlite
@pytest.mark.parametrize("unknown", ["siapa@uji.example", "0812 9999 8888"])
def test_a_name_without_an_account_reads_like_one_with(
    app: Flask, teacher: User, unknown: str
) -> None:
    known = teacher.email if "@" in unknown else teacher.phone
    answers = []
    for identifier in (known or "", unknown):
        client = PageClient(app)
        tries = [knock(client, identifier, WRONG) for _try in range(7)]
        answers.append([masked(each, identifier) for each in tries])
        assert [each.status_code for each in tries] == [422] * 5 + [429] * 2
    assert answers[0] == answers[1]


def test_asking_for_help_reads_the_same_for_every_name(app: Flask, teacher: User) -> None:
    answers = []
    for identifier in (teacher.email or "", "siapa@uji.example"):
        client = PageClient(app)
        tries = []
        for _try in range(5):
            client.get("/lupa-sandi")
            tries.append(client.post("/lupa-sandi", {"identifier": identifier}))
        answers.append([masked(each, identifier) for each in tries])
    assert answers[0] == answers[1]
    statuses = [(status, target) for status, target, _text in answers[0]]
    assert statuses == [(303, "/lupa-sandi/terkirim")] * 3 + [(429, None)] * 2


def test_only_failures_count_for_the_network(
    app: Flask, english: PageClient, database: Database, build: Builder, teacher: User
) -> None:
    network = limits.network_bucket(database, "127.0.0.1")
    for _try in range(99):
        assert limits.try_once(database, SIGN_IN_NETWORK, network) is None
    for number in range(3):
        assert knock(PageClient(app), build.user(Role.VOLUNTEER).email).status_code == 303, number
    assert knock(english, teacher.email, WRONG).status_code == 422
    # Used up: strangers of this network wait, also with the right password.
    for password in (WRONG, PASSWORD):
        refused = knock(english, teacher.email, password)
        assert refused.status_code == 429
        assert "60 minutes" in refused.text
    limits.SqlStorage(database).reset()
    assert knock(english, teacher.email).status_code == 303


def test_a_known_device_gets_in_from_a_network_that_fails_often(
    app: Flask, database: Database, teacher: User
) -> None:
    owner = PageClient(app)
    assert knock(owner, teacher.email).status_code == 303
    owner.get("/akun")
    assert owner.post("/keluar").status_code == 303
    network = limits.network_bucket(database, "127.0.0.1")
    while limits.try_once(database, SIGN_IN_NETWORK, network) is None:
        pass
    assert knock(PageClient(app), teacher.email).status_code == 429
    assert knock(owner, teacher.email).status_code == 303


@on_sqlite
def test_the_code_is_slowed_down_for_whoever_knows_the_password(
    app: Flask, english: PageClient, principal: User, now: Traveller
) -> None:
    knock(english, principal.email)
    codes = [show(english, "000000").status_code for _try in range(8)]
    assert codes[:5] == [422] * 5
    assert codes[-1] == 429
    assert not is_in(english)
    now.shift(61 * SECOND)
    assert show(english, code_now()).status_code == 303


@on_sqlite
def test_a_password_asked_for_again_is_slowed_down(app: Flask, teacher: User) -> None:
    client = PageClient(app).sign_in(teacher)
    codes = [client.post("/akun/pastikan", {"password": WRONG}).status_code for _try in range(7)]
    assert codes == [422] * 5 + [429] * 2
    changed = {"present": PASSWORD, "password": "empat kata yang mudah diingat"}
    assert client.post("/akun/sandi", changed).status_code == 429
    assert is_in(client)


def test_an_invitation_is_no_way_to_guess_the_password_of_an_account(
    client: PageClient, build: Builder, school: School, principal: User
) -> None:
    victim = build.user(Role.COORDINATOR)
    statuses = []
    for number in range(3):
        invite = Invite(Role.TEACHER, school.id, f"Undangan {number}", victim.email, None)
        with build.session.begin():
            _invitation, token = invitations.invite(build.session, build.actor(principal), invite)
        answers = {"full_name": "X", "called": "", "password": WRONG}
        statuses += [client.post(f"/undangan/{token}", answers).status_code for _try in range(3)]
    assert statuses == [422] * 5 + [429] * 4


@on_sqlite
def test_no_counter_names_anybody(
    app: Flask, english: PageClient, database: Database, teacher: User
) -> None:
    fail(english, teacher.email, 2)
    with database.reader() as session:
        keys = " ".join(session.scalars(limits.select(limits.RateCounter.key)))
    for word in (teacher.email, teacher.phone, teacher.id.hex, "127.0.0.1", str(NOW.date())):
        assert str(word) not in keys
    assert keys


@on_sqlite
def test_a_session_survives_the_guesses_of_others(
    app: Flask, english: PageClient, teacher: User
) -> None:
    owner = PageClient(app).sign_in(teacher)
    token = token_of(owner)
    fail(english, teacher.email)
    assert is_in(owner)
    assert token_of(owner) == token


def test_somebody_who_signs_in_often_never_waits(app: Flask, teacher: User) -> None:
    for _time in range(8):
        assert knock(PageClient(app), teacher.email).status_code == 303
