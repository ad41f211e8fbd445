"""What somebody typed is still there: after signing in again, an error, a busy moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
import wtforms
from flask import Flask
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from portal import create_app
from portal.config import Settings
from portal.core import clock
from portal.core.access import Role
from portal.core.db import Database, transaction
from portal.core.drafts import Draft
from portal.people.models import SignInSession, User
from portal.schools.models import Mou
from portal.visits.models import Visit
from portal.web.forms import PortalForm
from portal.web.once import KEY_FIELD
from portal.web.typed import NEVER_KEPT
from tests.builders import PASSWORD, Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.web.test_forms import descendants

HOST = "http://localhost"
WORDS = "Kata yang baru saja diketik"
HTMX = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])


def expire(build: Builder, user: User) -> None:
    """Let every session of a person run out."""
    with transaction(build.session) as session:
        session.execute(
            sa.update(SignInSession)
            .where(SignInSession.user_id == user.id)
            .values(expires_at=clock.now())
        )


def drafts(build: Builder) -> list[Draft]:
    """Return what is kept."""
    with build.database.reader() as reading:
        return list(reading.scalars(select(Draft)))


def where(response: TestResponse) -> str:
    """Return where an answer leads."""
    return response.headers.get("HX-Redirect") or response.headers.get("Location") or ""


def back_from(response: TestResponse) -> str:
    """Return the page that signing in leads back to."""
    target = urlsplit(where(response))
    assert target.path == "/masuk"
    return parse_qs(target.query)["lanjut"][0]


def send_signed_out(
    client: PageClient, page: str, action: str, sent: dict[str, Any], *, htmx: bool
) -> str:
    """Send a page's form after the session ran out and return the way back."""
    headers = {"Referer": HOST + page}
    return back_from(client.post(action, sent, headers=headers, htmx=htmx))


def shown(client: PageClient, action: str, name: str) -> str:
    """Return what stands in a field of the last page."""
    return client.form(action)[name][0]


@HTMX
def test_a_booking_stands_in_its_form_after_signing_in_again(
    client: PageClient, build: Builder, htmx: bool
) -> None:
    build.worker()
    school = build.school()
    user = build.user(Role.PRINCIPAL, school)
    client.sign_in(user).get("/sesi/baru")
    sent = {**client.form("/sesi/baru"), "room": WORDS, "needs": "Proyektor\r\ndan mikrofon"}
    expire(build, user)
    back = send_signed_out(client, "/sesi/baru?programme=pgts", "/sesi/baru", sent, htmx=htmx)
    assert back.startswith("/sesi/baru?programme=pgts&isian=")
    client.sign_in(user).get(back)
    assert shown(client, "/sesi/baru", "room") == WORDS
    assert shown(client, "/sesi/baru", "needs") == "Proyektor\r\ndan mikrofon".replace("\r\n", "\n")
    assert shown(client, "/sesi/baru", KEY_FIELD) != sent[KEY_FIELD][0]


@HTMX
def test_an_mou_stands_in_its_form_after_signing_in_again(
    client: PageClient, build: Builder, htmx: bool
) -> None:
    user, school = build.user(Role.COORDINATOR), build.school()
    build.mou(school, promised=4)
    here = f"/sekolah/{school.public_id}/mou/baru"
    client.sign_in(user).get(here)
    sent = {**client.form(here), "number": WORDS, "signed_on": "2031-02-03"}
    sent["promised_sessions"] = "7"
    expire(build, user)
    back = send_signed_out(client, here, here, sent, htmx=htmx)
    client.sign_in(user).get(back)
    form = client.form(here)
    assert form["number"] == [WORDS]
    assert (form["signed_on"], form["promised_sessions"]) == (["2031-02-03"], ["7"])


def test_a_correction_stands_in_its_form_and_knows_which_version_it_saw(
    client: PageClient, build: Builder
) -> None:
    user, school = build.user(Role.COORDINATOR), build.school()
    mou = build.mou(school)
    here = f"/sekolah/{school.public_id}/mou/{mou.public_id}/ubah"
    client.sign_in(user).get(here)
    sent = {**client.form(here), "number": WORDS}
    expire(build, user)
    back = send_signed_out(client, here, here, sent, htmx=False)
    client.sign_in(user).get(back)
    assert client.post(here, client.form(here)).status_code == 303
    assert build.fresh(Mou, mou.id).number == WORDS
    expire(build, user)
    back = send_signed_out(client, here, here, {**sent, "scope": "Tertinggal"}, htmx=False)
    client.sign_in(user).get(back)
    # A colleague's later correction is not lost to what was typed before it.
    with transaction(build.session) as session:
        session.execute(
            sa.update(Mou).where(Mou.id == mou.id).values(scope="Dari kolega", version=9)
        )
    assert client.post(here, client.form(here)).status_code == 409


