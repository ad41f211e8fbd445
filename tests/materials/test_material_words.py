"""What each kind of material says, with its files, written in the browser."""

from __future__ import annotations

from io import BytesIO

import pytest
from sqlalchemy import select

from portal.core.files import FolderStore, StoredFile
from portal.materials.models import Material, MaterialFile
from portal.materials.policy.content import Words
from portal.materials.states import MaterialKind, MaterialState
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.materials.keeping import errors_of, picture, said, sent
from tests.materials.shelf import Shelf

PNG = b"\x89PNG\r\n\x1a\n"


def files_there(build: Builder) -> int:
    with build.database.reader() as reading:
        return len(reading.scalars(select(StoredFile.id)).all())


def test_files_come_and_go(
    writer: PageClient, shelf: Shelf, build: Builder, store: FolderStore
) -> None:
    made = shelf.material(MaterialKind.FILE, state=MaterialState.DRAFT)
    address = f"/materi/{made.slug}/ubah"
    new = {"file_label_id": "Lembar kelas", "file_language": "id", "title_id": "Lembar"}
    answer = sent(writer, address, file=(picture(), "lembar.png"), **new)
    assert answer.status_code == 303
    content = said(build, made.slug)
    (file,) = content.files
    assert (file.label, file.language, content.title.id) == (Words("Lembar kelas"), "id", "Lembar")
    assert store.size(file.file) > 0
    assert writer.get(f"/materi/{made.slug}/berkas/{file.file}").status_code == 200
    # What claims to be a picture is looked into; the rest of what was typed stays.
    hostile = (
        BytesIO(PNG + b"<?php system($_GET[0]); ?>"),
        BytesIO(b"<html><script>alert(1)</script></html>"),
        BytesIO(b"MZ\x90\x00\x03"),
        BytesIO(b""),
    )
    for each in hostile:
        answer = sent(writer, address, file=(each, "gambar.png"), title_id="Judul baru")
        assert answer.status_code == 422
        assert "Judul baru" in writer.page
    assert said(build, made.slug) == content
    sent(writer, address, **{"files-0-label_en": "Sheet", "files-0-file": "forged"})
    assert said(build, made.slug).files == content.files
    sent(writer, address, **{"files-0-label_en": "Sheet", "files-0-language": ""})
    assert said(build, made.slug).files[0].label == Words("Lembar kelas", "Sheet")
    sent(writer, address, **{"files-0-removed": "y"})
    assert said(build, made.slug).files == ()
    # No edition names it, so its bytes go.
    with pytest.raises(FileNotFoundError):
        store.size(file.file)
    assert build.session.scalars(select(MaterialFile)).all() == []


@on_sqlite
def test_files_of_editions_stay(
    writer: PageClient, chief: PageClient, shelf: Shelf, build: Builder, store: FolderStore
) -> None:
    made = shelf.material(state=MaterialState.DRAFT)
    address, out = f"/materi/{made.slug}/ubah", f"/materi/{made.slug}/terbitan"
    sent(writer, address, file=(picture(), "a.png"), file_label_id="A")
    (file,) = said(build, made.slug).files
    chief.get(out)
    chief.post(f"/materi/{made.slug}/terbitkan", chief.form(f"/materi/{made.slug}/terbitkan"))
    assert build.fresh(Material, made.id).size > store.size(file.file) / 2
    sent(writer, address, **{"files-0-removed": "y"})
    assert said(build, made.slug).files == ()
    chief.get(out)
    chief.post(f"/materi/{made.slug}/terbitkan", chief.form(f"/materi/{made.slug}/terbitkan"))
    assert store.size(file.file) > 0
    for number in range(5):
        sent(writer, address, file=(picture(), f"{number}.png"))
    refused = sent(writer, address, file=(picture(), "sixth.png"))
    assert refused.status_code == 422
    assert len(said(build, made.slug).files) == 5
    kept = files_there(build)
    writer.get(out)
    thrown = f"/materi/{made.slug}/buang-draf"
    assert writer.post(thrown, writer.form(thrown)).status_code == 303
    assert (kept, files_there(build)) == (6, 1)


