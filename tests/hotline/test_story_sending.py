"""Sending a story: once, to the office alone, whatever the line does, with files that help."""

from __future__ import annotations

import io
import json
import threading
from datetime import timedelta
from pathlib import Path

import time_machine
from flask import Flask
from PIL import Image
from sqlalchemy import select

from portal.config import Settings
from portal.core import clock, codes, hashing
from portal.core.db import Database, transaction
from portal.core.duties import Duty
from portal.core.files import FolderStore, StoredFile, read
from portal.core.schedule import Workshop, jobs
from portal.hotline.actions import stories
from portal.hotline.models import Story, Telling
from portal.hotline.queries.stories import find_to_change
from portal.incidents.actions.conversing import READ_REPLY
from portal.incidents.actions.receiving import new_tracking_code, peppered
from portal.incidents.models import Report, ReportFile
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.hotline.storyteller import STORY, code_shown, every, reports, told
from tests.papers import pdf_bytes

PLACE = b"PENANDA-TEMPAT-7731"


def photo() -> bytes:
    """Return a photo that says where it was taken."""
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = PLACE.decode()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_what_is_sent_is_what_was_told(app: Flask, build: Builder) -> None:
    client = told(app)
    client.post(
        "/cerita/rincian",
        {"signs": ["group"], "reported": "teacher", "person": "Pak Contoh", "keep_from_school": 1},
    )
    assert client.post("/cerita/kirim").headers["Location"] == "/cerita/kode"
    (report,) = reports(app)
    assert (report.door, report.naming, report.urgency) == ("story_room", "anonymous", "same_day")
    assert report.story == STORY
    assert json.loads(report.answers) == {
        "teller": ["pupil"],
        "what": ["social", "verbal"],
        "where": ["yard"],
        "when": ["this_week"],
        "danger": ["no"],
        "signs": ["group"],
        "reported": ["teacher"],
    }
    assert json.loads(report.details) == {"reported_person": "Pak Contoh"}
    assert report.person_index is not None
    assert report.bypass_school
    assert report.keep_from_school
    assert not report.quarantined
    # Of the story only the code is left on its way, and how to speak to whoever told it.
    (telling,) = every(app, Telling)
    assert telling.story == Story(answers={"teller": ["pupil"]})


def test_the_code_opens_the_report_and_is_shown_until_its_owner_goes_on(
    app: Flask, build: Builder
) -> None:
    client = told(app)
    client.post("/cerita/kirim")
    code = code_shown(client)
    assert code_shown(client) == code
    (report,) = reports(app)
    assert codes.normal_code(code)[:6] == report.locator
    assert hashing.fits(report.secret_hash, peppered(code[:6], code[6:]))
    assert client.post("/cerita/kode").headers["Location"] == "/cerita/hubungi"
    assert client.get("/cerita/kode").headers["Location"] == "/cek"
    # A button pressed again does no harm.
    assert client.post("/cerita/kode").headers["Location"] == "/cerita/hubungi"


def test_a_second_press_and_a_late_page_find_the_same_code(app: Flask, build: Builder) -> None:
    client = told(app)
    client.post("/cerita/kirim")
    code = code_shown(client)
    assert client.post("/cerita/kirim").headers["Location"] == "/cerita/kode"
    # Back in the browser, and on again from an old page.
    assert client.post("/cerita/4", {"words": "lain"}).headers["Location"] == "/cerita/kode"
    assert client.get("/cerita/periksa").headers["Location"] == "/cerita/kode"
    assert code_shown(client) == code
    assert len(reports(app)) == 1


def test_two_presses_at_once_make_one_report(
    app: Flask, database: Database, build: Builder
) -> None:
    with database.writer() as session, transaction(session):
        _telling, token = stories.begin(session, Story(words=STORY))
    together = threading.Barrier(2)

    def press() -> None:
        code = new_tracking_code()
        with database.writer() as session, transaction(session):
            together.wait(10)
            found = find_to_change(session, token)
            assert found
            stories.send(session, found, code)

    presses = [threading.Thread(target=press) for _each in range(2)]
    for each in presses:
        each.start()
    for each in presses:
        each.join(20)
    (report,) = reports(app)
    client = PageClient(app)
    client.builder.close()
    client.http.set_cookie("cerita", token)
    assert code_shown(client).startswith(report.locator)


@on_sqlite
def test_the_code_goes_when_the_time_is_over(
    app: Flask, settings: Settings, database: Database, build: Builder
) -> None:
    client = told(app)
    client.post("/cerita/kirim")
    with time_machine.travel(clock.now() + timedelta(minutes=21)):
        assert client.get("/cerita/kode").headers["Location"] == "/cek"
        assert jobs["stories"].run(Workshop(database, settings)) == {"gone": 1}
    assert len(reports(app)) == 1
    assert every(app, Telling) == []


