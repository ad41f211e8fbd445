"""Headers, cookies and tokens on whatever the portal answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from portal import create_app
from portal.config import Settings
from portal.core.access import Role
from portal.web.security import MAX_BODY_BYTES
from tests.client import PageClient, check_html
from tests.conftest import on_sqlite

pytestmark = on_sqlite

POLICY = {
    "default-src 'none'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}
EVERYWHERE = ["/", "/masuk", "/sehat", "/tidak/ada", "/beranda", "/sw.js", "/static/css/portal.css"]


@pytest.fixture
def secure(settings: Settings) -> Iterator[Flask]:
    """Return the application as it stands behind HTTPS."""
    app = create_app(replace(settings, base_url="https://portal.example"))
    yield app
    app.extensions["database"].dispose()


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_carries_the_protecting_headers(client: PageClient, path: str) -> None:
    headers = client.get(path).headers
    assert {part.strip() for part in headers["Content-Security-Policy"].split(";")} == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers


@pytest.mark.parametrize("path", ["/uji/jatuh", "/uji/sibuk", "/tidak/ada"])
def test_an_error_carries_them_too(live: Flask, path: str) -> None:
    headers = PageClient(live).get(path).headers
    assert {part.strip() for part in headers["Content-Security-Policy"].split(";")} == POLICY
    assert headers["Cache-Control"] == "no-store"


def test_behind_https_browsers_are_told_to_stay_there(secure: Flask) -> None:
    headers = PageClient(secure).get("/masuk", base_url="https://portal.example").headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("path", ["/", "/masuk", "/sehat", "/tidak/ada", "/beranda", "/luring"])
def test_pages_are_kept_by_nobody(client: PageClient, path: str) -> None:
    assert client.get(path).headers["Cache-Control"] == "no-store"


def test_a_signed_in_page_is_kept_by_nobody(client: PageClient) -> None:
    client.sign_in(client.builder.user(Role.COORDINATOR))
    for path in ("/beranda", "/permintaan", "/sekolah", "/cakupan.xlsx"):
        assert client.get(path).headers["Cache-Control"] == "no-store"


def test_a_file_whose_address_names_its_content_is_kept_for_a_year(client: PageClient) -> None:
    html = client.get("/masuk").get_data(as_text=True)
    found = re.findall(r'(?:href|src)="(/static/[^"]+)"', html)
    assert len(found) >= 3
    for address in found:
        assert re.search(r"\?v=[0-9a-f]{12}$", address)
        response = client.get(address)
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Set-Cookie" not in response.headers


def test_a_file_asked_for_without_its_content_is_asked_for_again(client: PageClient) -> None:
    assert client.get("/static/css/portal.css").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/static/css/gone.css?v=0123456789ab", "/static/css/portal.css?v=1&bahasa=en"]
)
def test_no_error_or_detour_is_kept_for_a_year(client: PageClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code in {303, 404}
    assert "immutable" not in response.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["/static/../portal/config.py", "/static/%2e%2e/pyproject.toml", "/static//etc/passwd"]
)
def test_no_file_outside_the_folder_is_handed_out(client: PageClient, path: str) -> None:
    assert client.get(path, follow_redirects=True).status_code == 404


def test_the_form_cookie_tells_scripts_and_other_sites_nothing(client: PageClient) -> None:
    cookie = client.get("/masuk").headers["Set-Cookie"]
    assert cookie.startswith("form=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_behind_https_the_form_cookie_is_bound_to_its_host(secure: Flask) -> None:
    response = PageClient(secure).get("/masuk", base_url="https://portal.example")
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-form=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


@pytest.mark.parametrize("token", [None, "", "anything", "x" * 300])
def test_a_form_without_its_token_changes_nothing(client: PageClient, token: str | None) -> None:
    user = client.builder.user(Role.COORDINATOR, name="Yuni Astuti")
    client.sign_in(user).get("/akun")
    data = {"full_name": "Orang Lain"} | ({} if token is None else {"csrf_token": token})
    response = client.http.post("/akun", data=data)
    assert response.status_code == 400
    assert client.builder.fresh(type(user), user.id).full_name == "Yuni Astuti"
    page = client.get("/akun").get_data(as_text=True)
    assert "Orang Lain" not in page


def test_a_token_of_another_browser_is_worth_nothing(app: Flask) -> None:
    one, other = PageClient(app), PageClient(app)
    one.get("/masuk")
    other.get("/masuk")
    response = other.http.post("/masuk", data={"csrf_token": one.token, "identifier": "a"})
    assert response.status_code == 400


def test_behind_https_a_form_of_another_site_is_refused(secure: Flask) -> None:
    client = PageClient(secure)
    base_url = "https://portal.example"
    client.get("/masuk", base_url=base_url)
    answers = {
        referrer: client.post(
            "/masuk", base_url=base_url, headers={"Referer": referrer} if referrer else {}
        ).status_code
        for referrer in ("https://portal.example/masuk", "https://luar.example/", "")
    }
    assert answers == {
        "https://portal.example/masuk": 422,
        "https://luar.example/": 400,
        "": 400,
    }


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(
    "kind",
    [
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=grenze",
    ],
)
def test_a_body_beyond_the_limit_is_refused_with_a_page(
    client: PageClient, kind: str, language: str
) -> None:
    client.get("/masuk", query_string={"bahasa": language})
    huge = b"x" * (MAX_BODY_BYTES + 1)
    response = client.http.post("/masuk", data=huge, content_type=kind)
    assert response.status_code == 413
    assert response.headers["Content-Language"] == language
    check_html(response.get_data(as_text=True), response)


@pytest.mark.parametrize("path", ["/beranda", "/permintaan", "/sesi"])
def test_whoever_is_not_signed_in_is_shown_the_door_and_the_way_back(
    client: PageClient, path: str
) -> None:
    response = client.get(f"{path}?urut=umur")
    assert response.status_code == 303
    assert response.headers["Location"] == f"/masuk?lanjut={path}?urut%3Dumur"


def test_htmx_is_told_to_load_the_door_as_a_whole_page(client: PageClient) -> None:
    response = client.fragment("/beranda")
    assert response.headers["HX-Redirect"] == "/masuk"
    assert response.get_data() == b""


def test_a_boosted_or_restored_page_is_a_whole_page(client: PageClient) -> None:
    client.sign_in(client.builder.user(Role.COORDINATOR))
    for extra in ("HX-Boosted", "HX-History-Restore-Request"):
        page = client.get("/beranda", headers={"HX-Request": "true", extra: "true"})
        assert page.get_data(as_text=True).lstrip().startswith("<!doctype html>")
    assert not client.fragment("/beranda").get_data(as_text=True).lstrip().startswith("<!doctype")


def test_caches_between_keep_page_and_fragment_apart(client: PageClient) -> None:
    client.sign_in(client.builder.user(Role.COORDINATOR))
    assert "HX-Request" in client.get("/beranda").headers["Vary"]


@pytest.mark.parametrize(
    ("referrer", "back"),
    [
        ("http://localhost/sesi/baru?pekan=2026-08-10", "/sesi/baru?pekan=2026-08-10"),
        ("https://evil.example/sesi/baru", None),
        (None, None),
    ],
)
def test_a_form_sent_after_signing_out_leads_back_to_its_page(
    client: PageClient, referrer: str | None, back: str | None
) -> None:
    headers = {"Referer": referrer} if referrer else {}
    response = client.http.post("/sesi/baru", data={"room": "Aula"}, headers=headers)
    assert response.status_code == 303
    target = urlsplit(response.headers["Location"])
    assert target.path == "/masuk"
    assert parse_qs(target.query) == ({"lanjut": [back]} if back else {})
    assert "Anda sudah keluar otomatis." in client.get(response.headers["Location"]).text