@HTMX
def test_settings_stand_in_their_form_after_signing_in_again(
    client: PageClient, build: Builder, htmx: bool
) -> None:
    user = build.user(Role.ADMIN)
    client.sign_in(user).get("/pengaturan")
    sent = {**client.form("/pengaturan"), "office_name": WORDS, "visit_starts": "7.30"}
    expire(build, user)
    back = send_signed_out(client, "/pengaturan", "/pengaturan", sent, htmx=htmx)
    client.sign_in(user).get(back)
    assert shown(client, "/pengaturan", "office_name") == WORDS
    assert shown(client, "/pengaturan", "visit_starts") == "7.30"
    assert client.post("/pengaturan", client.form("/pengaturan")).status_code == 303


@pytest.mark.parametrize("left", ["", "/belum-bisa"], ids=["page", "refused form"])
def test_a_reason_stands_on_the_page_of_its_session_after_signing_in_again(
    client: PageClient, build: Builder, left: str
) -> None:
    build.worker()
    school, user = build.school(), build.user(Role.COORDINATOR)
    visit = build.requested(build.user(Role.PRINCIPAL, school), school, build.first_slot(school))
    here = f"/sesi/{visit.public_id}"
    client.sign_in(user).get(here)
    sent = {**client.form(f"{here}/belum-bisa"), "reason": WORDS}
    expire(build, user)
    # A refused form stands at the address it was sent to, which nobody can open.
    back = send_signed_out(client, here + left, f"{here}/belum-bisa", sent, htmx=False)
    assert urlsplit(back).path == here
    assert client.sign_in(user).get(back).status_code == 200
    assert shown(client, f"{here}/belum-bisa", "reason") == WORDS
    form = client.form(f"{here}/belum-bisa")
    answer = client.post(f"{here}/belum-bisa", form, headers={"Referer": HOST + back})
    assert answer.status_code == 303
    assert build.fresh(Visit, visit.id).reason == WORDS
    # It was sent, so nothing of it is kept.
    assert drafts(build) == []


def test_another_person_at_the_same_computer_sees_nothing_of_it(
    client: PageClient, build: Builder
) -> None:
    user, colleague = build.user(Role.ADMIN), build.user(Role.ADMIN)
    client.sign_in(user).get("/pengaturan")
    sent = {**client.form("/pengaturan"), "office_name": WORDS}
    expire(build, user)
    back = send_signed_out(client, "/pengaturan", "/pengaturan", sent, htmx=False)
    client.http.delete_cookie("sid")
    assert WORDS not in client.get(back, follow_redirects=True).text
    assert WORDS not in client.sign_in(colleague).get(back).text
    assert WORDS in client.sign_in(user).get(back).text
    assert WORDS not in client.get(back.replace("/pengaturan", "/akun")).text
    assert WORDS not in client.get("/pengaturan").text


@pytest.mark.parametrize(
    "page", ["", "https://luar.example/akun", f"{HOST}:81/akun", "http://localhost.luar.example/"]
)
def test_nothing_is_kept_of_a_form_that_came_from_elsewhere(
    client: PageClient, build: Builder, page: str
) -> None:
    user = build.user(Role.VOLUNTEER)
    client.sign_in(user).get("/akun")
    expire(build, user)
    response = client.post("/akun", {"full_name": WORDS}, headers={"Referer": page} if page else {})
    assert where(response) == "/masuk"
    assert drafts(build) == []


def test_nothing_is_kept_of_whoever_nobody_knows(client: PageClient, build: Builder) -> None:
    client.get("/masuk")
    client.http.set_cookie("sid", "x" * 43)
    response = client.post("/akun", {"full_name": WORDS}, headers={"Referer": f"{HOST}/akun"})
    assert where(response) == "/masuk?lanjut=/akun"
    assert drafts(build) == []


def test_what_is_typed_before_a_fresh_proof_waits_as_well(
    client: PageClient, build: Builder
) -> None:
    user = build.user(Role.VOLUNTEER)
    client.sign_in(user)
    client.get("/akun/kontak")
    sent = {**client.form("/akun/kontak"), "email": "baru@uji.example"}
    with transaction(build.session) as session:
        session.execute(sa.update(SignInSession).values(proven_at=clock.now() - timedelta(days=1)))
    response = client.post("/akun/kontak", sent, headers={"Referer": f"{HOST}/akun/kontak"})
    target = urlsplit(where(response))
    assert target.path == "/akun/pastikan"
    client.get(where(response))
    proof = {**client.form("/akun/pastikan"), "password": PASSWORD}
    back = client.post("/akun/pastikan", proof)
    client.get(where(back))
    assert shown(client, "/akun/kontak", "email") == "baru@uji.example"


