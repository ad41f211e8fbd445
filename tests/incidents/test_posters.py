"""The poster leads to Ruang Cerita, from every school by the same code."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest
import segno
from flask import Flask
from pypdf import PdfReader

from portal.core import i18n
from portal.core.access import Role
from portal.core.settings import Office
from portal.documents.pdf import poster_pdf
from portal.incidents.exports.posters import poster_of
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite

MADE_AT = datetime(2026, 11, 23, 2, 41, tzinfo=UTC)
ADDRESS = "https://portal.contoh.go.id/cerita"
SQUARE = re.compile(rb"([\d.]+) ([\d.]+) ([\d.]+) (-?[\d.]+) re\s+f")


def words(raw: bytes) -> str:
    [page] = PdfReader(BytesIO(raw)).pages
    return " ".join(page.extract_text().split())


def pattern(raw: bytes) -> list[list[int]]:
    """Return the fields of the code on a poster, read from where they are drawn."""
    [page] = PdfReader(BytesIO(raw)).pages
    content = page.get_contents()
    assert content is not None
    drawn = [tuple(map(float, found)) for found in SQUARE.findall(content.get_data())]
    field = min(abs(height) for *_rest, height in drawn)
    left = min(x for x, *_rest in drawn)
    top = max(y for _x, y, *_rest in drawn)
    size = round((max(x + width for x, _y, width, _height in drawn) - left) / field)
    fields = [[0] * size for _row in range(size)]
    for x, y, width, _height in drawn:
        column, row = round((x - left) / field), round((top - y) / field)
        for step in range(round(width / field)):
            fields[row][column + step] = 1
    return fields


@pytest.mark.parametrize("address", [ADDRESS, "http://127.0.0.1:8000/cerita"])
def test_the_code_on_paper_is_the_one_of_the_address(address: str) -> None:
    raw = poster_pdf(poster_of("SMP Contoh", Office({}), address), "id", MADE_AT)
    expected = segno.make(address, error="q", micro=False).matrix
    assert pattern(raw) == [list(row) for row in expected]


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_a_poster_is_one_page_and_says_whom_to_call(language: str) -> None:
    office = Office({"help_phone": "1500", "help_whatsapp": "0811-000-000"})
    with i18n.in_language(language):
        poster = poster_of("SMP Negeri " + "Sangat " * 18 + "Panjang", office, ADDRESS)
    text = words(poster_pdf(poster, language, MADE_AT))
    for each in (poster.title, "portal.contoh.go.id/cerita", "1500", "0811-000-000", "SMP Negeri"):
        assert each in text
    assert poster.help_title in text


def test_whoever_cannot_see_the_code_hears_what_it_is() -> None:
    poster = poster_of("SMP Contoh", Office({}), ADDRESS)
    with pikepdf.open(BytesIO(poster_pdf(poster, "id", MADE_AT))) as pdf:
        kids = list(pdf.Root.StructTreeRoot.K[0].K)
        pictures = [kid for kid in kids if str(kid.S) == "/Figure"]
        assert [str(each.Alt) for each in pictures] == [poster.pattern_words]
        assert ADDRESS in poster.pattern_words


@on_sqlite
def test_no_school_can_be_told_from_the_code(build: Builder, app: Flask) -> None:
    first, second = build.school("SMP Satu"), build.school("SMP Dua")
    client = PageClient(app).sign_in(build.user(Role.COORDINATOR))
    made = []
    for school in (first, second):
        page = client.get(f"/sekolah/{school.public_id}/poster")
        address = f"/sekolah/{school.public_id}/poster-id.pdf"
        assert f'href="{address}"' in page.get_data(as_text=True)
        answer = client.get(address)
        assert answer.mimetype == "application/pdf"
        assert school.name in words(answer.data)
        made.append(pattern(answer.data))
    assert made[0] == made[1]


@on_sqlite
def test_a_school_prints_its_own_poster_and_no_other(build: Builder, app: Flask) -> None:
    own, other = build.school(), build.school()
    client = PageClient(app).sign_in(build.user(Role.TEACHER, own))
    poster = f"/sekolah/{own.public_id}/poster"
    assert poster in client.get(f"/sekolah/{own.public_id}").get_data(as_text=True)
    for ending, found in (("", 200), ("-en.pdf", 200), ("-xx.pdf", 404)):
        assert client.get(poster + ending).status_code == found
    for ending in ("", "-id.pdf"):
        assert client.get(f"/sekolah/{other.public_id}/poster{ending}").status_code == 404


def test_the_same_poster_gives_the_same_bytes() -> None:
    poster = poster_of("SMP Contoh", Office({}), ADDRESS)
    once, again = (poster_pdf(poster, "id", MADE_AT) for _time in range(2))
    assert once == again
    assert once != poster_pdf(replace(poster, title="Lain"), "id", MADE_AT)
