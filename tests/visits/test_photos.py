"""Photographs of a session: with consent, without hidden extras, for the office and the school."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select, text

from portal.core.access import Role
from portal.core.files import StoredFile
from portal.visits.actions.deciding import cancel
from portal.visits.models import Visit, VisitPhoto
from portal.visits.states import VisitState
from tests.client import PageClient
from tests.trail import trail
from tests.visits.conftest import Site, on_sqlite
from tests.visits.screen import Screen

PLACE = 0x8825


def picture(colour: str = "green") -> BytesIO:
    """Return a photograph that says where it was taken."""
    made, exif = Image.new("RGB", (64, 48), colour), Image.Exif()
    exif.get_ifd(PLACE)[1] = "S"
    exif[0x010E] = "Kamera Rahasia"
    kept = BytesIO()
    made.save(kept, "JPEG", exif=exif)
    kept.seek(0)
    return kept


def sent(**more: object) -> dict[str, object]:
    """Return what the form sends."""
    values = {"consent": "no_faces", "caption": "Aula penuh", "consent_note": ""}
    return {**values, "file": (picture(), "budi-di-depan.jpg"), **more}


@pytest.fixture
def visit(site: Site) -> Visit:
    """Return a session that took place."""
    return site.build.delivered(site.school, site.worker)


def added(site: Site, visit: Visit, **more: object) -> VisitPhoto:
    """Add a photograph as the social worker."""
    path = f"/sesi/{visit.public_id}/foto"
    assert site.browser(site.worker).post(path, sent(**more)).status_code == 303
    [photo] = kept(site)
    return photo


def kept(site: Site) -> list[VisitPhoto]:
    """Return all photographs there are."""
    with site.build.database.reader() as session:
        return list(session.scalars(select(VisitPhoto)))


def test_what_somebody_wrote_under_a_photograph_is_kept_sealed(site: Site, visit: Visit) -> None:
    assert added(site, visit, caption="Budi di depan").caption == "Budi di depan"
    with site.build.database.reading.connect() as connection:
        held = connection.execute(text("SELECT caption FROM visit_photo")).scalar_one()
    assert b"Budi" not in bytes(held)
    assert bytes(held).startswith(b"v1|")


def test_a_photograph_is_kept_without_what_the_camera_wrote(site: Site, visit: Visit) -> None:
    photo = added(site, visit)
    path = f"/sesi/{visit.public_id}/foto"
    shown = site.browser(site.principal).get(f"{path}/{photo.public_id}")
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    assert b"Rahasia" not in shown.data
    assert not Image.open(BytesIO(shown.data)).getexif()
    assert "no-store" in shown.headers["Cache-Control"]
    assert "budi" not in str(shown.headers)
    page = Screen(site.browser(site.principal).get(path))
    assert "Aula penuh" in page.text
    assert page.actions() == []
    assert trail(site.build.database, "visit")[-1].facts == {"consent": "no_faces"}


@on_sqlite
@pytest.mark.parametrize(
    ("role", "own", "status"),
    [
        (Role.TEACHER, True, 200),
        (Role.DIVISION_HEAD, False, 200),
        (Role.COORDINATOR, False, 200),
        (Role.VOLUNTEER, False, 403),
        (Role.EDUCATION_OFFICE, False, 403),
        (None, False, 303),
    ],
)
def test_the_office_and_the_school_see_it_and_nobody_else(
    site: Site, visit: Visit, role: Role | None, own: bool, status: int
) -> None:
    photo = added(site, visit)
    path = f"/sesi/{visit.public_id}/foto/{photo.public_id}"
    somebody = PageClient(site.app)
    if role:
        somebody = site.browser(site.build.user(role, site.school if own else None))
    assert somebody.get(path).status_code == status
    stranger = site.browser(site.another_school()[1])
    assert stranger.get(path).status_code == 404
    # Nor by way of another session.
    other = site.build.delivered(site.another_school()[0], site.build.worker())
    foreign = f"/sesi/{other.public_id}/foto/{photo.public_id}"
    assert site.browser(site.coordinator).get(foreign).status_code == 404


@on_sqlite
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"consent": ""}, "consent"),
        ({"consent": "guardians_agreed"}, "consent_note"),
        ({"consent": "adults_agreed", "consent_note": "  "}, "consent_note"),
        ({"file": (BytesIO(b""), "")}, "file"),
        ({"file": (BytesIO(b"%PDF-1.4"), "surat.pdf")}, "file"),
        ({"file": (BytesIO(b"\xff\xd8\xff rusak"), "foto.jpg")}, "file"),
    ],
)
def test_without_consent_or_picture_nothing_is_kept(
    site: Site, visit: Visit, change: dict[str, object], field: str
) -> None:
    visitor = site.browser(site.worker)
    screen = Screen(visitor.post(f"/sesi/{visit.public_id}/foto", sent(**change)))
    assert screen.status == 422
    assert f"#{field}" in screen.links()
    assert screen.value("caption") == "Aula penuh"
    assert site.count(VisitPhoto) == site.count(StoredFile) == 0


@on_sqlite
def test_who_agreed_is_read_by_those_who_keep_photographs_alone(site: Site, visit: Visit) -> None:
    added(site, visit, consent="guardians_agreed", consent_note="Ibu Budi, map di TU")
    path = f"/sesi/{visit.public_id}/foto"
    assert "Ibu Budi" in Screen(site.browser(site.coordinator).get(path)).text
    teacher = site.build.user(Role.TEACHER, site.school)
    for who in (teacher, site.build.worker("Andi Peksos")):
        screen = Screen(site.browser(who).get(path))
        assert "Aula penuh" in screen.text
        assert "Ibu Budi" not in screen.text


@on_sqlite
def test_so_many_and_no_more(site: Site, visit: Visit) -> None:
    site.build.setting("visit_photos", 1)
    added(site, visit)
    visitor = site.browser(site.worker)
    path = f"/sesi/{visit.public_id}/foto"
    [photo] = kept(site)
    assert Screen(visitor.get(path)).actions() == [f"{path}/{photo.public_id}/hapus"]
    assert visitor.post(path, sent()).status_code == 422
    assert site.count(VisitPhoto) == 1


def test_a_photograph_is_deleted_for_good(site: Site, visit: Visit) -> None:
    photo = added(site, visit, consent="guardians_agreed", consent_note="Map di TU")
    path = f"/sesi/{visit.public_id}/foto/{photo.public_id}"
    for who in (site.build.worker(), site.principal):
        assert site.browser(who).post(f"{path}/hapus").status_code in {403, 422}
    assert site.browser(site.coordinator).post(f"{path}/hapus").status_code == 303
    assert site.count(VisitPhoto) == site.count(StoredFile) == 0
    assert site.browser(site.worker).get(path).status_code == 404


@on_sqlite
def test_a_session_that_is_off_has_no_photographs(site: Site) -> None:
    off = site.build.delivered(site.school, site.worker, state=VisitState.CANCELLED)
    path = f"/sesi/{off.public_id}/foto"
    assert site.browser(site.worker).get(path).status_code == 404
    assert site.browser(site.worker).post(path, sent()).status_code == 404


def test_photographs_of_a_session_called_off_afterwards_are_seen_and_deleted(site: Site) -> None:
    coming = site.build.delivered(
        site.school, site.worker, date(2026, 8, 12), state=VisitState.SCHEDULED
    )
    photo = added(site, coming)
    site.does(cancel, site.coordinator, coming, "Banjir")
    address = f"/sesi/{coming.public_id}"
    path = f"{address}/foto"
    for who in (site.principal, site.coordinator, site.worker):
        visitor = site.browser(who)
        assert path in Screen(visitor.get(address)).links()
        assert "Aula penuh" in Screen(visitor.get(path)).text
        assert visitor.get(f"{path}/{photo.public_id}").status_code == 200
    stranger = site.browser(site.another_school()[1])
    assert stranger.get(path).status_code == 404
    # Nothing is added any more; what is there can go, and its page with it.
    visitor = site.browser(site.worker)
    assert Screen(visitor.get(path)).actions() == [f"{path}/{photo.public_id}/hapus"]
    assert visitor.post(path, sent()).status_code == 422
    gone = visitor.post(f"{path}/{photo.public_id}/hapus")
    assert (gone.status_code, gone.headers["Location"]) == (303, address)
    assert site.count(VisitPhoto) == site.count(StoredFile) == 0
    assert visitor.get(path).status_code == 404
    assert path not in Screen(visitor.get(address)).links()
