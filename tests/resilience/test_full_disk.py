"""A disk without room: everybody is told so, nothing is half done, and it ends by itself."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from jinja2 import BytecodeCache
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from portal import create_app
from portal.core import clock
from portal.core.access import Role
from portal.core.db import is_full, transaction
from portal.core.files import StoredFile
from portal.core.settings import OfficeSetting
from portal.people.models import SignInSession
from portal.schools.models import Mou, School
from portal.visits.models import Visit
from portal.web.errors import NO_ROOM
from tests.architecture.town import add_objects, add_people
from tests.builders import PASSWORD, Builder
from tests.client import PageClient
from tests.conftest import ENGINES, on_sqlite, settings_for
from tests.papers import pdf_bytes
from tests.resilience.disks import Disk, Pages, memory_disk, postgresql_on, sqlite_on

BOOK = "/sesi/baru"
NEEDS = "ada murid berkursi roda " * 20
# What fits into pages that are there already, before SQLite needs another one.
MOST_BOOKINGS = 12
MOST_READS = 200


@dataclass(frozen=True)
class Place:
    """A portal as it runs for people, and the disk it stands on."""

    app: Flask
    disk: Disk
    build: Builder

    @property
    def folder(self) -> Path:
        """Return the data folder."""
        folder: Path = self.app.config["PORTAL"].data_dir
        return folder

    def count(self, model: type[object]) -> int:
        """Return how many records there are."""
        with self.build.database.reader() as reading:
            return reading.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture(params=[*ENGINES, pytest.param("pages", id="sqlite-pages")])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, compiled_templates: BytecodeCache
) -> Iterator[Place]:
    """Return a portal on a disk that can be filled; also on an SQLite file that may not grow."""
    with ExitStack() as stack:
        disk: Disk
        if request.param == "pages":
            template: Path = request.getfixturevalue("sqlite_template")
            shutil.copy(template, tmp_path / "portal.db")
            settings = settings_for(tmp_path, f"sqlite:///{tmp_path / 'portal.db'}")
            disk = Pages()
        else:
            disk = stack.enter_context(memory_disk())
            if request.param == "sqlite":
                template = request.getfixturevalue("sqlite_template")
                settings = stack.enter_context(sqlite_on(disk, template))
            else:
                server: sa.URL = request.getfixturevalue("postgresql_server")
                cluster: Path = request.getfixturevalue("postgresql_folder")
                settings = stack.enter_context(postgresql_on(disk, server, cluster))
        app = create_app(replace(settings, testing=False))
        app.jinja_env.bytecode_cache = compiled_templates
        database = app.extensions["database"]
        if isinstance(disk, Pages):
            disk.watch(database)
        build = Builder(database)
        yield Place(app, disk, build)
        build.close()
        database.dispose()


def says_that_there_is_no_room(client: PageClient) -> bool:
    """Say whether the last page tells of the full disk, in the reader's own language."""
    assert "Traceback" not in client.page
    return all(str(words) in client.page for words in NO_ROOM)


def principal_of(place: Place, school: School) -> PageClient:
    """Return a principal's browser that was last seen long enough ago to be noted again."""
    client = PageClient(place.app).sign_in(place.build.user(Role.PRINCIPAL, school))
    with transaction(place.build.session) as session:
        seen = clock.now() - timedelta(minutes=5)
        session.execute(sa.update(SignInSession).values(last_seen_at=seen))
    return client


def booking(client: PageClient, place: Place, school: School) -> dict[str, object]:
    """Open the booking page and return its form, filled in."""
    assert client.get(BOOK).status_code == 200
    slot = place.build.first_slot(school).isoformat()
    return {**client.form(BOOK), "slot": slot, "needs": NEEDS, "own_topic": "Berteman"}


def send(client: PageClient, path: str, form: dict[str, object]) -> int:
    """Send a form as a browser does, from a page of the portal."""
    headers = {"Origin": "http://localhost"}
    return client.post(path, form, headers=headers).status_code


