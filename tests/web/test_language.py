"""Which language a reader gets, how the choice is made, and that it changes nothing else."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from flask import Flask

from portal.core.access import Role
from portal.people.models import User
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite

pytestmark = on_sqlite

ENGLISH = {"Accept-Language": "en-GB,en;q=0.9"}


def language_of(client: PageClient, path: str = "/masuk", **kwargs: object) -> str:
    """Return the language a page is in."""
    return client.get(path, **kwargs).headers["Content-Language"]


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("", "id"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("id-ID,id;q=0.9,en;q=0.8", "id"),
        ("jv,en;q=0.5", "en"),
        ("zh-CN,fr;q=0.9", "id"),
        ("*", "id"),
        (";;;,=", "id"),
    ],
)
def test_without_any_choice_the_browser_decides(
    client: PageClient, wanted: str, given: str
) -> None:
    assert language_of(client, headers={"Accept-Language": wanted}) == given


def test_a_choice_is_kept_in_a_cookie_and_beats_the_browser(client: PageClient) -> None:
    client.get("/masuk?bahasa=en")
    assert language_of(client) == "en"
    client.get("/masuk?bahasa=id")
    assert language_of(client, headers=ENGLISH) == "id"


def test_the_cookie_lasts_a_year_and_no_script_reads_it(client: PageClient) -> None:
    cookie = client.get("/masuk?bahasa=en").headers["Set-Cookie"]
    assert "Max-Age=31536000" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_an_account_beats_cookie_and_browser(client: PageClient) -> None:
    client.get("/masuk?bahasa=en")
    client.sign_in(client.builder.user(Role.COORDINATOR, language="id"))
    assert language_of(client, "/beranda", headers=ENGLISH) == "id"


def test_a_signed_in_choice_is_kept_with_the_account_for_the_next_device(app: Flask) -> None:
    first, second = PageClient(app), PageClient(app)
    user = first.builder.user(Role.COORDINATOR)
    first.sign_in(user).get("/beranda?bahasa=en")
    assert first.builder.fresh(User, user.id).language == "en"
    assert language_of(second.sign_in(user), "/beranda") == "en"


def test_a_choice_of_somebody_else_leaves_an_account_alone(client: PageClient) -> None:
    user = client.builder.user(Role.COORDINATOR)
    client.builder.close()
    client.get("/masuk?bahasa=en")
    assert client.builder.fresh(User, user.id).language == "id"


@pytest.mark.parametrize("asked", ["jv", "", "EN", "../en", "id,en"])
def test_an_unknown_language_is_passed_over(client: PageClient, asked: str) -> None:
    response = client.get("/masuk", query_string={"bahasa": asked})
    assert response.status_code == 200
    assert response.headers["Content-Language"] == "id"


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/masuk?bahasa=en", "/masuk"),
        ("/masuk?lanjut=/sesi&bahasa=en", "/masuk?lanjut=%2Fsesi"),
        ("/masuk?a=1&bahasa=en&a=2&b=%26", "/masuk?a=1&a=2&b=%26"),
        ("/tidak/ada?bahasa=en", "/tidak/ada"),
    ],
)
def test_a_choice_leads_back_to_the_same_page_with_everything_else_kept(
    client: PageClient, path: str, target: str
) -> None:
    response = client.get(path)
    assert response.status_code == 303
    assert response.headers["Location"] == target


@pytest.mark.parametrize("path", ["//luar.example", "///luar.example/x", "/\\luar.example"])
def test_a_choice_never_leads_to_another_site(app: Flask, path: str) -> None:
    # A server in front may hand on such a path unchanged.
    response = app.test_client().get(
        "/", query_string={"bahasa": "en"}, environ_overrides={"PATH_INFO": path}
    )
    target = response.headers.get("Location", "/")
    assert target.startswith("/")
    assert not target.startswith(("//", "/\\"))
    assert not urlsplit(target).netloc


def test_a_page_names_itself_in_both_languages(client: PageClient) -> None:
    html = client.get("/masuk?lanjut=/sesi").get_data(as_text=True)
    found = dict(re.findall(r'<link rel="alternate" hreflang="(\w+)" href="([^"]+)"', html))
    assert found == {
        "id": "/masuk?lanjut=%2Fsesi&amp;bahasa=id",
        "en": "/masuk?lanjut=%2Fsesi&amp;bahasa=en",
    }


def test_switching_within_a_form_keeps_what_was_typed_and_changes_nothing(
    client: PageClient,
) -> None:
    user = client.builder.user(Role.COORDINATOR, name="Yuni Astuti")
    client.sign_in(user).get("/akun")
    response = client.post("/akun", {"full_name": "Nama Baru", "called": "", "bahasa": "en"})
    assert response.status_code == 200
    assert response.headers["Content-Language"] == "en"
    assert 'value="Nama Baru"' in response.get_data(as_text=True)
    assert client.builder.fresh(User, user.id).full_name == "Yuni Astuti"
    assert client.builder.fresh(User, user.id).language == "en"
    assert language_of(client, "/akun") == "en"


def test_switching_within_a_form_complains_about_nothing(client: PageClient) -> None:
    response = client.post("/masuk", {"identifier": "", "password": "", "bahasa": "en"})
    assert response.status_code == 200
    assert "error-summary" not in response.get_data(as_text=True)


def test_a_language_button_belongs_to_the_form_of_its_page(client: PageClient) -> None:
    html = client.get("/masuk").get_data(as_text=True)
    button = re.search(r'<button[^>]*name="bahasa"[^>]*>', html)
    assert button
    assert 'form="sign-in"' in button[0]
    assert 'value="en"' in button[0]
    assert "formnovalidate" in button[0]


@pytest.mark.parametrize("role", [Role.VOLUNTEER, Role.TEACHER])
def test_a_refusal_speaks_the_language_of_its_reader(app: Flask, role: Role) -> None:
    build = Builder(app.extensions["database"])
    school = build.school()
    people = {
        code: build.user(role, school if role is Role.TEACHER else None, language=code)
        for code in ("en", "id")
    }
    build.close()
    for code in ("en", "id", "en"):
        response = PageClient(app).sign_in(people[code]).get("/permintaan")
        assert (response.status_code, response.headers["Content-Language"]) == (403, code)


def test_a_form_without_its_token_is_refused_in_the_language_of_its_reader(app: Flask) -> None:
    for code in ("en", "id", "en"):
        response = PageClient(app).http.post("/masuk", headers={"Accept-Language": code})
        assert (response.status_code, response.headers["Content-Language"]) == (400, code)
