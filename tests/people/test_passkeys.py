"""Passkeys: making one, coming in with it, taking it off, and what a stranger's answer gets."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
import pytest
import time_machine
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from sqlalchemy import select
from time_machine import Traveller
from werkzeug.test import TestResponse

from portal.core.access import Role
from portal.core.db import Database
from portal.people.actions.passkeys import Site, site_of
from portal.people.models import Passkey, RecoveryCode, SignInSession, User
from tests.builders import PASSWORD, Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.trail import last, trail

ORIGIN = "http://localhost:8000"
# A Monday, 09.41 in Metro.
NOW = datetime(2026, 11, 23, 2, 41, tzinfo=UTC)
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
UNFIT = "This passkey does not fit"
OVER = "That took a little too long"


def text(raw: bytes) -> str:
    """Return bytes as browsers write them."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class SoftKey:
    """A phone that signs, in software; its attributes are what a hostile one would change."""

    origin: str = ORIGIN
    host: str = "localhost"
    count: int = 1
    # How far each use moves the count; some keys never count.
    step: int = 1
    presence: int = PRESENT | VERIFIED
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    secret: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def make(self, options: dict[str, Any], **changed: Any) -> str:
        """Answer as navigator.credentials.create() does."""
        point = self.secret.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        attested = bytes(16) + len(self.id).to_bytes(2) + self.id + cbor2.dumps(public)
        made = {
            "fmt": "none",
            "attStmt": {},
            "authData": self._data(self.presence | ATTESTED) + attested,
        }
        return self._answer(
            clientDataJSON=self._client("webauthn.create", options, changed),
            attestationObject=cbor2.dumps(made),
        )

    def sign(self, options: dict[str, Any], **changed: Any) -> str:
        """Answer as navigator.credentials.get() does."""
        self.count += self.step
        client = self._client("webauthn.get", options, changed)
        data = self._data(self.presence)
        signature = self.secret.sign(
            data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256())
        )
        return self._answer(clientDataJSON=client, authenticatorData=data, signature=signature)

    def _client(self, kind: str, options: dict[str, Any], changed: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps({**said, **changed}).encode()

    def _data(self, flags: int) -> bytes:
        host = hashlib.sha256(self.host.encode()).digest()
        return host + bytes([flags]) + self.count.to_bytes(4)

    def _answer(self, **response: bytes) -> str:
        said = {name: text(raw) for name, raw in response.items()}
        named = text(self.id)
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": said})


@pytest.fixture(autouse=True)
def now() -> Iterator[Traveller]:
    """Stop the clock; a test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def user(build: Builder) -> User:
    """Return a teacher, who needs no second proof and may have one."""
    return build.user(Role.TEACHER, build.school(), language="en")


@pytest.fixture
def home(app: Flask, user: User) -> PageClient:
    """Return the teacher's own browser, signed in."""
    return PageClient(app).sign_in(user)


def ask(client: PageClient, path: str) -> dict[str, Any]:
    """Ask for what a key must sign, as the script does: the token in a header, no form."""
    response = client.http.post(path, headers={"X-CSRFToken": client.csrf()})
    assert (response.status_code, response.mimetype) == (200, "application/json")
    options: dict[str, Any] = response.get_json()
    return options


def add(client: PageClient, key: SoftKey, name: str = "Ponsel Uji") -> TestResponse:
    """Make a passkey in the account."""
    client.get("/akun/kunci")
    answer = key.make(ask(client, "/akun/kunci/tantangan"))
    return client.post("/akun/kunci", {"name": name, "credential": answer})


def come_to_the_code(app: Flask, user: User, **more: str) -> PageClient:
    """Enter the password in another browser."""
    client = PageClient(app)
    client.get("/masuk?bahasa=en")
    response = client.post("/masuk", {"identifier": user.email or "", "password": PASSWORD, **more})
    assert response.headers["Location"].startswith("/masuk/kode")
    client.get("/masuk/kode")
    return client


def come_in(client: PageClient, key: SoftKey, **more: str) -> TestResponse:
    """Use a passkey at the door."""
    return client.post(
        "/masuk/kunci", {"credential": key.sign(ask(client, "/masuk/kunci/tantangan")), **more}
    )


def is_in(client: PageClient) -> bool:
    """Say whether the account opens."""
    return client.get("/akun").status_code == 200


def kept(database: Database) -> list[Passkey]:
    """Return all passkeys."""
    with database.reader() as session:
        return list(session.scalars(select(Passkey).order_by(Passkey.created_at)))


def codes(database: Database) -> int:
    """Return how many recovery codes there are."""
    with database.reader() as session:
        return len(session.scalars(select(RecoveryCode.id)).all())


def test_the_first_passkey_brings_recovery_codes_and_opens_the_door(
    app: Flask, home: PageClient, user: User, database: Database
) -> None:
    key = SoftKey()
    response = add(home, key)
    assert response.status_code == 200
    assert len(re.findall(r"<li>\w{5}-\w{5}", response.text)) == 10
    (made,) = kept(database)
    assert (made.user_id, made.credential_id, made.name) == (user.id, key.id, "Ponsel Uji")
    assert (made.sign_count, made.created_at, made.last_used_at) == (1, NOW, None)
    added = next(each for each in trail(database) if each.action == "user.factor_added")
    assert (added.subject_id, added.facts) == (user.id, {"kind": "passkey"})

    door = come_to_the_code(app, user)
    assert not is_in(door)
    response = come_in(door, key, lanjut="/akun/keamanan")
    assert (response.status_code, response.headers["Location"]) == (303, "/akun/keamanan")
    assert is_in(door)
    (used,) = kept(database)
    assert (used.sign_count, used.last_used_at) == (2, NOW)
    entered = last(database, "user")
    assert (entered.action, entered.facts) == ("user.signed_in", {"strong": True})


def test_a_second_passkey_leaves_the_recovery_codes_alone(
    home: PageClient, database: Database
) -> None:
    add(home, SoftKey())
    with database.reader() as session:
        before = set(session.scalars(select(RecoveryCode.code_hash)))
    response = add(home, SoftKey(), "Laptop")
    assert (response.status_code, response.headers["Location"]) == (303, "/akun/keamanan")
    page = home.get("/akun/keamanan").text
    assert "Ponsel Uji" in page
    assert "Laptop" in page
    with database.reader() as session:
        assert set(session.scalars(select(RecoveryCode.code_hash))) == before


def test_a_passkey_beside_the_code_from_the_phone_needs_no_new_recovery_codes(
    app: Flask, build: Builder, database: Database
) -> None:
    client = PageClient(app).sign_in(build.user(Role.COORDINATOR))
    assert add(client, SoftKey()).status_code == 303
    assert codes(database) == 0


def test_a_new_passkey_changes_the_session_and_signs_other_devices_out(
    app: Flask, home: PageClient, user: User
) -> None:
    other = PageClient(app).sign_in(user)
    before = home.http.get_cookie("sid")
    add(home, SoftKey())
    after = home.http.get_cookie("sid")
    assert before
    assert after
    assert before.value != after.value
    assert (is_in(home), is_in(other)) == (True, False)
    copied = PageClient(app)
    copied.http.set_cookie("sid", before.value)
    assert not is_in(copied)


def test_whoever_needs_a_second_proof_may_begin_with_a_passkey(app: Flask, build: Builder) -> None:
    client = PageClient(app).sign_in(build.user(Role.COORDINATOR, totp_secret=None))
    assert client.get("/beranda").headers["Location"].startswith("/akun/kode")
    assert add(client, SoftKey()).status_code == 200
    assert client.get("/beranda").status_code == 200


@on_sqlite
def test_the_browser_is_asked_for_this_account_and_not_for_a_second_key_of_one_device(
    home: PageClient, user: User
) -> None:
    key = SoftKey()
    add(home, key)
    options = ask(home, "/akun/kunci/tantangan")
    assert options["rp"]["id"] == "localhost"
    assert options["user"]["name"] == user.email
    assert options["user"]["id"] == text(user.public_id.encode())
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"]["userVerification"] == "preferred"
    assert [each["id"] for each in options["excludeCredentials"]] == [text(key.id)]


@on_sqlite
@pytest.mark.parametrize(("name", "shown"), [("", "My device"), ("  ", "My device")])
def test_a_passkey_without_a_name_is_called_after_its_device(
    home: PageClient, database: Database, name: str, shown: str
) -> None:
    add(home, SoftKey(), name)
    assert [key.name for key in kept(database)] == [shown]


@on_sqlite
def test_the_page_suggests_the_device_as_the_name(home: PageClient) -> None:
    agent = "Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile"
    page = home.get("/akun/kunci", headers={"User-Agent": agent}).text
    assert 'value="Chrome, Android"' in page


def test_the_same_passkey_is_not_added_twice_not_even_to_another_account(
    app: Flask, home: PageClient, build: Builder, database: Database
) -> None:
    key = SoftKey()
    add(home, key)
    other = PageClient(app).sign_in(build.user(Role.TEACHER, build.school(), language="en"))
    for client in (home, other):
        response = add(client, key)
        assert response.status_code == 422
        assert "is set up already" in response.text
    assert len(kept(database)) == 1


def test_a_count_larger_than_the_column_is_kept_as_the_largest(
    app: Flask, home: PageClient, user: User, database: Database
) -> None:
    key = SoftKey(count=2**32 - 10)
    add(home, key)
    assert kept(database)[0].sign_count == 2**31 - 1
    assert come_in(come_to_the_code(app, user), key).status_code == 303


GARBAGE = [
    "",
    "null",
    "[]",
    "{",
    "7" * 5000,
    "[" * 20_000,
    '{"id": 1}',
    '{"id":"a","rawId":"a","type":"public-key","response":{}}',
    '{"id":"YQ","rawId":"YQ","type":"public-key","response":{"clientDataJSON":"YQ",'
    '"attestationObject":"YQ","authenticatorData":"YQ","signature":"YQ"}}',
    '{"id":"YQ","rawId":"YQ","type":"public-key","response":{"clientDataJSON":"é",'
    '"attestationObject":"\\u0000","authenticatorData":"!","signature":"","userHandle":"a"}}',
    "\x00",
    "é\ud83d",
]
garbage = pytest.mark.parametrize("answer", GARBAGE, ids=range(len(GARBAGE)))


@garbage
def test_garbage_instead_of_a_new_passkey_gets_a_sentence(
    home: PageClient, database: Database, answer: str
) -> None:
    home.get("/akun/kunci")
    ask(home, "/akun/kunci/tantangan")
    sent = answer.encode("utf-8", "surrogatepass")
    response = home.post("/akun/kunci", {"name": "Kunci", "credential": sent})
    assert response.status_code == 422
    assert UNFIT in response.text
    assert kept(database) == []


@garbage
def test_garbage_at_the_door_gets_a_sentence(
    app: Flask, home: PageClient, user: User, answer: str
) -> None:
    add(home, SoftKey())
    door = come_to_the_code(app, user)
    ask(door, "/masuk/kunci/tantangan")
    sent = answer.encode("utf-8", "surrogatepass")
    response = door.post("/masuk/kunci", {"credential": sent})
    assert response.status_code == 422
    assert UNFIT in response.text
    assert 'id="second-proof"' in response.text
    assert not is_in(door)


WRONG: list[dict[str, Any]] = [
    {"challenge": text(bytes(40))},
    {"origin": "http://localhost:8001"},
    {"origin": "https://portal-mitra.example"},
    {"type": "webauthn.other"},
    {"tokenBinding": {"status": "odd"}},
]


@pytest.mark.parametrize("changed", WRONG)
def test_an_answer_to_another_question_makes_no_passkey(
    home: PageClient, database: Database, changed: dict[str, Any]
) -> None:
    home.get("/akun/kunci")
    answer = SoftKey().make(ask(home, "/akun/kunci/tantangan"), **changed)
    response = home.post("/akun/kunci", {"name": "Kunci", "credential": answer})
    assert response.status_code == 422
    assert UNFIT in response.text
    assert kept(database) == []


@pytest.mark.parametrize("changed", WRONG)
def test_an_answer_to_another_question_opens_nothing(
    app: Flask, home: PageClient, user: User, changed: dict[str, Any]
) -> None:
    key = SoftKey()
    add(home, key)
    door = come_to_the_code(app, user)
    answer = key.sign(ask(door, "/masuk/kunci/tantangan"), **changed)
    response = door.post("/masuk/kunci", {"credential": answer})
    assert response.status_code == 422
    assert UNFIT in response.text
    assert not is_in(door)


def altered(key: SoftKey, how: str) -> None:
    """Turn somebody's key into what a thief might have."""
    if how == "another site":
        key.host = "portal-mitra.example"
    elif how == "nobody there":
        key.presence = 0
    elif how == "another secret":
        key.secret = ec.generate_private_key(ec.SECP256R1())
    elif how == "unknown":
        key.id = secrets.token_bytes(32)
    else:
        key.count, key.step = 0, 0


@pytest.mark.parametrize(
    "how", ["another site", "nobody there", "another secret", "unknown", "does not count on"]
)
def test_a_key_that_is_not_quite_the_one_opens_nothing(
    app: Flask, home: PageClient, user: User, how: str
) -> None:
    key = SoftKey()
    add(home, key)
    door = come_to_the_code(app, user)
    altered(key, how)
    response = come_in(door, key)
    assert response.status_code == 422
    assert UNFIT in response.text
    assert not is_in(door)


def test_a_key_that_never_counts_is_welcome_again_and_again(
    app: Flask, home: PageClient, user: User
) -> None:
    key = SoftKey(count=0, step=0)
    add(home, key)
    for _time in range(2):
        assert come_in(come_to_the_code(app, user), key).status_code == 303


def test_a_copy_that_lags_behind_in_counting_is_refused(
    app: Flask, home: PageClient, user: User
) -> None:
    key = SoftKey(count=10)
    add(home, key)
    assert come_in(come_to_the_code(app, user), key).status_code == 303
    copy = SoftKey(id=key.id, secret=key.secret, count=9)
    assert come_in(come_to_the_code(app, user), copy).status_code == 422


def test_somebody_elses_passkey_opens_nothing(
    app: Flask, home: PageClient, user: User, build: Builder
) -> None:
    mine, theirs = SoftKey(), SoftKey()
    colleague = build.user(Role.TEACHER, build.school(), language="en")
    add(home, mine)
    add(PageClient(app).sign_in(colleague), theirs)
    door = come_to_the_code(app, user)
    response = come_in(door, theirs)
    assert response.status_code == 422
    assert UNFIT in response.text
    assert not is_in(door)


def test_an_answer_counts_once(app: Flask, home: PageClient, user: User) -> None:
    key = SoftKey()
    add(home, key)
    door = come_to_the_code(app, user)
    options = ask(door, "/masuk/kunci/tantangan")
    # A refused try uses the question up as well.
    assert door.post("/masuk/kunci", {"credential": "{}"}).status_code == 422
    response = door.post("/masuk/kunci", {"credential": key.sign(options)})
    assert response.status_code == 422
    assert OVER in response.text
    # And an answer from one sign-in says nothing in the next.
    answer = key.sign(ask(door, "/masuk/kunci/tantangan"))
    assert door.post("/masuk/kunci", {"credential": answer}).status_code == 303
    again = come_to_the_code(app, user)
    assert OVER in again.post("/masuk/kunci", {"credential": answer}).text
    ask(again, "/masuk/kunci/tantangan")
    assert UNFIT in again.post("/masuk/kunci", {"credential": answer}).text
    assert not is_in(again)


def test_a_new_passkey_is_made_once_from_one_answer(home: PageClient, database: Database) -> None:
    home.get("/akun/kunci")
    answer = SoftKey().make(ask(home, "/akun/kunci/tantangan"))
    assert home.post("/akun/kunci", {"name": "Kunci", "credential": answer}).status_code == 200
    (made,) = kept(database)
    response = home.post("/akun/kunci", {"name": "Kunci", "credential": answer})
    assert response.status_code == 422
    assert OVER in response.text
    assert [key.id for key in kept(database)] == [made.id]
    with database.reader() as session:
        assert set(session.scalars(select(SignInSession.challenge))) == {None}


def test_a_question_grows_old(home: PageClient, database: Database, now: Traveller) -> None:
    for minutes, status in ((9, 200), (11, 422)):
        home.get("/akun/kunci")
        answer = SoftKey().make(ask(home, "/akun/kunci/tantangan"))
        now.shift(timedelta(minutes=minutes))
        home.post("/akun/pastikan", {"password": PASSWORD})
        response = home.post("/akun/kunci", {"name": "Kunci", "credential": answer})
        assert response.status_code == status
    assert OVER in response.text
    assert len(kept(database)) == 1


def test_whoever_guesses_waits_and_codes_wait_with_them(
    app: Flask, home: PageClient, user: User, now: Traveller
) -> None:
    key = SoftKey()
    add(home, key)
    door = come_to_the_code(app, user)
    for _time in range(6):
        assert door.post("/masuk/kunci", {"credential": "{}"}).status_code == 422
    assert come_in(door, key).status_code == 429
    assert door.post("/masuk/kode", {"code": "123456"}).status_code == 429
    now.shift(timedelta(seconds=3))
    assert come_in(door, key).status_code == 303


def remove(client: PageClient, key: Passkey) -> TestResponse:
    """Take a key off, from the page that lists them."""
    client.get("/akun/keamanan")
    return client.post(f"/akun/kunci/{key.public_id}/lepas")


def test_the_last_passkey_takes_the_recovery_codes_along(
    home: PageClient, database: Database
) -> None:
    add(home, SoftKey())
    add(home, SoftKey())
    first, second = kept(database)
    assert remove(home, first).headers["Location"] == "/akun/keamanan"
    assert codes(database) == 10
    assert last(database, "user").facts == {"kind": "passkey"}
    assert last(database, "user").action == "user.factor_removed"
    remove(home, second)
    assert (kept(database), codes(database)) == ([], 0)


def test_recovery_codes_stay_while_the_phone_still_makes_codes(
    app: Flask, build: Builder, database: Database
) -> None:
    client = PageClient(app).sign_in(build.user(Role.COORDINATOR))
    add(client, SoftKey())
    client.get("/akun/kode-cadangan")
    assert client.post("/akun/kode-cadangan").status_code == 200
    remove(client, *kept(database))
    assert (kept(database), codes(database)) == ([], 10)


def test_nobody_takes_off_somebody_elses_passkey(
    app: Flask, home: PageClient, build: Builder, database: Database
) -> None:
    add(home, SoftKey())
    stranger = PageClient(app).sign_in(build.user(Role.ADMIN, language="en"))
    remove(stranger, *kept(database))
    assert "That passkey is taken off already." in stranger.get("/akun/keamanan").text
    assert len(kept(database)) == 1


@on_sqlite
def test_making_and_taking_off_ask_for_a_recent_password(
    home: PageClient, database: Database, now: Traveller
) -> None:
    add(home, SoftKey())
    (key,) = kept(database)
    now.shift(timedelta(minutes=11))
    home.get("/akun")
    for answer in (
        home.get("/akun/kunci"),
        home.post("/akun/kunci/tantangan"),
        home.post("/akun/kunci", {"credential": "{}"}),
        home.post(f"/akun/kunci/{key.public_id}/lepas"),
    ):
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/akun/pastikan")
    assert len(kept(database)) == 1


@on_sqlite
def test_the_door_offers_a_passkey_only_to_whoever_has_one(
    app: Flask, home: PageClient, user: User, build: Builder
) -> None:
    add(home, SoftKey())
    page = come_to_the_code(app, user).get("/masuk/kode").text
    assert 'data-passkey="get"' in page
    assert "js/passkey.js" in page
    assert "recovery codes" in page
    page = come_to_the_code(app, build.user(Role.COORDINATOR)).get("/masuk/kode").text
    assert "passkey" not in page


@on_sqlite
def test_the_form_stays_hidden_until_the_script_finds_a_browser_that_can(home: PageClient) -> None:
    page = home.get("/akun/kunci").text
    (form,) = re.findall(r'<form id="passkey"[^>]*>', page)
    assert form.endswith(" hidden>")
    assert f'data-origin="{ORIGIN}"' in form
    assert "This browser cannot keep a passkey." in page


@on_sqlite
def test_the_script_of_its_own_stays_small(client: PageClient) -> None:
    assert len(client.get("/static/js/passkey.js").data) <= 2048


@on_sqlite
def test_without_the_library_nothing_speaks_of_passkeys(
    app: Flask, home: PageClient, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(home, SoftKey())
    # What Python itself notes for a module that is not installed.
    monkeypatch.setitem(sys.modules, "webauthn", None)
    assert "asskey" not in home.get("/akun/keamanan").text
    door = come_to_the_code(app, user)
    assert "asskey" not in door.get("/masuk/kode").text
    assert home.get("/akun/kunci").status_code == 404
    for path in ("/akun/kunci", "/akun/kunci/tantangan", f"/akun/kunci/{'a' * 22}/lepas"):
        assert home.post(path).status_code == 404
    for path in ("/masuk/kunci", "/masuk/kunci/tantangan"):
        assert door.post(path).status_code == 404


@pytest.mark.parametrize(
    ("base_url", "host", "origin"),
    [
        ("http://localhost:8000", "localhost", "http://localhost:8000"),
        ("http://127.0.0.1:8000", "localhost", "http://localhost:8000"),
        ("http://[::1]:8000", "localhost", "http://localhost:8000"),
        ("https://Portal.Example", "portal.example", "https://portal.example"),
        ("https://portal.example:443", "portal.example", "https://portal.example"),
        ("https://portal.example:8443", "portal.example", "https://portal.example:8443"),
    ],
)
def test_keys_know_the_portal_by_name_and_origin(base_url: str, host: str, origin: str) -> None:
    assert site_of(base_url, "Portal") == Site(host, origin, "Portal")


@pytest.mark.parametrize(
    "base_url", ["http://192.168.1.5:8000", "https://192.168.1.5", "http://portal.example"]
)
def test_no_key_is_kept_for_a_number_or_without_https(base_url: str) -> None:
    assert site_of(base_url, "Portal") is None
