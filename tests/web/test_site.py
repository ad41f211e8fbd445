"""What a browser fetches beside the pages, and how values are shown."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from portal.core.access import Role
from portal.web import filters
from tests.client import PageClient
from tests.conftest import on_sqlite


@on_sqlite
def test_the_manifest_makes_the_portal_installable(client: PageClient) -> None:
    client.builder.setting("product_name", "Portal Uji")
    client.builder.close()
    response = client.get("/manifest.webmanifest")
    assert response.mimetype == "application/manifest+json"
    manifest = json.loads(response.get_data())
    assert manifest["name"] == "Portal Uji"
    assert manifest["display"] == "standalone"
    assert client.get(manifest["start_url"]).status_code == 303
    for icon in manifest["icons"]:
        picture = client.get(icon["src"])
        assert (picture.status_code, picture.mimetype) == (200, icon["type"])
        width = int.from_bytes(picture.get_data()[16:20], "big")
        assert icon["sizes"] == f"{width}x{width}"


@on_sqlite
def test_the_service_worker_is_asked_for_anew_and_keeps_only_what_is_there(
    client: PageClient,
) -> None:
    response = client.get("/sw.js")
    script = response.get_data(as_text=True)
    assert response.mimetype == "text/javascript"
    assert response.headers["Cache-Control"] == "no-cache"
    kept = re.search(r"const KEPT = (\[.*?\]);", script)
    assert kept
    for address in json.loads(kept[1]):
        assert client.get(address).status_code == 200
        if address != "/luring":
            assert address.startswith("/static/")
            assert address in client.get("/masuk").get_data(as_text=True)


@on_sqlite
def test_the_service_worker_stays_out_of_the_childrens_pages(client: PageClient) -> None:
    script = client.get("/sw.js").get_data(as_text=True)
    for path in ("cerita", "cek", "keluar-cepat"):
        assert re.search(rf"BYPASSED = [^;]*\b{path}\b", script)


@on_sqlite
def test_the_offline_page_knows_nobody_and_is_the_same_for_all(app: Flask) -> None:
    stranger, somebody = PageClient(app), PageClient(app)
    user = somebody.builder.user(Role.COORDINATOR, name="Yuni Astuti")
    page = somebody.sign_in(user).get("/luring").get_data(as_text=True)
    assert "Yuni" not in page
    assert page == stranger.get("/luring").get_data(as_text=True)


@on_sqlite
def test_the_favicon_is_where_browsers_look_for_it(client: PageClient) -> None:
    response = client.get("/favicon.ico")
    assert response.status_code == 200
    assert response.mimetype in {"image/vnd.microsoft.icon", "image/x-icon"}


@pytest.mark.parametrize(
    ("number", "shown", "chat"),
    [
        ("08111-129-129", "0811-1129-129", "https://wa.me/628111129129"),
        ("+6281234567890", "0812-3456-7890", "https://wa.me/6281234567890"),
        ("0812 3456 7890", "0812-3456-7890", "https://wa.me/6281234567890"),
        ("+62725411111", "(0725) 411111", "https://wa.me/62725411111"),
        ("bukan nomor", "bukan nomor", "tel:bukan nomor"),
    ],
)
def test_numbers_are_shown_as_people_write_them_and_lead_to_a_chat(
    number: str, shown: str, chat: str
) -> None:
    assert filters.phone(number) == shown
    assert filters.whatsapp(number) == chat


@given(st.text(max_size=40))
def test_no_number_breaks_a_page(number: str) -> None:
    assert isinstance(filters.phone(number), str)
    assert filters.whatsapp(number).startswith(("https://wa.me/", "tel:"))


def test_a_moment_travels_through_a_form_in_wib() -> None:
    moment = datetime(2026, 12, 10, 1, 0, tzinfo=UTC)
    assert filters.wib_iso(moment) == "2026-12-10T08:00:00+07:00"
    assert datetime.fromisoformat(filters.wib_iso(moment)) == moment
