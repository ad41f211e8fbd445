"""Pages of memoranda, and the way a signed copy leaves the portal."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image
from sqlalchemy import select

from portal.config import Settings
from portal.core.access import Role
from portal.schools.models import Mou, School
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.papers import pdf_bytes
from tests.schools.test_mou import NEWER, PDF


@pytest.fixture
def coordinator(client: PageClient, build: Builder) -> PageClient:
    """Return a client signed in as coordinator."""
    return client.sign_in(build.user(Role.COORDINATOR))


def sent(**changed: Any) -> dict[str, Any]:
    """Return the form of an MoU over the year 2026."""
    values: dict[str, Any] = {
        "number": "420/01/2026",
        "signed_on": "2026-01-01",
        "valid_until": "2026-12-31",
        "promised_sessions": "2",
        "scope": "Penyuluhan\r\nPelatihan guru",
    }
    return {**values, **changed}


def shown(client: PageClient, address: str, **changed: Any) -> dict[str, Any]:
    """Return the form of an MoU for correction, as its page shows it."""
    page = client.get(address).text
    version = page.partition('name="version" type="hidden" value="')[2].partition('"')[0]
    return sent(version=version, **changed)


def pdf(name: str = "mou.pdf", content: bytes = PDF) -> tuple[io.BytesIO, str]:
    """Return a file as a browser sends it."""
    return io.BytesIO(content), name


def memoranda(build: Builder) -> list[Mou]:
    """Return all memoranda, the oldest first."""
    with build.database.reader() as session:
        return list(session.scalars(select(Mou).order_by(Mou.signed_on)))


def test_recording_and_fetching(coordinator: PageClient, build: Builder) -> None:
    school = build.school()
    here = f"/sekolah/{school.public_id}"
    coordinator.get(f"{here}/mou/baru")
    response = coordinator.post(f"{here}/mou/baru", sent(file=pdf("Naskah MoU.pdf")))
    assert (response.status_code, response.location) == (303, here)
    (mou,) = memoranda(build)
    assert mou.scope == "Penyuluhan\nPelatihan guru"
    assert f"{here}/mou/{mou.public_id}/berkas" in coordinator.get(here).text

    file = coordinator.get(f"{here}/mou/{mou.public_id}/berkas")
    assert (file.status_code, file.mimetype) == (200, "application/pdf")
    assert len(pikepdf.open(io.BytesIO(file.data)).pages) == 1
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert "Naskah MoU.pdf" in file.headers["Content-Disposition"]
    assert file.headers["Content-Security-Policy"].startswith("sandbox")
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.headers["Cache-Control"] == "no-store"


def test_the_next_mou_begins_with_the_promises_of_the_last(
    coordinator: PageClient, build: Builder
) -> None:
    school = build.school()
    build.mou(school, promised=4)
    text = coordinator.get(f"/sekolah/{school.public_id}/mou/baru").text
    assert 'name="promised_sessions" type="number" value="4"' in text.replace(
        ' inputmode="numeric"', ""
    )


def test_an_overlap_names_the_other(coordinator: PageClient, build: Builder) -> None:
    school = build.school()
    here = f"/sekolah/{school.public_id}/mou/baru"
    coordinator.post(here, sent())
    response = coordinator.post(here, sent(number="421/02/2026", signed_on="2026-06-01"))
    assert response.status_code == 422
    assert "420/01/2026" in response.text
    assert 'value="421/02/2026"' in response.text
    assert 'value="2026-06-01"' in response.text
    assert len(memoranda(build)) == 1


@on_sqlite
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"number": ""}, "number"),
        ({"number": "9" * 81}, "number"),
        ({"signed_on": "kemarin"}, "signed_on"),
        ({"valid_until": ""}, "valid_until"),
        ({"valid_until": "2025-12-31"}, "valid_until"),
        ({"promised_sessions": ""}, "promised_sessions"),
        ({"promised_sessions": "-1"}, "promised_sessions"),
        ({"promised_sessions": "dua"}, "promised_sessions"),
        ({"scope": "A" * 501}, "scope"),
        ({"file": b"bukan pdf"}, "file"),
        ({"file": b"%PDF-1.7 /Encrypt 1 0 R"}, "file"),
        ({"file": pdf_bytes(101)}, "file"),
        ({"file": b"\xff\xd8\xff\xe0bukan foto"}, "file"),
    ],
)
def test_what_cannot_be_recorded(
    coordinator: PageClient, build: Builder, changed: dict[str, Any], field: str
) -> None:
    school = build.school()
    values = {"scope": "Tetap tersimpan", **changed}
    if "file" in changed:
        values["file"] = pdf(content=changed["file"])
    response = coordinator.post(f"/sekolah/{school.public_id}/mou/baru", sent(**values))
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.text
    assert field == "scope" or "Tetap tersimpan" in response.text
    assert memoranda(build) == []


def test_correcting_replaces_the_file(
    coordinator: PageClient, build: Builder, settings: Settings
) -> None:
    school = build.school()
    here = f"/sekolah/{school.public_id}"
    coordinator.post(f"{here}/mou/baru", sent(file=pdf()))
    (mou,) = memoranda(build)
    form = f"{here}/mou/{mou.public_id}/ubah"

    def now(**changed: Any) -> dict[str, Any]:
        return shown(coordinator, form, **changed)

    assert "mou.pdf" in coordinator.get(form).text
    assert coordinator.post(form, now(promised_sessions="3")).status_code == 303
    assert len(_kept(settings.data_dir)) == 1
    before = _kept(settings.data_dir)
    assert coordinator.post(form, now(file=pdf("baru.pdf", NEWER))).status_code == 303
    (after,) = _kept(settings.data_dir)
    assert [after] != before
    served = coordinator.get(f"{here}/mou/{mou.public_id}/berkas").data
    assert len(pikepdf.open(io.BytesIO(served)).pages) == 2
    assert coordinator.post(form, now(valid_until="2025-01-01")).status_code == 422


@on_sqlite
@pytest.mark.parametrize("damage", ["gone", "changed"])
def test_a_file_that_is_lost_is_said_so(
    coordinator: PageClient, build: Builder, settings: Settings, damage: str
) -> None:
    here = f"/sekolah/{build.school().public_id}"
    coordinator.post(f"{here}/mou/baru", sent(file=pdf()))
    (mou,) = memoranda(build)
    (kept,) = (settings.data_dir / "files").glob("*")
    if damage == "gone":
        kept.unlink()
    else:
        *others, last = kept.read_bytes()
        kept.write_bytes(bytes((*others, last ^ 1)))
    answer = coordinator.get(f"{here}/mou/{mou.public_id}/berkas")
    assert answer.status_code == 404
    assert "Berkas ini belum bisa dibuka" in answer.text


def test_what_a_colleague_corrected_stands_beside_what_was_typed(
    coordinator: PageClient, build: Builder
) -> None:
    school = build.school()
    here = f"/sekolah/{school.public_id}"
    coordinator.post(f"{here}/mou/baru", sent())
    (mou,) = memoranda(build)
    form = f"{here}/mou/{mou.public_id}/ubah"
    mine = shown(coordinator, form, promised_sessions="5")
    theirs = shown(coordinator, form, promised_sessions="3")
    assert coordinator.post(form, theirs).status_code == 303
    response = coordinator.post(form, {**mine, "file": pdf()})
    assert response.status_code == 409
    table = response.text.partition("<tbody>")[2].partition("</tbody>")[0]
    assert table.count("<tr>") == 2
    for value in (">3<", ">5<", ">mou.pdf<"):
        assert value in table
    assert memoranda(build)[0].promised_sessions == 3
    assert memoranda(build)[0].file_id is None
    version = response.text.partition('name="version" type="hidden" value="')[2].partition('"')[0]
    again = {**mine, "version": version, "file": pdf()}
    assert coordinator.post(form, again).status_code == 303
    assert memoranda(build)[0].promised_sessions == 5
    assert memoranda(build)[0].file_id is not None


def _kept(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in (folder / "files").glob("*")]


def test_foreign_papers(client: PageClient, build: Builder) -> None:
    own, other = build.school(), build.school()
    _with_file(client, build, own)
    mine, theirs = memoranda(build)[0], _with_file(client, build, other)
    principal = PageClient(client.app).sign_in(build.user(Role.PRINCIPAL, own))
    address = f"/sekolah/{own.public_id}/mou/{mine.public_id}/berkas"
    assert principal.get(address).status_code == 200
    for school in (own, other):
        path = f"/sekolah/{school.public_id}/mou/{theirs.public_id}/berkas"
        assert principal.get(path).status_code == 404
    for role, place in ((Role.TEACHER, own), (Role.EDUCATION_OFFICE, None)):
        visitor = PageClient(client.app).sign_in(build.user(role, place))
        assert visitor.get(address).status_code in {403, 404}
    assert PageClient(client.app).get(address).status_code == 303


def _with_file(client: PageClient, build: Builder, school: School) -> Mou:
    writer = PageClient(client.app).sign_in(build.user(Role.COORDINATOR))
    address = f"/sekolah/{school.public_id}/mou/baru"
    assert writer.post(address, sent(file=pdf())).status_code == 303
    return next(mou for mou in memoranda(build) if mou.school_id == school.id)


def test_an_mou_without_a_file_has_none_to_fetch(coordinator: PageClient, build: Builder) -> None:
    school = build.school()
    mou = build.mou(school)
    path = f"/sekolah/{school.public_id}/mou/{mou.public_id}/berkas"
    assert coordinator.get(path).status_code == 404


def test_a_photo_comes_back_without_what_the_camera_wrote(
    coordinator: PageClient, build: Builder, settings: Settings
) -> None:
    school = build.school()
    here = f"/sekolah/{school.public_id}"
    text = coordinator.get(f"{here}/mou/baru?bahasa=en", follow_redirects=True).text
    assert "image/jpeg,image/png,image/webp" in text
    assert "PDF or photo" in text
    photo = io.BytesIO()
    Image.new("RGB", (30, 20), "white").save(photo, "JPEG", comment=b"RUMAH-KEPALA-SEKOLAH")
    sending = sent(file=pdf("IMG_1.png", photo.getvalue()))
    assert coordinator.post(f"{here}/mou/baru", sending).status_code == 303
    (mou,) = memoranda(build)
    assert "(JPEG, 1 KB)" in coordinator.get(here).text
    file = coordinator.get(f"{here}/mou/{mou.public_id}/berkas")
    assert (file.status_code, file.mimetype) == (200, "image/jpeg")
    assert "filename=IMG_1.jpg" in file.headers["Content-Disposition"]
    assert Image.open(io.BytesIO(file.data)).size == (30, 20)
    (kept,) = _kept(settings.data_dir)
    for content in (file.data, kept):
        assert b"RUMAH-KEPALA-SEKOLAH" not in content
    assert file.data not in kept


def test_whoever_hands_in_too_many_files_waits_and_keeps_what_was_typed(
    coordinator: PageClient, build: Builder
) -> None:
    build.setting("uploads_per_hour", 2)
    answers = []
    for _number in range(3):
        address = f"/sekolah/{build.school().public_id}/mou/baru"
        answers.append(coordinator.post(address, sent(file=pdf())))
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert 'value="420/01/2026"' in answers[-1].text
    assert len(memoranda(build)) == 2
    # Without a file there is nothing to count, and a colleague counts for herself.
    assert coordinator.post(address, sent()).status_code == 303
    colleague = PageClient(coordinator.app).sign_in(build.user(Role.COORDINATOR))
    address = f"/sekolah/{build.school().public_id}/mou/baru"
    assert colleague.post(address, sent(file=pdf())).status_code == 303
