"""The board by kelurahan, ownership and authority, over time, and what was missing."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from urllib.parse import quote

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from portal.core.access import Role
from portal.schools.models import Authority, Level, Ownership, School
from portal.visits.states import NotDelivered, VisitState
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.insight.conftest import Town
from tests.insight.test_pages import text
from tests.statements import read_statements

VIEWS = ("kecamatan", "kelurahan", "status", "tren", "pelaksanaan")


@pytest.fixture
def reader(client: PageClient, build: Builder) -> PageClient:
    """Return a client of an English-reading coordinator."""
    return client.sign_in(build.user(Role.COORDINATOR, language="en"))


@pytest.fixture
def madrasah(build: Builder, town: Town) -> School:
    """Return a private school of the ministry in a kelurahan of Metro Utara, reached once."""
    school = build.school(
        "MA Enam",
        district="18.72.02",
        subdistrict="Purwosari Barat",
        level=Level.MA,
        ownership=Ownership.PRIVATE,
        authority=Authority.RELIGIOUS_AFFAIRS,
    )
    build.delivered(school, build.worker(), date(2026, 10, 20))
    return school


@on_sqlite
def test_kelurahan_stand_below_their_district(reader: PageClient, madrasah: School) -> None:
    words = text(reader.get("/cakupan?tampil=kelurahan"))
    table = words[words.index("Subdistrict and level") : words.index("View as table")]
    assert "Purwosari Barat 1 of 1" in table
    assert table.index("Metro Utara") < table.index("Purwosari Barat")
    assert "Subdistrict not recorded 1 of 2" in table


@on_sqlite
def test_every_cell_leads_to_its_schools(reader: PageClient, madrasah: School) -> None:
    for view in VIEWS[:3]:
        html = reader.get(f"/cakupan?tampil={view}").text
        links = re.findall(r'<a id="(?:row|cell)-[^"]+" href="([^"#]+)#daftar"', html)
        assert len(links) >= 4
        for link in links:
            assert (
                "No school here is counted" not in reader.fragment(link.replace("&amp;", "&")).text
            )


@on_sqlite
def test_choices_go_together(reader: PageClient, madrasah: School) -> None:
    chosen = "kecamatan=metro-utara&kelurahan=Purwosari+Barat&status=swasta&kewenangan=kemenag"
    words = text(reader.get(f"/cakupan?{chosen}"))
    assert (
        "1 of 1 active schools has had a session Purwosari Barat · Metro Utara · Private" in words
    )
    assert "Schools in Purwosari Barat" in words
    assert "MA Enam" in words
    assert "SD Dua" not in words[words.index("Schools in Purwosari Barat") :]
    nothing = text(reader.get("/cakupan?status=swasta&kewenangan=kota"))
    assert "0 of 0 active schools" in nothing
    assert "No school fits all of these choices." in nothing
    assert "More choices" in nothing


@on_sqlite
def test_the_figure_on_top_is_that_of_the_choice(reader: PageClient, town: Town) -> None:
    words = text(reader.get("/cakupan?kecamatan=metro-utara"))
    assert "1 of 2 active schools has had a session Metro Utara" in words
    assert "81 pupils" in words


def test_ownership_and_authority(reader: PageClient, madrasah: School) -> None:
    words = text(reader.get("/cakupan?tampil=status&status=swasta"))
    assert "Public 2 of 5" in words
    assert "Private 1 of 1" in words
    assert "Ministry of Religious Affairs 1 of 1" in words
    # A choice of ownership holds for the other table.
    assert "City education office" not in words[words.index("The body schools answer to") :]


def test_years_and_months(reader: PageClient, town: Town) -> None:
    page = reader.get("/cakupan?tampil=tren")
    words = text(page)
    assert "2025/2026: 1; 2026/2027: 2" in words
    # Below the line a year takes two lines: in one, a phone would cut it off.
    assert ">2025/</tspan>" in page.text
    assert "2025/2026: 100%; 2026/2027: 67%" in words
    assert "2026/2027 2 5 3 67% 146" in words
    assert "Jul: 0; Aug: 1; Sept: 1; Oct: 2; Nov: 2" in words
    assert "October 2026 2 1 100% 81" in words


@on_sqlite
def test_a_first_year_needs_no_line(reader: PageClient, build: Builder) -> None:
    build.school()
    words = text(reader.get("/cakupan?tampil=tren"))
    assert "This is the first school year with records." in words
    assert "Schools reached per school year" not in words


def test_what_was_missing(reader: PageClient, build: Builder, town: Town) -> None:
    missed = build.delivered(
        town.never, build.worker(), date(2026, 9, 1), state=VisitState.NOT_DELIVERED
    )
    with build.database.writer() as session:
        kept = session.get_one(type(missed), missed.id)
        kept.not_delivered_why, kept.unmet = NotDelivered.WEATHER, ["projector"]
        session.commit()
    words = text(reader.get("/cakupan?tampil=pelaksanaan"))
    assert "1 session fell through. The weather 1" in words
    assert "1 session lacked something. Projector 1" in words
    elsewhere = text(reader.get("/cakupan?tampil=pelaksanaan&kecamatan=metro-utara"))
    assert "None is recorded for this choice." in elsewhere


@on_sqlite
def test_the_education_office_sees_coverage_and_nothing_of_the_offices_work(
    client: PageClient, build: Builder, town: Town
) -> None:
    client.sign_in(build.user(Role.EDUCATION_OFFICE, language="en"))
    board = client.get("/cakupan?tampil=pelaksanaan").text
    assert "2 of 5 active schools" in text(client.get("/cakupan"))
    assert "What was missing" not in board
    assert "Schools suggested next" not in board
    assert "District and level" in board
    book = load_workbook(BytesIO(client.get("/cakupan.xlsx").data))
    assert len(book.sheetnames) == 11
    assert client.get("/cakupan.pdf").status_code == 200


@on_sqlite
def test_the_paper_is_handed_over(reader: PageClient, town: Town) -> None:
    response = reader.get("/cakupan.pdf?kecamatan=metro-utara")
    assert response.headers["Content-Disposition"] == "attachment; filename=cakupan-2026-2027.pdf"
    read = " ".join(PdfReader(BytesIO(response.data)).pages[0].extract_text().split())
    assert "1 of 2 active schools has had a session" in read
    assert "Dinas Sosial Kota Metro · School year 2026/2027 · Metro Utara" in read


@on_sqlite
@pytest.mark.parametrize(
    "name", ["Tejo/Agung", "São José", "100% & Co", "---", "دار السلام", "A" * 80]
)
def test_any_name_of_a_kelurahan_finds_its_schools(
    reader: PageClient, build: Builder, name: str
) -> None:
    build.school("SD Contoh", subdistrict=name, district="18.72.02")
    build.school("SD Lain", subdistrict=f"{name[:70]}.", district="18.72.02")
    html = reader.get("/cakupan?tampil=kelurahan").text
    links = re.findall(r'id="row-[^"]+" href="([^"#]+)#daftar"', html)
    pages = [reader.fragment(link.replace("&amp;", "&")).text for link in links]
    assert sorted(("SD Contoh" in page, "SD Lain" in page) for page in pages) == [
        (False, True),
        (True, False),
    ]
    assert reader.get(f"/cakupan?kecamatan=metro-utara&kelurahan={quote(name)}").status_code == 200


def test_no_view_costs_more_for_more_schools(
    reader: PageClient, build: Builder, town: Town
) -> None:
    def prices() -> list[int]:
        found = []
        for view in VIEWS:
            with read_statements(build.database) as sent:
                reader.get(f"/cakupan?tampil={view}")
            found.append(len([each for each in sent if each.lstrip().startswith("SELECT")]))
        return found

    prices()
    before = prices()
    worker = build.worker()
    for number in range(8):
        school = build.school(level=list(Level)[number], subdistrict=f"Kelurahan {number}")
        build.delivered(school, worker, date(2026, 8, 3 + number))
    assert prices() == before