def test_a_draft_holds_no_password_and_the_database_no_plain_text(
    client: PageClient, build: Builder, settings: Settings
) -> None:
    user = build.user(Role.ADMIN)
    client.sign_in(user).get("/akun/sandi")
    secret = "kuda-poni-rahasia-sekali"
    sent = {**client.form("/akun/sandi"), "present": secret, "password": secret, "room": WORDS}
    expire(build, user)
    send_signed_out(client, "/akun/sandi", "/akun/sandi", sent, htmx=False)
    (draft,) = drafts(build)
    assert secret not in draft.fields
    assert WORDS in draft.fields
    with build.database.reading.connect() as connection:
        raw = connection.exec_driver_sql("SELECT fields FROM draft").scalar_one()
    for plain in (WORDS, secret):
        assert plain.encode() not in bytes(raw)
    for path in settings.data_dir.glob("portal.db*"):
        assert WORDS.encode() not in path.read_bytes()
        assert secret.encode() not in path.read_bytes()


@pytest.mark.usefixtures("app")
def test_no_field_for_a_password_is_ever_kept() -> None:
    fields = {
        name
        for form in descendants(PortalForm)
        for name in dir(form)
        if getattr(getattr(form, name), "field_class", None) is wtforms.PasswordField
    }
    assert {"password", "present"} <= fields
    assert fields <= NEVER_KEPT


@pytest.fixture
def untouched(build: Builder) -> User:
    """Return somebody whose account nobody has changed yet."""
    return build.user(Role.VOLUNTEER, name="Yuni Astuti")


def lose_the_form_cookie(client: PageClient, user: User) -> dict[str, Any]:
    """Open the account and lose the cookie the token belongs to, as a closed browser does."""
    client.sign_in(user).get("/akun")
    sent = {**client.form("/akun"), "full_name": WORDS}
    client.http.delete_cookie("form")
    return sent


def test_a_page_that_was_open_too_long_is_opened_anew_with_what_was_typed(
    client: PageClient, build: Builder, untouched: User
) -> None:
    sent = lose_the_form_cookie(client, untouched)
    response = client.post("/akun", sent, htmx=True, headers={"Referer": f"{HOST}/akun"})
    assert where(response).startswith("/akun?isian=")
    assert build.fresh(User, untouched.id).full_name == "Yuni Astuti"
    client.get(where(response))
    assert shown(client, "/akun", "full_name") == WORDS
    assert client.post("/akun", client.form("/akun")).status_code == 303
    assert build.fresh(User, untouched.id).full_name == WORDS


def test_without_a_script_the_error_page_sends_it_again(
    client: PageClient, build: Builder, untouched: User
) -> None:
    sent = lose_the_form_cookie(client, untouched)
    response = client.post("/akun", sent, headers={"Origin": HOST})
    assert response.status_code == 400
    again = client.form("/akun")
    assert again["full_name"] == [WORDS]
    assert again[KEY_FIELD] == sent[KEY_FIELD]
    assert again["csrf_token"] != sent["csrf_token"]
    assert client.post("/akun", again).status_code == 303
    assert build.fresh(User, untouched.id).full_name == WORDS


@on_sqlite
@HTMX
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://luar.example"},
        {"Origin": "null"},
        {"Origin": "https://luar.example", "Referer": "https://luar.example/akun"},
        {"Referer": "http://localhost@luar.example/akun"},
    ],
)
def test_a_form_of_another_site_is_never_offered_again(
    client: PageClient, build: Builder, untouched: User, headers: dict[str, str], htmx: bool
) -> None:
    sent = lose_the_form_cookie(client, untouched)
    response = client.post("/akun", sent, headers=headers, htmx=htmx)
    assert response.status_code == 400
    assert WORDS not in response.text
    assert drafts(build) == []


def test_secrets_are_not_offered_again(client: PageClient) -> None:
    client.get("/masuk")
    sent = {"identifier": "yuni@uji.example", "password": "rahasia sekali", "csrf_token": "x"}
    response = client.post("/masuk", sent, headers={"Origin": HOST})
    assert response.status_code == 400
    again = client.form("/masuk")
    assert again["identifier"] == ["yuni@uji.example"]
    assert "password" not in again
    assert "rahasia" not in response.text


