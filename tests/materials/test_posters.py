"""Posters and cards: what stands on them, and that their codes lead where they say."""

from __future__ import annotations

import io
import re
from contextlib import closing
from typing import Any

import pikepdf
import pytest
import zxingcpp
from flask import Flask
from PIL import Image
from pypdf import PdfReader
from pypdfium2 import PdfDocument

from portal.core import limits
from portal.core.access import Role
from portal.core.links import find
from portal.materials.models import Material
from portal.materials.policy.content import Words
from portal.materials.routes.posters import DRAWN
from portal.materials.states import MaterialKind, MaterialState
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.materials.shelf import Shelf

pytestmark = on_sqlite
A4, A3 = (595, 842), (842, 1191)
LONG = Words("Kata-kata yang panjang sekali " * 4, "Very long words " * 7)
LINES = tuple(Words(f"Baris {number} yang juga panjang " * 6) for number in range(5))


@pytest.fixture
def made(shelf: Shelf) -> Material:
    """Lay in a poster."""
    return shelf.material(MaterialKind.POSTER, "Stand by", slug="diam-bukan-pilihan")


def read(pdf: bytes) -> tuple[str, tuple[int, int], int]:
    """Return the text of a PDF, its size in points, and how many pages it has."""
    document = PdfReader(io.BytesIO(pdf))
    box = document.pages[0].mediabox
    text = " ".join(document.pages[0].extract_text().split())
    return text, (round(box.width), round(box.height)), len(document.pages)


def seen(pdf: bytes) -> str:
    """Return what a phone reads from the printed sheet."""
    with closing(PdfDocument(pdf)) as document:
        sheet = document[0].render(scale=1, grayscale=True).to_pil()
    [code] = zxingcpp.read_barcodes(sheet)
    return str(code.text)


def leads_to(address: str, builder: Builder) -> str:
    link = find(builder.session, address.rpartition("/")[2])
    assert link
    return link.path


@pytest.mark.parametrize(("size", "points"), [("a4", A4), ("a3", A3), ("a0", A4), ("", A4)])
def test_the_poster_is_one_sheet_of_the_size_asked_for(
    made: Material, client: PageClient, size: str, points: tuple[int, int]
) -> None:
    answer = client.get(f"/materi/{made.slug}/poster.pdf?ukuran={size}&bahasa_poster=en")
    text, box, pages = read(answer.data)
    assert (box, pages) == (points, 1)
    assert "Stand by (en) First line (en) Second line (en)" in text
    assert "129" in text
    with pikepdf.open(io.BytesIO(answer.data)) as pdf:
        assert pdf.Root.Lang == "en"
        assert "/StructTreeRoot" in pdf.Root


@pytest.mark.parametrize("size", ["a4", "a3"])
def test_its_code_leads_to_the_material(
    made: Material, client: PageClient, build: Builder, size: str
) -> None:
    answer = client.get(f"/materi/{made.slug}/poster.pdf?ukuran={size}")
    address = seen(answer.data)
    assert re.fullmatch(r"http://localhost(:\d+)?/m/[0-9A-Z]{7}", address)
    assert leads_to(address, build) == f"/materi/{made.slug}"
    assert address.partition("://")[2] in read(answer.data)[0]


def test_much_to_say_still_fits_on_one_sheet(shelf: Shelf, client: PageClient) -> None:
    full = shelf.material(MaterialKind.POSTER, LONG, content={"lines": LINES})
    answer = client.get(f"/materi/{full.slug}/poster.pdf")
    text, _box, pages = read(answer.data)
    assert pages == 1
    assert text.count("Baris 4") == 6
    assert seen(answer.data)


def test_a_school_prints_its_own_name(made: Material, client: PageClient, build: Builder) -> None:
    own, other = build.school("SMP Bunga Rampai"), build.school("SD Pelita Hati")
    address = f"/materi/{made.slug}/poster.pdf?sekolah="
    # Nobody puts a name on it without belonging there.
    assert "Bunga" not in read(client.get(address + own.public_id).data)[0]
    client.sign_in(build.user(Role.PRINCIPAL, own))
    assert "SMP Bunga Rampai" in read(client.get(address + own.public_id).data)[0]
    assert "Pelita" not in read(client.get(address + other.public_id).data)[0]
    offered = client.get(f"/materi/{made.slug}/poster").text
    assert "SMP Bunga Rampai" in offered
    assert "SD Pelita Hati" not in offered


