"""How long photographs, signed attendance lists and ended calendar addresses are kept."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select
from time_machine import Traveller

from portal.core import clock, retention
from portal.core.db import transaction
from portal.core.files import FolderStore, StoredFile, store_from
from portal.core.retention import LegalHold
from portal.core.schedule import Workshop, jobs
from portal.visits.actions.letters import Order, make_out, take_back_signed
from portal.visits.actions.photos import Photo, add_photo
from portal.visits.models import CalendarFeed, Letter, LetterKind, PhotoConsent, Visit, VisitPhoto
from tests.trail import trail
from tests.visits.conftest import Site, on_sqlite
from tests.visits.test_feeds import make_feed


def picture() -> bytes:
    """Return a small photograph."""
    kept = BytesIO()
    Image.new("RGB", (8, 6), "green").save(kept, "JPEG")
    return kept.getvalue()


def store_of(site: Site) -> FolderStore:
    """Return where the portal keeps its files."""
    settings = site.app.config["PORTAL"]
    found = store_from(settings.storage_url, settings.data_dir)
    assert isinstance(found, FolderStore)
    return found


def files_there(site: Site) -> int:
    """Count the files in the store."""
    return sum(each.is_file() for each in store_of(site).folder.rglob("*"))


def let_go(site: Site) -> object:
    """Run the night's job."""
    return jobs["session_files"].run(Workshop(site.build.database, site.app.config["PORTAL"]))


@pytest.fixture
def visit(site: Site) -> Visit:
    """Return a session with a photograph and two signed papers."""
    made = site.build.delivered(site.school, site.worker)
    actor, store = site.actor(site.coordinator), store_of(site)
    with site.build.database.writer() as session, transaction(session):
        found = session.get_one(Visit, made.id)
        shown = Photo(picture(), PhotoConsent.NO_FACES, caption="Aula")
        add_photo(session, store, actor, found, shown)
        for kind in (LetterKind.ATTENDANCE, LetterKind.MINUTES):
            printed = {"paper": {}, "costs": None}
            order = Order(kind, "id")
            letter = make_out(session, actor, found, site.school, order, "", printed)
            take_back_signed(session, actor, store, found, letter, picture())
    return made


def test_pictures_of_children_and_their_names_go_with_their_bytes(
    site: Site, visit: Visit, now: Traveller
) -> None:
    began = clock.now()
    now.move_to(began.replace(year=began.year + 3))
    assert let_go(site) == {"gone": 0}
    now.shift(timedelta(seconds=1))
    with site.build.database.reader() as session:
        due = {each.rule.name: each.count for each in retention.plan(session) if each.count}
    assert due["session_photos"] == due["session_attendance"] == 1
    assert let_go(site) == {"gone": 2}
    assert let_go(site) == {"gone": 0}
    assert site.count(VisitPhoto) == 0
    # The minutes name nobody but those who signed, and what was printed stays.
    assert site.count(Letter) == 2
    assert site.count(StoredFile) == files_there(site) == 1
    with site.build.database.reader() as session:
        kept = session.scalars(select(Letter).where(Letter.signed_file_id.is_not(None))).one()
    assert kept.kind == LetterKind.MINUTES
    told = {entry.facts["rule"] for entry in trail(site.build.database) if "rule" in entry.facts}
    assert told == {"session_photos", "session_attendance"}


@on_sqlite
def test_what_an_inquiry_needs_stays(site: Site, visit: Visit, now: Traveller) -> None:
    site.build.save(
        LegalHold(
            subject="visit",
            subject_id=visit.id,
            label="Sesi",
            reason="Pemeriksaan",
            ordered_by=site.coordinator.id,
            ordered_at=clock.now(),
        )
    )
    now.shift(timedelta(days=4 * 366))
    assert let_go(site) == {"gone": 0}
    assert site.count(VisitPhoto) == 1


def test_ended_calendar_addresses_go_and_those_that_work_stay(site: Site, now: Traveller) -> None:
    make_feed(site, site.worker)
    make_feed(site, site.worker)
    now.shift(timedelta(days=90, seconds=1))
    done = {each.rule.name: each.count for each in retention.run(site.build.database, None)}
    assert done["calendar_feeds"] == 1
    with site.build.database.reader() as session:
        assert session.scalars(select(CalendarFeed)).one().revoked_at is None
