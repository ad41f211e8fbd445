"""The coverage board as people see it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from openpyxl import load_workbook
from time_machine import Traveller
from werkzeug.test import TestResponse

from portal.core.access import Role
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.insight.conftest import Town

TAG = re.compile(r"<[^>]+>")


def text(response: TestResponse) -> str:
    """Return the words of a page."""
    assert response.status_code == 200
    return " ".join(TAG.sub(" ", response.get_data(as_text=True)).split())


@pytest.fixture
def reader(client: PageClient, build: Builder) -> PageClient:
    """Return a client of an English-reading coordinator."""
    return client.sign_in(build.user(Role.COORDINATOR, language="en"))


def test_the_board_answers_first(reader: PageClient, town: Town) -> None:
    words = text(reader.get("/cakupan"))
    assert "2 of 5 active schools have had a session" in words
    assert "1 of 2 partner schools" in words
    assert "Target by end of semester, 31 December 2026: 75% (4 schools)" in words
    assert "School year 2026/2027, up to 23 November 2026" in words
    assert "As of 23 November 2026, 09:41." in words
    assert "146 pupils" in words
    assert "3 sessions" in words
    assert "67% of them the first ever" in words


def test_partners(reader: PageClient, town: Town) -> None:
    words = text(reader.get("/cakupan?dasar=mitra"))
    assert "1 of 2 partner schools has had a session" in words
    assert "2 of 5 active schools" in words


def test_never_served_schools_are_named(reader: PageClient, town: Town) -> None:
    words = text(reader.get("/cakupan"))
    listed = words[words.index("Schools that never had a session") :]
    assert "=1+1 Metro Selatan · SMK · MoU since July 2025 Never had a session" in listed
    assert "SMP Lima Metro Pusat · SMP · no MoU Never had a session" in listed
    assert "SD Dua" not in listed


def test_a_cell_lists_its_schools(reader: PageClient, town: Town) -> None:
    words = text(reader.get("/cakupan?kecamatan=metro-utara&jenjang=sd-mi"))
    assert "SD/MI schools in Metro Utara" in words
    assert "MI Tiga MI · no MoU None this school year Last session 3 March 2026" in words
    assert "SD Dua SD · no MoU Reached Last session 6 October 2026" in words


def test_every_tile_and_cell_is_a_link_and_a_swap(reader: PageClient, town: Town) -> None:
    html = reader.get("/cakupan").get_data(as_text=True)
    links = re.findall(r'<a id="(?:tile|cell)-[^>]+>', html)
    assert len(links) == 5 + 3
    for link in links:
        (href,) = re.findall(r' href="([^"]+)"', link)
        assert f'hx-get="{href}"' in link
        assert 'hx-target="#coverage" hx-swap="outerHTML" hx-push-url="true"' in link


def test_htmx_gets_the_board_alone(reader: PageClient, town: Town) -> None:
    whole = reader.get("/cakupan").get_data(as_text=True)
    response = reader.fragment("/cakupan?dasar=mitra")
    part = response.get_data(as_text=True)
    assert part.lstrip().startswith('<div id="coverage">')
    assert 'id="coverage-said" hx-swap-oob="innerHTML"' in part
    assert "hx-swap-oob" not in whole
    assert "HX-Request" in response.headers["Vary"]


@pytest.mark.parametrize(
    "query", ["tahun=1066", "tahun=2031-2032", "dasar=x", "kecamatan=x&jenjang=x", "jenjang=tk"]
)
def test_a_mistyped_address_shows_the_usual_board(
    reader: PageClient, town: Town, query: str
) -> None:
    assert "2 of 5 active schools" in text(reader.get(f"/cakupan?{query}"))


def test_a_past_year_is_whole(reader: PageClient, town: Town) -> None:
    words = text(reader.get("/cakupan?tahun=2025-2026"))
    assert "School year 2025/2026, whole year" in words
    assert "1 of 5 active schools has had a session" in words
    assert "Target for the whole year: 75% (4 schools)" in words


def test_a_new_year_shows_zeros_and_says_why(
    client: PageClient, build: Builder, town: Town, now: Traveller
) -> None:
    now.move_to(datetime(2027, 7, 5, 3, tzinfo=UTC))
    client.sign_in(build.user(Role.COORDINATOR, language="en"))
    words = text(client.get("/cakupan"))
    assert "0 of 5 active schools" in words
    assert "since the school year began on 1 July 2027, so every figure is zero" in words


def test_an_empty_portal_gives_advice(client: PageClient, build: Builder) -> None:
    admin = client.sign_in(build.user(Role.ADMIN, language="en"))
    html = admin.get("/cakupan").get_data(as_text=True)
    assert "No school is registered yet" in html
    assert 'href="/sekolah"' in html
    assert "tile-map" not in html


def test_a_city_without_partners_says_so(reader: PageClient, build: Builder) -> None:
    build.school()
    assert "No school has an MoU in force" in text(reader.get("/cakupan?dasar=mitra"))


def test_when_all_were_served_the_list_says_so(reader: PageClient, build: Builder) -> None:
    build.delivered(build.school(), build.worker(), date(2026, 8, 4))
    words = text(reader.get("/cakupan"))
    assert "Every school has had a session" in words
    assert "Target met" in words


def test_a_long_list_opens_on_request(reader: PageClient, build: Builder) -> None:
    for _ in range(23):
        build.school()
    first = reader.get("/cakupan").get_data(as_text=True)
    every = reader.fragment("/cakupan?semua=1").get_data(as_text=True)
    assert (first.count('class="rank"'), every.count('class="rank"')) == (20, 23)
    assert "Show all 23" in first
    assert "Show all" not in every
    assert 'id="lanjutan" data-focus' in every


@on_sqlite
@pytest.mark.parametrize(
    ("role", "board", "workbook"),
    [
        (Role.COORDINATOR, 200, 200),
        (Role.DIVISION_HEAD, 200, 200),
        (Role.EDUCATION_OFFICE, 200, 200),
        (Role.SOCIAL_WORKER, 200, 403),
        (Role.ADMIN, 200, 403),
        (Role.PRINCIPAL, 403, 403),
        (Role.TEACHER, 403, 403),
        (Role.VOLUNTEER, 403, 403),
    ],
)
def test_who_may_see_and_take_it(
    client: PageClient, build: Builder, role: Role, board: int, workbook: int
) -> None:
    school = build.school()
    own = school if role in {Role.PRINCIPAL, Role.TEACHER} else None
    client.sign_in(build.user(role, own))
    response = client.get("/cakupan")
    assert response.status_code == board
    assert client.get("/cakupan.xlsx").status_code == workbook
    if board == 200:
        offered = "/cakupan.xlsx" in response.get_data(as_text=True)
        assert offered == (workbook == 200)


def test_nobody_is_named_on_the_board(reader: PageClient, town: Town) -> None:
    words = text(reader.get("/cakupan?kecamatan=metro-pusat"))
    assert "Peksos Contoh" not in words


def test_the_workbook_is_handed_over(client: PageClient, town: Town) -> None:
    client.sign_in(town.coordinator)
    response = client.get("/cakupan.xlsx?tahun=2026-2027&dasar=mitra")
    disposition = response.headers["Content-Disposition"]
    assert disposition == "attachment; filename=cakupan-2026-2027.xlsx"
    assert response.headers["Cache-Control"] == "no-store"
    book = load_workbook(BytesIO(response.data))
    assert book.worksheets[0]["A1"].value
    assert len(list(book.worksheets[3].iter_rows())) == 1 + 2