def test_a_long_name_of_a_school_stands_above_the_title(
    made: Material, client: PageClient, build: Builder
) -> None:
    school = build.school("Sekolah Menengah Pertama Islam Terpadu Bunga Rampai Nusantara " * 2)
    client.sign_in(build.user(Role.PRINCIPAL, school))
    sheet = client.get(f"/materi/{made.slug}/poster.pdf?sekolah={school.public_id}").data
    feet: dict[str, float] = {}

    def note_foot(text: str, _matrix: Any, matrix: list[float], *_font: Any) -> None:
        feet.setdefault(text.strip(), matrix[5])

    PdfReader(io.BytesIO(sheet)).pages[0].extract_text(visitor_text=note_foot)
    [title] = [foot for text, foot in feet.items() if text.startswith("Stand by")]
    names = [foot for text, foot in feet.items() if "Rampai" in text or "Islam" in text]
    # At least as far apart as the title's letters are high, in points.
    assert min(names) - title > 40


def test_whose_school_it_is_gets_its_name_unasked(
    made: Material, client: PageClient, build: Builder
) -> None:
    own, second = build.school("SMP Bunga Rampai"), build.school()
    teacher = build.user(Role.TEACHER, own)
    address = f"/materi/{made.slug}/poster"
    client.sign_in(teacher).get(address)
    assert client.form(f"{address}.pdf")["sekolah"] == [own.public_id]
    assert "Bunga" not in read(client.get(f"{address}.pdf?sekolah=").data)[0]
    build.appoint(teacher, Role.TEACHER, second)
    client.get(address)
    assert client.form(f"{address}.pdf")["sekolah"] == [""]


def test_what_was_drawn_once_is_not_drawn_again(
    shelf: Shelf, client: PageClient, build: Builder
) -> None:
    material = shelf.material(MaterialKind.POSTER, "Drawn once and kept")
    pages = ("poster.pdf", "poster.pdf?ukuran=a3", "kartu.png")
    first = [client.get(f"/materi/{material.slug}/{page}") for page in pages]
    for answer in first:
        assert answer.headers["Cache-Control"] == "public, max-age=60"
    # As if this network had had others drawn until now.
    database = client.app.extensions["database"]
    network = limits.network_bucket(database, "127.0.0.1")
    while limits.try_once(database, DRAWN, network) is None:
        pass
    for page, before in zip(pages, first, strict=True):
        address = f"/materi/{material.slug}/{page}"
        assert client.get(address).data == before.data
        tag = {"If-None-Match": before.headers["ETag"]}
        assert client.get(address, headers=tag).status_code == 304
    other = shelf.material(MaterialKind.POSTER, "Another one")
    for page in pages:
        assert client.get(f"/materi/{other.slug}/{page}").status_code == 429
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    answer = client.get(f"/materi/{other.slug}/kartu.png", environ_base=elsewhere)
    assert answer.status_code == 200
    # A school's own is for itself.
    client.sign_in(build.user(Role.PRINCIPAL, build.school()))
    own = client.get(f"/materi/{material.slug}/poster.pdf", environ_base=elsewhere)
    assert own.headers["Cache-Control"] == "no-store"


def test_the_office_prints_for_every_school(
    made: Material, client: PageClient, build: Builder
) -> None:
    school = build.school("SD Pelita Hati")
    client.sign_in(build.user(Role.SOCIAL_WORKER))
    assert "SD Pelita Hati" in client.get(f"/materi/{made.slug}/poster").text
    answer = client.get(f"/materi/{made.slug}/poster.pdf?sekolah={school.public_id}")
    assert "SD Pelita Hati" in read(answer.data)[0]


@pytest.mark.parametrize("title", [Words("Teman"), LONG, Words("x" * 120), Words("Hai 🌱 半")])
def test_the_card_is_a_small_square_picture(shelf: Shelf, client: PageClient, title: Words) -> None:
    made = shelf.material(MaterialKind.POSTER, title, content={"lines": LINES[:3]})
    answer = client.get(f"/materi/{made.slug}/kartu.png")
    assert answer.mimetype == "image/png"
    assert len(answer.data) < 60_000
    with Image.open(io.BytesIO(answer.data)) as card:
        assert card.size == (1080, 1080)
        # Nothing is written over its edges.
        shades = card.convert("L")
        for edge in ((0, 400, 40, 1080), (1040, 400, 1080, 1080), (0, 1060, 1080, 1080)):
            lightest, darkest = shades.crop(edge).getextrema()[::-1]
            assert lightest - darkest < 200


def test_other_kinds_have_posters_too(shelf: Shelf, client: PageClient) -> None:
    story = shelf.material(MaterialKind.SCENARIO, "A story")
    assert (
        "A story (id) In short (id)" in read(client.get(f"/materi/{story.slug}/poster.pdf").data)[0]
    )


def test_what_is_not_published_has_none(shelf: Shelf, app: Flask) -> None:
    draft = shelf.material(state=MaterialState.DRAFT)
    client = PageClient(app)
    for page in ("poster", "poster.pdf", "kartu.png"):
        assert client.get(f"/materi/{draft.slug}/{page}").status_code == 404