@on_sqlite
def test_a_story_takes_pictures_alone(writer: PageClient, shelf: Shelf, build: Builder) -> None:
    slug = shelf.material(MaterialKind.SCENARIO, state=MaterialState.DRAFT).slug
    before = said(build, slug)
    paper = BytesIO(b"%PDF-1.4\n%%EOF\n")
    assert sent(writer, f"/materi/{slug}/ubah", file=(paper, "a.pdf")).status_code == 422
    assert sent(writer, f"/materi/{slug}/ubah", file=(picture(), "a.png")).status_code == 303
    now = said(build, slug)
    assert (now.scenario, len(now.files)) == (before.scenario, 1)


@on_sqlite
def test_cards_lines_and_links_are_written(
    writer: PageClient, shelf: Shelf, build: Builder
) -> None:
    cards = shelf.material(MaterialKind.PARENT_CARD, state=MaterialState.DRAFT).slug
    address = f"/materi/{cards}/ubah"
    typed = {"cards-1-heading_id": "Kedua", "cards-1-text_id": "Isi", "title_id": "Belum disimpan"}
    for count in (4, 5):
        writer.get(address) if count == 4 else None
        answer = writer.post(address, {**writer.form(address), **typed, "more": "1"})
        assert answer.status_code == 200
        assert f'name="cards-{count - 1}-heading_id"' in writer.page
    assert "Belum disimpan" in writer.page
    assert len(said(build, cards).cards) == 1
    writer.post(
        address,
        {
            **writer.form(address),
            **typed,
            "cards-0-heading_id": "",
            "cards-0-heading_en": "",
            "cards-0-text_id": "",
            "cards-0-text_en": "",
        },
    )
    (card,) = said(build, cards).cards
    assert (card.heading, card.text) == (Words("Kedua"), Words("Isi"))
    poster = shelf.material(MaterialKind.POSTER, state=MaterialState.DRAFT).slug
    sent(
        writer,
        f"/materi/{poster}/ubah",
        **{"lines-0-line_id": "", "lines-0-line_en": "", "lines-4-line_id": "Lima"},
    )
    assert [each.id for each in said(build, poster).lines] == ["Second line (id)", "Lima"]
    video = shelf.material(MaterialKind.VIDEO, state=MaterialState.DRAFT).slug
    for link, status in (
        ("http://x.example", 422),
        ("ftp://x.example", 422),
        ("https://x.example/2", 303),
    ):
        assert sent(writer, f"/materi/{video}/ubah", link=link).status_code == status
    assert said(build, video).link == "https://x.example/2"


@on_sqlite
def test_twelve_cards_are_enough(writer: PageClient, shelf: Shelf) -> None:
    slug = shelf.material(MaterialKind.PARENT_CARD, state=MaterialState.DRAFT).slug
    address = f"/materi/{slug}/ubah"
    typed = {f"cards-{number}-heading_id": f"Kartu {number}" for number in range(11)}
    writer.get(address)
    for _press in range(2):
        writer.post(address, {**typed, **writer.form(address), **typed, "more": "1"})
    assert 'name="cards-11-heading_id"' in writer.page
    assert 'name="cards-12-heading_id"' not in writer.page


@on_sqlite
@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"title_id": ""}, "Isi baru"),
        ({"title_id": "x" * 121}, "x" * 121),
        ({"body_id": "Halo <script>alert(1)</script>"}, "Halo &lt;script&gt;"),
        ({"summary_en": "turned \u202e round"}, "turned"),
        ({"files-0-label_id": "<b>"}, "Isi baru"),
    ],
)
def test_nothing_typed_is_lost(
    writer: PageClient, shelf: Shelf, build: Builder, changes: dict[str, str], kept: str
) -> None:
    slug = shelf.material(state=MaterialState.DRAFT).slug
    before = said(build, slug)
    if "files-0-label_id" in changes:
        sent(writer, f"/materi/{slug}/ubah", file=(picture(), "a.png"))
        before = said(build, slug)
    answer = sent(writer, f"/materi/{slug}/ubah", **{"body_en": "Isi baru", **changes})
    assert answer.status_code == 422
    assert kept in writer.page
    assert "<li>" in errors_of(writer)
    assert said(build, slug) == before
