"""Importing in the browser: upload, preview, confirmation or not."""

from __future__ import annotations

import io
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.config import Settings
from portal.core.access import Role
from portal.core.files import StoredFile
from portal.schools.models import School, SchoolImport
from portal.schools.routes.imports import MOST_LISTED
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.schools.lists import csv_bytes, school, xlsx_of

UPLOAD = "/sekolah/impor"


@pytest.fixture
def admin(client: PageClient, build: Builder) -> PageClient:
    """Return a client signed in as administrator."""
    return client.sign_in(build.user(Role.ADMIN))


def upload(client: PageClient, content: bytes, name: str = "daftar.csv") -> str:
    """Send a list and return the address of its preview."""
    response = client.post(UPLOAD, {"file": (io.BytesIO(content), name)})
    assert response.status_code == 303
    return response.location


def confirm(client: PageClient, preview: str, **more: str) -> int:
    """Press the button of a preview and return the status."""
    text = client.get(preview).text
    mark = text.partition('name="fingerprint" type="hidden" value="')[2].partition('"')[0]
    return client.post(f"{preview}/terapkan", {"fingerprint": mark, **more}).status_code


def counted(build: Builder, model: type) -> int:
    """Return how many rows a table has."""
    with build.database.reader() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def kept(settings: Settings) -> list[Path]:
    """Return the files in the data folder."""
    return list((settings.data_dir / "files").glob("*"))


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (csv_bytes([school(1), school(2)]), "csv"),
        # Named by its content, not by its sender.
        (xlsx_of([school(1), school(2)]), "xlsx"),
    ],
)
def test_from_upload_to_register(
    admin: PageClient, build: Builder, settings: Settings, content: bytes, ending: str
) -> None:
    assert "npsn, nama, jenjang, kecamatan" in admin.get(UPLOAD).text
    preview = upload(admin, content, "Daftar <Sekolah>.csv")
    text = unescape(admin.get(preview).text)
    assert f"Daftar <Sekolah>.{ending}" in text
    assert "SMP CONTOH 1" in text
    assert counted(build, School) == 0
    assert len(kept(settings)) == 1

    assert confirm(admin, preview) == 303
    assert counted(build, School) == 2
    assert counted(build, SchoolImport) == counted(build, StoredFile) == 0
    assert kept(settings) == []
    assert admin.get(preview).status_code == 404

    again = upload(admin, content)
    text = admin.get(again).text
    assert text.count('<button class="btn') == 1
    assert f'formaction="{again}/batal"' in text


def test_changes_and_missing_schools_are_shown(admin: PageClient, build: Builder) -> None:
    build.school("SMP LAMA", npsn="97000001", address="Jalan Lama")
    build.school("SMP HILANG")
    text = admin.get(upload(admin, csv_bytes([school(1)]))).text
    for piece in ("<del>SMP LAMA</del>", "<ins>SMP CONTOH 1</ins>", "SMP HILANG"):
        assert piece in text
    assert "<del>Jalan Lama</del> → <ins>Jalan Uji No. 1</ins>" in text


def test_bad_lines_need_a_tick(admin: PageClient, build: Builder) -> None:
    content = csv_bytes([school(1), school(2, kecamatan="<Mars>"), school(3)])
    preview = upload(admin, content)
    text = admin.get(preview).text
    assert "&lt;Mars&gt;" in text
    assert "skip_bad_rows" in text
    assert confirm(admin, preview) == 422
    assert counted(build, School) == 0
    assert confirm(admin, preview, skip_bad_rows="y") == 303
    assert counted(build, School) == 2


def test_only_bad_lines_leave_nothing_to_confirm(admin: PageClient) -> None:
    preview = upload(admin, csv_bytes([school(1, name="")]))
    assert admin.get(preview).text.count('<button class="btn') == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "kosong"),
        ("npsn,nama\n1,Café\n".encode("latin-1"), "CSV UTF-8"),
        (b"PK\x03\x04rusak", "XLSX"),
        (b"npsn,nama\n1,2\n", "jenjang, kecamatan"),
        (b"%PDF-1.7", "CSV"),
    ],
)
def test_files_that_cannot_be_read_say_what_to_do(
    admin: PageClient, build: Builder, settings: Settings, content: bytes, words: str
) -> None:
    response = admin.post(UPLOAD, {"file": (io.BytesIO(content), "daftar.csv")})
    assert response.status_code == 422
    assert 'id="file-error"' in response.text
    assert words in response.text or words == "kosong"
    assert counted(build, SchoolImport) == 0
    assert kept(settings) == []


def test_no_file_at_all(admin: PageClient) -> None:
    response = admin.post(UPLOAD)
    assert response.status_code == 422
    assert 'id="file-error"' in response.text


def test_cancelling(admin: PageClient, build: Builder, settings: Settings) -> None:
    preview = upload(admin, csv_bytes([school(1)]))
    response = admin.post(f"{preview}/batal")
    assert (response.status_code, response.location) == (303, UPLOAD)
    assert counted(build, School) == counted(build, SchoolImport) == 0
    assert kept(settings) == []
    assert admin.post(f"{preview}/batal").status_code == 404


def test_a_second_upload_replaces_the_first(
    admin: PageClient, build: Builder, settings: Settings
) -> None:
    first = upload(admin, csv_bytes([school(1)]))
    second = upload(admin, csv_bytes([school(2)]))
    assert admin.get(first).status_code == 404
    assert admin.get(second).status_code == 200
    assert counted(build, SchoolImport) == len(kept(settings)) == 1


def test_only_its_maker_sees_a_waiting_list(admin: PageClient, build: Builder) -> None:
    preview = upload(admin, csv_bytes([school(1)]))
    other = PageClient(admin.app).sign_in(build.user(Role.ADMIN))
    for response in (
        other.get(preview),
        other.post(f"{preview}/terapkan"),
        other.post(f"{preview}/batal"),
    ):
        assert response.status_code == 404
    assert counted(build, SchoolImport) == 1


@on_sqlite
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_else_imports(client: PageClient, build: Builder, role: Role) -> None:
    own = {Role.PRINCIPAL, Role.SCHOOL_OPERATOR, Role.TEACHER}
    client.sign_in(build.user(role, build.school() if role in own else None))
    assert client.get(UPLOAD).status_code == 403
    content = csv_bytes([school(1)])
    assert client.post(UPLOAD, {"file": (io.BytesIO(content), "x.csv")}).status_code == 403


def test_what_was_seen_is_what_is_done(admin: PageClient, build: Builder) -> None:
    preview = upload(admin, csv_bytes([school(1)]))
    text = admin.get(preview).text
    mark = text.partition('name="fingerprint" type="hidden" value="')[2].partition('"')[0]
    build.school("SMP LAIN", npsn="97000001")
    response = admin.post(f"{preview}/terapkan", {"fingerprint": mark})
    assert response.status_code == 422
    assert "<del>SMP LAIN</del>" in response.text
    assert confirm(admin, preview) == 303


def test_a_long_preview_says_how_much_more_there_is(admin: PageClient) -> None:
    preview = upload(admin, csv_bytes(school(number) for number in range(1, MOST_LISTED + 31)))
    text = admin.get(preview).text
    assert f">SMP CONTOH {MOST_LISTED}<" in text
    assert f">SMP CONTOH {MOST_LISTED + 1}<" not in text
    assert "30 " in text