def test_a_form_that_finds_no_room_can_be_sent_again_with_one_press(place: Place) -> None:
    place.build.worker()
    school = place.build.school()
    client = principal_of(place, school)
    client.get("/beranda")
    place.disk.fill()
    stored = 0
    while (status := send(client, BOOK, booking(client, place, school))) == 303:
        stored += 1
        assert stored < MOST_BOOKINGS
    assert status == 503
    assert says_that_there_is_no_room(client)
    assert place.count(Visit) == stored
    again = client.form(BOOK)
    assert again["needs"] == [NEEDS]
    # Whoever only reads notices nothing of it.
    for path in ("/beranda", "/sesi", "/sekolah", "/"):
        assert PageClient.get(client, path).status_code in {200, 303}
    assert send(client, BOOK, dict(again)) == 503
    assert client.form(BOOK) == {**again, "csrf_token": client.form(BOOK)["csrf_token"]}
    place.disk.free()
    assert send(client, BOOK, dict(client.form(BOOK))) == 303
    assert place.count(Visit) == stored + 1
    with place.build.database.reader() as reading:
        newest = reading.scalars(select(Visit).order_by(Visit.requested_at.desc())).first()
        assert newest is not None
        assert newest.needs == NEEDS.strip()
        # And from now on it is noted again who was here.
        seen = reading.scalars(select(SignInSession.last_seen_at)).one()
    client.get("/beranda")
    assert clock.now() - seen < timedelta(minutes=1)


on_a_disk = pytest.mark.parametrize("place", ENGINES, indirect=True)


@on_a_disk
def test_a_file_that_finds_no_room_leaves_nothing_behind(place: Place) -> None:
    school = place.build.school()
    client = PageClient(place.app).sign_in(place.build.user(Role.COORDINATOR))
    here = f"/sekolah/{school.public_id}/mou/baru"
    client.get(here)
    sent = {**client.form(here), "number": "1/2026", "valid_until": "2099-12-31"}
    sent["promised_sessions"] = "2"
    place.disk.fill()
    assert send(client, here, {**sent, "file": (io.BytesIO(pdf_bytes()), "mou.pdf")}) == 503
    assert says_that_there_is_no_room(client)
    # The file itself cannot come back; everything else does.
    assert "mou.pdf" not in client.page
    again = client.form(here)
    assert again["number"] == ["1/2026"]
    assert client.get(f"/sekolah/{school.public_id}").status_code == 200
    place.disk.free()
    assert (place.count(Mou), place.count(StoredFile)) == (0, 0)
    assert [path for path in place.folder.glob("files/*") if path.is_file()] == []
    assert send(client, here, {**again, "file": (io.BytesIO(pdf_bytes()), "mou.pdf")}) == 303
    assert place.count(Mou) == 1


@on_a_disk
def test_nobody_is_half_signed_in(place: Place) -> None:
    user = place.build.user(Role.VOLUNTEER, language="en")
    client = PageClient(place.app)
    client.get("/masuk")
    sent = {**client.form("/masuk"), "identifier": user.email, "password": PASSWORD}
    place.disk.fill()
    assert send(client, "/masuk", sent) == 503
    assert says_that_there_is_no_room(client)
    assert PASSWORD not in client.page
    assert client.http.get_cookie("sid") is None
    assert client.get("/masuk").status_code == 200
    place.disk.free()
    assert place.count(SignInSession) == 0
    assert send(client, "/masuk", sent) == 303
    assert client.get("/beranda").status_code == 200


@on_a_disk
def test_what_cannot_be_noted_as_read_is_not_shown(place: Place) -> None:
    build = place.build
    school = build.school()
    objects = add_objects(build, place.folder, school, add_people(build, school))
    client = PageClient(place.app).sign_in(objects.worker)
    page = f"/permintaan-data/{objects.request.public_id}"
    assert objects.request.requester in client.get(page).text
    place.disk.fill()
    statuses = []
    # What was written before may leave room for one or two more lines.
    while 503 not in statuses:
        assert len(statuses) < MOST_READS
        response = client.get(page)
        statuses.append(response.status_code)
        assert (objects.request.requester in response.text) == (response.status_code == 200)
        if response.status_code == 503:
            assert says_that_there_is_no_room(client)
    assert statuses[-1] == 503
    assert client.get("/permintaan-data").status_code == 200
    place.disk.free()
    assert objects.request.requester in client.get(page).text


@on_sqlite
def test_no_room_is_known_as_such_inside_a_savepoint_too(build: Builder) -> None:
    disk = Pages()
    disk.watch(build.database)
    build.session.rollback()
    disk.fill()
    much = OfficeSetting(name="much", value="x" * 1_000_000, changed_at=clock.now())
    session = build.session
    with pytest.raises(OperationalError) as refused, session.begin_nested():
        session.add(much)
    session.rollback()
    assert is_full(refused.value)
    disk.free()
