"""The second proof at the door: codes from a phone, codes on paper, and the wait between."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy.orm import Session
from time_machine import Traveller

from portal.core import clock
from portal.core.access import Role
from portal.core.codes import ALPHABET, normal_code
from portal.core.db import Database, transaction
from portal.people.actions import factors
from portal.people.models import User
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.people.doors import (
    closed_views,
    code_now,
    come_in,
    everything_in,
    is_in,
    knock,
    opens,
    show,
    token_of,
)
from tests.trail import last, trail
from tests.visits.conftest import codes, together
from tests.visits.screen import Screen

MINUTE, STEP = timedelta(minutes=1), timedelta(seconds=30)
CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}")


@pytest.fixture
def waiting(client: PageClient, principal: User, now: Traveller) -> PageClient:
    """Return a browser whose password was right and whose code is awaited."""
    response = knock(client, principal.email)
    assert (response.status_code, response.headers["Location"]) == (303, "/masuk/kode")
    return client


def recovery_codes(build: Builder, user: User) -> list[str]:
    """Give somebody new recovery codes."""
    with build.database.writer() as session, transaction(session):
        return factors.make_recovery_codes(session, build.actor(user), user.id)


def codes_left(database: Database, user: User) -> int:
    """Return how many codes somebody could still use."""
    with database.reader() as session:
        return factors.codes_left(session, user.id)


def test_password_and_code_open_the_door(
    waiting: PageClient, database: Database, principal: User
) -> None:
    assert not is_in(waiting)
    response = show(waiting, code_now())
    assert (response.status_code, response.headers["Location"]) == (303, "/beranda")
    assert is_in(waiting)
    entry = last(database, "user")
    assert (entry.action, entry.actor_id, entry.facts) == (
        "user.signed_in",
        principal.id,
        {"strong": True},
    )


def test_who_has_no_second_proof_needs_none(client: PageClient, teacher: User) -> None:
    assert come_in(client, teacher).headers["Location"] == "/beranda"
    assert last(client.builder.database, "user").facts == {"strong": False}
    client.builder.close()


def test_a_code_opens_once(app: Flask, waiting: PageClient, principal: User) -> None:
    code = code_now()
    assert show(waiting, code).status_code == 303
    thief = PageClient(app)
    knock(thief, principal.email)
    assert show(thief, code).status_code == 422
    # Nor does an older one that was never used.
    assert show(thief, code_now(-1)).status_code == 422
    assert not is_in(thief)


@on_sqlite
@pytest.mark.parametrize("steps", [-2, -1, 0, 1, 2])
def test_a_phones_clock_may_be_one_step_off(waiting: PageClient, steps: int) -> None:
    assert show(waiting, code_now(steps)).status_code == (303 if abs(steps) < 2 else 422)
    assert is_in(waiting) is (abs(steps) < 2)


@on_sqlite
@pytest.mark.parametrize("typed", ["{} {}", " {}-{} ", "{}{}"])
def test_blanks_in_a_code_do_not_matter(waiting: PageClient, typed: str) -> None:
    code = code_now()
    assert show(waiting, typed.format(code[:3], code[3:])).status_code == 303


@on_sqlite
@pytest.mark.parametrize(
    "typed", ["", " ", "12345", "1234567", "١٢٣٤٥٦", "²³⁴⁵⁶⁷", "x" * 41, "\x00"]
)
def test_what_is_no_code_gets_the_form_again(waiting: PageClient, typed: str) -> None:
    response = show(waiting, typed)
    assert response.status_code == 422
    assert 'id="code"' in response.text
    assert not is_in(waiting)


def test_the_code_of_another_does_not_fit(waiting: PageClient) -> None:
    stranger = pyotp.random_base32(32)
    assert show(waiting, code_now(secret=stranger)).status_code == 422


def test_the_way_to_a_page_leads_through_the_code(
    client: PageClient, principal: User, now: Traveller
) -> None:
    response = knock(client, principal.email, lanjut="/pengguna?q=a")
    address = response.headers["Location"]
    page = Screen(client.get(address))
    assert page.value("lanjut") == "/pengguna?q=a"
    wrong = client.post("/masuk/kode", {"code": "000000", "lanjut": page.value("lanjut")})
    sent = {"code": code_now(), "lanjut": Screen(wrong).value("lanjut")}
    assert client.post("/masuk/kode", sent).headers["Location"] == "/pengguna?q=a"


@on_sqlite
def test_until_the_code_nothing_opens(app: Flask, waiting: PageClient) -> None:
    for endpoint, (address, _view) in closed_views(app, "GET").items():
        response = waiting.get(address)
        assert response.status_code == 303, endpoint
        assert response.headers["Location"].partition("?")[0] == "/masuk", endpoint
    assert show(waiting, code_now()).status_code == 303


@on_sqlite
def test_the_wait_for_the_code_ends_after_ten_minutes(waiting: PageClient, now: Traveller) -> None:
    now.shift(9 * MINUTE)
    assert waiting.get("/masuk/kode").status_code == 200
    now.shift(MINUTE + timedelta(seconds=1))
    late = waiting.get("/masuk/kode")
    assert (late.status_code, late.headers["Location"]) == (303, "/masuk")
    response = waiting.post("/masuk/kode", {"code": code_now()})
    assert (response.status_code, response.headers["Location"]) == (303, "/masuk")
    assert not is_in(waiting)


def test_the_cookie_changes_with_the_second_proof(app: Flask, waiting: PageClient) -> None:
    before = token_of(waiting)
    show(waiting, code_now())
    after = token_of(waiting)
    assert before != after
    assert not opens(app, before)
    assert opens(app, after)


@on_sqlite
@pytest.mark.parametrize("spelling", ["{}", " {} ", "lower", "plain", "misread"])
def test_a_recovery_code_opens_once_however_it_is_typed(
    app: Flask, waiting: PageClient, build: Builder, principal: User, spelling: str
) -> None:
    codes = recovery_codes(build, principal)
    assert len(set(codes)) == 10
    assert all(CODE.fullmatch(each) for each in codes)
    # One with both letters that are easily misread, if chance gave one.
    code = max(codes, key=lambda each: ("0" in each) + ("1" in each))
    spelled = {
        "lower": code.lower(),
        "plain": code.replace("-", ""),
        "misread": code.replace("0", "O").replace("1", "l"),
    }.get(spelling, spelling.format(code))
    assert show(waiting, spelled).status_code == 303
    assert is_in(waiting)
    assert codes_left(build.database, principal) == 9
    used = [each for each in trail(build.database, "user") if "recovery_code_used" in each.action]
    assert [each.facts for each in used] == [{"left": 9}]
    assert re.search(r"\b9\b", " ".join(Screen(waiting.get("/akun/keamanan")).with_class("muted")))
    again = PageClient(app)
    knock(again, principal.email)
    assert show(again, code).status_code == 422
    assert show(again, codes[0] if codes[0] != code else codes[1]).status_code == 303


def test_letters_that_are_misread_are_set_right() -> None:
    assert normal_code("o0-iIlL 1") == "0011111"
    assert not set("OILU") & set(ALPHABET)


def test_the_recovery_code_of_another_opens_nothing(
    waiting: PageClient, build: Builder, teacher: User
) -> None:
    (code, *_rest) = recovery_codes(build, teacher)
    assert show(waiting, code).status_code == 422


def test_recovery_codes_are_kept_nowhere(build: Builder, principal: User) -> None:
    codes = recovery_codes(build, principal)
    everything = everything_in(build.database).upper()
    assert not [code for code in codes if code in everything or code[:5] in everything]


def test_new_recovery_codes_end_the_old_ones(
    app: Flask, build: Builder, principal: User, now: Traveller
) -> None:
    (old, *_rest) = recovery_codes(build, principal)
    client = PageClient(app).sign_in(principal)
    shown = CODE.findall(client.post("/akun/kode-cadangan").text)
    assert len(set(shown)) == 10
    stranger = PageClient(app)
    knock(stranger, principal.email)
    assert show(stranger, old).status_code == 422
    assert show(stranger, shown[9]).status_code == 303


def shown_secret(page: Screen) -> str:
    """Return the key a page shows for typing into the app."""
    (shown,) = page.with_class("code-key")
    return shown.replace(" ", "")


def test_a_phone_is_set_up_by_its_first_code(
    app: Flask, build: Builder, teacher: User, now: Traveller
) -> None:
    client, other = PageClient(app).sign_in(teacher), PageClient(app).sign_in(teacher)
    before = token_of(client)
    page = Screen(client.get("/akun/kode"))
    secret = shown_secret(page)
    assert f"secret={secret}" in page.html
    wrong = client.post("/akun/kode", {"code": "000000", "offer": page.value("offer")})
    assert wrong.status_code == 422
    assert shown_secret(Screen(wrong)) == secret
    assert build.fresh(User, teacher.id).totp_secret is None
    sent = {"code": code_now(secret=secret), "offer": Screen(wrong).value("offer")}
    response = client.post("/akun/kode", sent)
    assert response.status_code == 200
    assert len(set(CODE.findall(response.text))) == 10
    assert build.fresh(User, teacher.id).totp_secret == secret
    assert secret not in everything_in(build.database)
    # The rights of the session grew: it has another token, and other devices come in anew.
    assert token_of(client) != before
    assert not opens(app, before)
    assert is_in(client)
    assert not is_in(other)
    knock(other, teacher.email)
    assert show(other, sent["code"]).status_code == 422
    now.shift(STEP)
    assert show(other, code_now(secret=secret)).status_code == 303


@on_sqlite
def test_an_offer_is_good_for_one_person_and_one_hour(
    app: Flask, build: Builder, teacher: User, principal: User, now: Traveller
) -> None:
    build.setting("step_up_minutes", 60)
    colleague = build.user(Role.VOLUNTEER)
    client = PageClient(app).sign_in(teacher)
    offered = Screen(client.get("/akun/kode"))
    secret, offer = shown_secret(offered), offered.value("offer")
    for who, wait in ((colleague, timedelta(0)), (teacher, timedelta(minutes=61))):
        now.shift(wait)
        browser = PageClient(app).sign_in(who)
        for told in (offer, "", "x", f"{offer}x"):
            sent = {"code": code_now(secret=secret), "offer": told}
            assert browser.post("/akun/kode", sent).status_code == 422
        assert build.fresh(User, who.id).totp_secret is None


def test_taking_the_phone_off_takes_its_codes_along(
    app: Flask, build: Builder, principal: User
) -> None:
    recovery_codes(build, principal)
    client = PageClient(app).sign_in(principal)
    assert client.post("/akun/kode/lepas").status_code == 303
    assert build.fresh(User, principal.id).totp_secret is None
    assert codes_left(build.database, principal) == 0
    # The role needs one: it is set up anew before anything else.
    assert client.get("/beranda").headers["Location"].startswith("/akun/kode")


def test_of_four_who_show_the_same_code_at_once_one_gets_in(
    build: Builder, database: Database, principal: User, now: Traveller
) -> None:
    actor, code = build.actor(principal), code_now()

    def use(session: Session) -> None:
        factors.use_code(session, actor, session.get_one(User, principal.id), code)

    assert codes(together(database, [use] * 4)) == ["code_wrong"] * 3
    assert build.fresh(User, principal.id).totp_used_step == int(clock.now().timestamp()) // 30
