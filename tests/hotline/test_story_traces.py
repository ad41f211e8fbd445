"""Who told a story, from which device and from where, stands nowhere; nor the story in plain.

Words are planted, a whole story is told by way of a web server in front, and then every byte that
is kept and every line that is written is searched for them.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal import create_app
from portal.config import Settings
from portal.core import clock
from portal.core.access import Role
from portal.core.db import transaction
from portal.incidents.models import Report
from portal.people.models import SignInSession
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.hotline.storyteller import code_shown
from tests.papers import pdf_bytes

pytestmark = on_sqlite

ADDRESS = "203.0.113.77"
AGENT = "Peramban-Penanda/7731"
FROM = "https://asal-penanda.example/halaman"
STORY = "penanda diejek di belakang kantin"
SCHOOL = "Sekolah Penanda"
PERSON = "Pak Penanda Terlapor"
CONTACT = "0812-7731-7731"
FILE = "IMG_Penanda_Zulaikha.pdf"
PLANTED = (ADDRESS, AGENT, "asal-penanda", STORY, SCHOOL, PERSON, CONTACT, "Penanda_Zulaikha")
HEADERS = {"X-Forwarded-For": ADDRESS, "User-Agent": AGENT, "Referer": FROM}


@pytest.fixture
def real(settings: Settings) -> Iterator[Flask]:
    """Return the application as it runs for people, with one web server in front."""
    app = create_app(
        replace(settings, testing=False, trusted_proxies=1, metrics_token="rahasia-untuk-uji")
    )
    yield app
    app.extensions["database"].dispose()


def tell_everything(client: PageClient) -> str:
    """Tell, send and note the code; return it."""
    client.post("/cerita", {"purpose": "report"})
    client.post("/cerita/3", {"school_typed": SCHOOL})
    client.post("/cerita/4", {"words": STORY})
    client.post("/cerita/rincian", {"person": PERSON})
    files = {"files": [(io.BytesIO(pdf_bytes()), FILE), (io.BytesIO(b"rusak"), FILE)]}
    assert (
        client.post("/cerita/berkas", files, content_type="multipart/form-data").status_code == 422
    )
    client.get("/cerita/periksa")
    client.get("/cerita/tidak-ada")
    assert client.post("/cerita/kirim").headers["Location"] == "/cerita/kode"
    code = code_shown(client)
    client.post("/cerita/kode")
    client.post("/cerita/hubungi", {"way": CONTACT})
    client.get("/cerita/selesai")
    return code


def traces(content: bytes, more: tuple[str, ...] = ()) -> list[str]:
    """Return which of the planted words stand in some bytes."""
    folded = content.lower()
    return [each for each in (*PLANTED, *more) if each.lower().encode() in folded]


def kept_bytes(folder: Path) -> dict[str, bytes]:
    """Return every file of the data folder, by its name."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_no_byte_and_no_line_tells_who_told_what(
    real: Flask,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    client = PageClient(real)
    client.builder.close()
    for name, value in HEADERS.items():
        client.http.environ_base[f"HTTP_{name.upper().replace('-', '_')}"] = value
    client.get("/masuk")
    code = tell_everything(client)

    # The words are there for who holds the keys.
    with real.extensions["database"].reader() as session:
        report = session.scalars(select(Report)).one()
    assert report.story == STORY
    assert PERSON in report.details
    files = kept_bytes(settings.data_dir)
    assert {"portal.db", "portal.db-wal"} <= {Path(name).name for name in files}
    assert len(files) > 2
    found = {name: traces(content + name.encode(), (code,)) for name, content in files.items()}
    assert {name: what for name, what in found.items() if what} == {}

    said = capsys.readouterr()
    lines = f"{caplog.text}\n{said.out}\n{said.err}"
    assert "people.sign_in_form" in lines
    assert "hotline" not in lines
    assert "/cerita" not in lines
    assert traces(lines.encode(), (code,)) == []
    token = {"Authorization": "Bearer rahasia-untuk-uji"}
    figures = client.http.get("/metrik", headers=token).text
    assert "people.sign_in_form" in figures
    assert "hotline" not in figures


def test_telling_does_not_stir_the_session_of_whoever_is_signed_in(
    app: Flask, build: Builder
) -> None:
    client = PageClient(app).sign_in(build.user(Role.TEACHER, build.school()))
    before = clock.now() - timedelta(minutes=5)
    with transaction(build.session) as session:
        session.scalars(select(SignInSession)).one().last_seen_at = before
    page = client.get("/cerita")
    assert "/akun" not in page.text
    client.post("/cerita", {"purpose": "report"})
    with app.extensions["database"].reader() as reading:
        assert reading.scalars(select(SignInSession)).one().last_seen_at == before
    # Anywhere else it would.
    client.get("/beranda")
    with app.extensions["database"].reader() as reading:
        assert reading.scalars(select(SignInSession)).one().last_seen_at > before
