"""Files on an S3 store as people meet them, also while that store is away."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from jinja2 import BytecodeCache

from portal import create_app
from portal.config import ConfigurationError, Settings
from portal.core import i18n
from portal.core.access import Role
from portal.core.audit import AuditEntry
from portal.core.files import StoredFile
from portal.schools.models import Mou, SchoolImport
from tests import buckets
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.papers import pdf_bytes
from tests.schools.lists import csv_bytes, school

HOST = "http://localhost"
TYPED = "Penyuluhan yang sudah panjang diketik"


@pytest.fixture
def bucket() -> str:
    """Return an empty bucket."""
    return buckets.new_bucket()


@pytest.fixture
def port() -> int:
    """Return a port that nobody listens on yet."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def app(
    settings: Settings, compiled_templates: BytecodeCache, bucket: str, port: int
) -> Iterator[Flask]:
    """Return the application with its files at that port."""
    url = buckets.url_of(bucket, at=f"http://127.0.0.1:{port}")
    app = create_app(replace(settings, storage_url=url))
    app.jinja_env.bytecode_cache = compiled_templates
    yield app
    app.extensions["database"].dispose()


def mou_form(client: PageClient, here: str) -> dict[str, Any]:
    """Return a filled-in form with a signed copy."""
    client.get(here)
    return {
        **client.form(here),
        "number": "420/01/2026",
        "signed_on": "2026-01-01",
        "valid_until": "2026-12-31",
        "promised_sessions": "2",
        "scope": TYPED,
        "file": (io.BytesIO(pdf_bytes()), "mou.pdf"),
    }


def rows(build: Builder) -> list[int]:
    """Return how many files, memoranda, lists and lines of their trail there are."""
    of_papers = AuditEntry.action.like("mou.%") | AuditEntry.action.like("school_import.%")
    with build.database.reader() as session:
        return [
            session.scalar(sa.select(sa.func.count()).select_from(model)) or 0
            for model in (StoredFile, Mou, SchoolImport)
        ] + [session.scalar(sa.select(sa.func.count(AuditEntry.seq)).where(of_papers)) or 0]


@on_sqlite
def test_while_the_store_is_away_nothing_is_half_done_and_nothing_typed_is_lost(
    client: PageClient,
    build: Builder,
    bucket: str,
    port: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    client.app.testing = False
    client.sign_in(build.user(Role.COORDINATOR))
    here = f"/sekolah/{build.school().public_id}/mou/baru"
    response = client.post(here, mou_form(client, here), headers={"Origin": HOST})
    assert response.status_code == 503
    assert TYPED in response.text
    assert str(i18n.gettext("Files are out of reach right now")) in response.text
    assert rows(build) == [0, 0, 0, 0]
    assert "store of files: s3://" in caplog.text
    for secret in (buckets.PASSWORD, buckets.QUOTED, buckets.USER, TYPED):
        assert secret not in caplog.text

    # Once it is back, the same form goes through with one press and the file chosen again.
    again = client.form(here)
    assert TYPED in again["scope"]
    server = buckets.serve(port)
    try:
        sent = {**again, "file": (io.BytesIO(pdf_bytes()), "mou.pdf")}
        response = client.post(here, sent, headers={"Origin": HOST})
        assert response.status_code == 303
        assert rows(build)[:2] == [1, 1]
        keys = buckets.client().list_objects_v2(Bucket=bucket)["Contents"]
        assert [key["Key"].startswith("berkas/") for key in keys] == [True]
        (mou,) = build.database.reader().scalars(sa.select(Mou))
        papers = here.replace("/baru", f"/{mou.public_id}/berkas")
        assert client.get(papers).data.startswith(b"%PDF-")
    finally:
        server.stop()
    # And away again, while somebody fetches it.
    assert client.get(papers).status_code == 503
    assert client.get(here).status_code == 200


@on_sqlite
def test_a_list_waits_on_the_store_and_goes_when_it_is_done(
    client: PageClient, build: Builder, bucket: str, port: int
) -> None:
    server = buckets.serve(port)
    client.sign_in(build.user(Role.ADMIN))
    client.get("/sekolah/impor")

    def send() -> str:
        file = (io.BytesIO(csv_bytes([school(1)])), "daftar.csv")
        response = client.post("/sekolah/impor", {"file": file})
        assert response.status_code == 303
        return response.location

    def kept() -> int:
        return buckets.client().list_objects_v2(Bucket=bucket)["KeyCount"]

    here = send()
    assert kept() == 1
    client.get(here)
    assert client.post(f"{here}/terapkan", client.form(f"{here}/terapkan")).status_code == 303
    assert (kept(), rows(build)[:3]) == (0, [0, 0, 0])

    # A list thrown away while the store is gone is gone for people; its bytes stay behind.
    here = send()
    client.get(here)
    server.stop()
    assert client.post(f"{here}/batal", {}).status_code == 303
    assert (kept(), rows(build)[:3]) == (1, [0, 0, 0])


@on_sqlite
@pytest.mark.parametrize("url", ["s3://", "http://x", "s3://bucket?endpoint=x"])
def test_the_start_refuses_an_address_of_nothing(settings: Settings, url: str) -> None:
    with pytest.raises(ConfigurationError, match="PORTAL_STORAGE_URL"):
        create_app(replace(settings, storage_url=url))


@on_sqlite
def test_a_folder_elsewhere_holds_the_files(
    settings: Settings, build: Builder, compiled_templates: BytecodeCache, tmp_path: Path
) -> None:
    app = create_app(replace(settings, storage_url=str(tmp_path / "bersama")))
    app.jinja_env.bytecode_cache = compiled_templates
    client = PageClient(app).sign_in(build.user(Role.COORDINATOR))
    here = f"/sekolah/{build.school().public_id}/mou/baru"
    assert client.post(here, mou_form(client, here)).status_code == 303
    assert len(list((tmp_path / "bersama").iterdir())) == 1
    assert not (tmp_path / "files").exists()
    app.extensions["database"].dispose()