@pytest.fixture
def hurried(settings: Settings) -> Iterator[Flask]:
    """Return the application as it runs for people, which waits only a moment for a lock."""
    app = create_app(replace(settings, testing=False))
    database: Database = app.extensions["database"]

    def hurry(connection: Any, _entry: object) -> None:
        if database.writing.dialect.name == "sqlite":
            connection.execute("PRAGMA busy_timeout=50")
        else:
            connection.execute("SET lock_timeout = '50ms'")
            connection.commit()

    event.listen(database.writing, "connect", hurry)
    yield app
    database.dispose()


@contextmanager
def somebody_else_writes(database: Database, user: User) -> Iterator[None]:
    """Hold the lock that a change of this account needs."""
    with database.writer() as session:
        session.execute(select(User.id).where(User.id == user.id).with_for_update())
        yield
        session.rollback()


def test_a_busy_database_gives_back_what_was_typed(
    hurried: Flask, build: Builder, untouched: User
) -> None:
    client = PageClient(hurried).sign_in(untouched)
    client.get("/akun")
    sent = {**client.form("/akun"), "full_name": WORDS, "called": "<Yuni>", "password": "rahasia"}
    build.close()
    with somebody_else_writes(build.database, untouched):
        response = client.post("/akun", sent, headers={"Origin": HOST})
    assert response.status_code == 503
    again = client.form("/akun")
    assert again["called"] == ["<Yuni>"]
    assert (again["version"], again[KEY_FIELD]) == (sent["version"], sent[KEY_FIELD])
    assert "rahasia" not in response.text
    for _ in range(2):
        # The second press of that page's button is recognised like any other.
        assert where(client.post("/akun", again)) == "/akun"
    assert build.fresh(User, untouched.id).full_name == WORDS


def test_a_busy_database_offers_another_site_nothing(
    hurried: Flask, build: Builder, untouched: User
) -> None:
    client = PageClient(hurried).sign_in(untouched)
    client.get("/akun")
    sent = {**client.form("/akun"), "full_name": WORDS}
    build.close()
    with somebody_else_writes(build.database, untouched):
        response = client.post("/akun", sent, headers={"Origin": "https://luar.example"})
    assert response.status_code == 503
    assert WORDS not in response.text


def test_a_file_must_be_chosen_again_and_the_page_says_so(hurried: Flask, build: Builder) -> None:
    user, school = build.user(Role.COORDINATOR), build.school()
    client = PageClient(hurried).sign_in(user)
    here = f"/sekolah/{school.public_id}/mou/baru"
    client.get(f"{here}?bahasa=en")
    client.get(here)
    with Path(__file__).open("rb") as file:
        sent = {"number": WORDS, "csrf_token": "x", "file": (file, "mou.pdf")}
        response = client.post(here, sent, headers={"Origin": HOST})
    assert response.status_code == 400
    assert client.form(here)["number"] == [WORDS]
    assert "Only the file has to be chosen again" in response.text


def test_htmx_shows_an_error_that_it_swaps_in_as_a_whole_page(
    client: PageClient, untouched: User
) -> None:
    client.sign_in(untouched).get("/akun")
    sent = {**client.form("/akun"), "full_name": WORDS}
    assert client.post("/akun", sent).status_code == 303
    whole = client.post("/akun", {**sent, "called": "Yuni"})
    assert whole.status_code == 409
    assert "HX-Retarget" not in whole.headers
    missing = client.fragment("/tidak/ada")
    assert (missing.headers["HX-Retarget"], missing.headers["HX-Reswap"]) == ("body", "innerHTML")


Ask = Callable[[str], TestResponse]


@on_sqlite
@pytest.mark.parametrize(
    "host", ["luar.example", "localhost.luar.example", "localhost@luar.example"]
)
def test_a_foreign_host_is_refused_without_any_link(app: Flask, build: Builder, host: str) -> None:
    client = PageClient(app).sign_in(build.user(Role.COORDINATOR))
    for path in ("/", "/masuk", "/beranda", "/tidak/ada", "/akun", "/static/css/portal.css"):
        for headers in ({}, {"HX-Request": "true", "Referer": f"http://{host}/akun"}):
            for method in ("GET", "POST"):
                response = client.http.open(
                    path, method=method, headers={"Host": host, **headers}, data={"a": "b"}
                )
                assert response.status_code == 400, (path, method)
                assert "luar" not in response.text + str(response.headers)
                assert "href" not in response.text
    assert drafts(build) == []