@on_sqlite
def test_more_than_people_would_send_waits_apart_and_is_never_refused(
    app: Flask, build: Builder
) -> None:
    build.setting("reports_per_hour_network", 2)
    build.setting("reports_per_hour_city", 5)
    for _each in range(4):
        assert told(app, {}, {"what": "verbal"}).post("/cerita/kirim").status_code == 303
    # A flood from one network uses up nothing of what the others may send.
    for number in range(5):
        client = told(app, {}, {"what": "verbal"})
        near = {"REMOTE_ADDR": f"203.0.113.{number}"}
        assert client.post("/cerita/kirim", environ_base=near).status_code == 303
    waiting = [report.quarantined for report in reports(app)]
    assert waiting == [False, False, True, True, False, False, False, True, True]
    # Who says that there is danger now does not wait behind a flood from elsewhere.
    client = told(app, {}, {}, {}, {}, {"danger": "yes"})
    client.post("/cerita/kirim", environ_base={"REMOTE_ADDR": "203.0.113.99"})
    assert not reports(app)[-1].quarantined


@on_sqlite
def test_what_fills_in_what_nobody_sees_waits_apart(app: Flask, build: Builder) -> None:
    client = told(app)
    assert client.post("/cerita/kirim", {"website": "https://spam.example"}).status_code == 303
    assert [report.quarantined for report in reports(app)] == [True]


@on_sqlite
def test_files_that_cannot_be_read_are_named_kindly_and_the_others_kept(
    app: Flask, build: Builder, store: FolderStore
) -> None:
    client = told(app)
    sent = [
        (io.BytesIO(photo()), "IMG_Budi.jpg"),
        (io.BytesIO(b"rusak"), "rusak.jpg"),
        (io.BytesIO(pdf_bytes()), "surat.pdf"),
    ]
    page = client.post("/cerita/berkas", {"files": sent}, content_type="multipart/form-data")
    assert page.status_code == 422
    assert "rusak.jpg: " in page.text
    assert page.text.count('name="hapus"') == 2
    client.get("/cerita/periksa")
    client.post("/cerita/kirim")
    (report,) = reports(app)
    with app.extensions["database"].reader() as session:
        linked = session.execute(select(ReportFile.report_id, ReportFile.file_id)).all()
    evidence = every(app, StoredFile)
    assert {tuple(row) for row in linked} == {(report.id, file.id) for file in evidence}
    assert [file.name for file in evidence] == ["bukti.jpg", "bukti.pdf"]
    assert PLACE not in read(store, evidence[0])
    # What was sent stays, though the story on its way is forgotten.
    client.get("/keluar-cepat")
    assert all(read(store, file) for file in evidence)


@on_sqlite
def test_a_file_can_be_taken_out_and_a_sixth_is_not_kept(app: Flask, tmp_path: Path) -> None:
    client = told(app)
    sent = [(io.BytesIO(pdf_bytes(number)), f"{number}.pdf") for number in range(1, 7)]
    page = client.post("/cerita/berkas", {"files": sent}, content_type="multipart/form-data")
    assert page.status_code == 422
    kept = every(app, StoredFile)
    assert len(kept) == 5
    answer = client.post("/cerita/berkas", {"hapus": kept[0].public_id})
    assert answer.status_code == 303
    assert len(every(app, StoredFile)) == 4
    # Leaving forgets the files of a story that was not sent.
    client.get("/keluar-cepat")
    assert every(app, StoredFile) == []
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


@on_sqlite
def test_how_to_be_reached_is_asked_after_the_code_and_for_the_office_alone(
    app: Flask, build: Builder
) -> None:
    client = told(app)
    client.post("/cerita/kirim")
    client.get("/cerita/kode")
    client.post("/cerita/kode")
    for _press in range(2):
        answer = client.post("/cerita/hubungi", {"way": "0812 0000 1234", "time": "sore"})
        assert answer.headers["Location"] == "/cerita/selesai"
    (report,) = reports(app)
    assert json.loads(report.safe_contact) == {"way": "0812 0000 1234", "time": "sore"}
    assert report.naming == "confidential"
    assert "0812" not in client.get("/cerita/selesai").text


@on_sqlite
def test_how_to_be_reached_waits_to_be_read_where_the_report_was_read_before(
    app: Flask, build: Builder
) -> None:
    client = told(app)
    client.post("/cerita/kirim")

    def waits() -> bool:
        return any(duty.kind == READ_REPLY for duty in every(app, Duty))

    client.post("/cerita/hubungi", {"way": "0812 0000 1234"})
    # Whoever reads the report reads this too.
    assert not waits()
    with transaction(build.session) as session:
        session.scalars(select(Report)).one().read_at = clock.now()
    client.post("/cerita/hubungi", {"way": "0812 0000 1234"})
    assert not waits()
    client.post("/cerita/hubungi", {"way": "0812 0000 5678"})
    assert waits()
