"""Keeping the library in the browser: begin, write, describe, check, publish."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from portal.core import clock, i18n
from portal.core.access import Role
from portal.core.db import transaction
from portal.materials.actions import writing
from portal.materials.models import Material
from portal.materials.policy.content import Words
from portal.materials.queries import library
from portal.materials.states import MaterialState
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.materials.keeping import errors_of, said, sent
from tests.materials.shelf import Shelf, words

PNG = b"\x89PNG\r\n\x1a\n"


def test_from_a_title_to_a_published_article(
    writer: PageClient, chief: PageClient, client: PageClient, app: Flask, build: Builder
) -> None:
    answer = sent(writer, "/materi/baru", kind="article", title="Kafé & Teman", audiences=["pupil"])
    assert answer.location == "/materi/kafe-teman/ubah"
    answer = sent(
        writer,
        "/materi/kafe-teman/ubah",
        title_en="Café and friends",
        summary_id="Singkat",
        summary_en="Short",
        body_id="**Tebal**\r\n\r\n- satu",
        body_en="**Bold**",
    )
    assert answer.location == "/materi/kafe-teman/ubah"
    content = said(build, "kafe-teman")
    assert content.body == Words("**Tebal**\n\n- satu", "**Bold**")
    assert content.title == Words("Kafé & Teman", "Café and friends")
    # Sent once more without a change it begins nothing.
    answer = sent(writer, "/materi/kafe-teman/ubah")
    assert said(build, "kafe-teman") == content
    writer.get("/materi/kafe-teman/lihat")
    assert "<strong>Tebal</strong>" in writer.page
    answer = sent(writer, "/materi/kafe-teman/tentang", minutes="7", levels=["SD/MI"], slug="teman")
    assert answer.location == "/materi/teman/tentang"
    writer.get("/materi/teman/terbitan")
    assert "/materi/teman/terbitkan" not in writer.page
    asked = writer.post("/materi/teman/minta-tinjau", writer.form("/materi/teman/minta-tinjau"))
    assert asked.location == "/materi/teman/terbitan"
    assert PageClient(app).get("/materi/teman").status_code == 404
    chief.get("/materi/kelola")
    # What waits comes first, and leads to where it is published.
    assert 'href="/materi/teman/terbitan"' in chief.page
    chief.get("/materi/teman/terbitan")
    published = chief.post("/materi/teman/terbitkan", chief.form("/materi/teman/terbitkan"))
    assert published.location == "/materi/teman/terbitan"
    chief.get("/materi/teman/terbitan")
    visitor = PageClient(app)
    assert visitor.get("/materi/teman").status_code == 200
    assert "Kafé &amp; Teman" in visitor.page
    row = build.session.scalars(select(Material)).one()
    assert (row.minutes, row.levels, row.size > 0) == (7, ["SD/MI"], True)


@on_sqlite
def test_only_those_who_write_come_in(client: PageClient, shelf: Shelf, build: Builder) -> None:
    slug = shelf.material().slug
    pages = (
        "kelola",
        "baru",
        f"{slug}/ubah",
        f"{slug}/tentang",
        f"{slug}/terbitan",
        f"{slug}/lihat",
    )
    for role, status in (
        (Role.PRINCIPAL, 403),
        (Role.DIVISION_HEAD, 403),
        (Role.SOCIAL_WORKER, 200),
    ):
        school = build.school() if role is Role.PRINCIPAL else None
        client.sign_in(build.user(role, school))
        assert {client.get(f"/materi/{each}").status_code for each in pages} == {status}
    assert client.post(f"/materi/{slug}/terbitkan").status_code == 403
    assert client.post(f"/materi/{slug}/tarik", {"reason": "x"}).status_code == 403
    for missing in ("tidak-ada/ubah", f"{slug}/terbitan/9", "tidak-ada/terbitan"):
        assert client.get(f"/materi/{missing}").status_code == 404


@on_sqlite
def test_two_writers_see_both_versions(
    writer: PageClient, chief: PageClient, shelf: Shelf, build: Builder
) -> None:
    slug = shelf.material(state=MaterialState.DRAFT).slug
    address = f"/materi/{slug}/ubah"
    writer.get(address)
    mine = writer.form(address)
    sent(chief, address, title_id="Judul koordinator")
    answer = writer.post(address, {**mine, "title_id": "Judul peksos", "summary_id": "Baru"})
    assert answer.status_code == 409
    for shown in ("Judul koordinator", "Judul peksos", "Baru"):
        assert shown in writer.page
    assert said(build, slug).title.id == "Judul koordinator"
    # A second press knows what it replaces.
    writer.post(address, {**mine, **writer.form(address)})
    assert said(build, slug).title.id == "Judul peksos"
    about = f"/materi/{slug}/tentang"
    writer.get(about)
    mine = writer.form(about)
    sent(chief, about, author="Koordinator")
    answer = writer.post(about, {**mine, "author": "Peksos"})
    assert (answer.status_code, "Koordinator" in writer.page) == (409, True)


@on_sqlite
def test_what_nobody_read_is_not_published(
    writer: PageClient, chief: PageClient, shelf: Shelf, build: Builder
) -> None:
    made = shelf.material(state=MaterialState.DRAFT)
    send_to = f"/materi/{made.slug}/terbitkan"
    chief.get(f"/materi/{made.slug}/terbitan")
    seen = chief.form(send_to)
    sent(writer, f"/materi/{made.slug}/ubah", body_id="Lain sekali")
    assert chief.post(send_to, seen).status_code == 422
    assert build.fresh(Material, made.id).state == MaterialState.DRAFT
    assert chief.post(send_to, chief.form(send_to)).status_code == 303


@on_sqlite
@pytest.mark.parametrize(
    "changes",
    [
        {"slug": "kelola"},
        {"slug": "Teman Baik"},
        {"slug": "-teman"},
        {"slug": ""},
        {"audiences": []},
        {"age_from": "12", "age_to": "7"},
        {"age_from": "2"},
        {"minutes": "99999999999999999999"},
        {"licence": "mine"},
        {"source_url": "http://x.example"},
        {"author": "<b>"},
    ],
)
def test_what_is_about_a_material_is_checked(
    writer: PageClient, shelf: Shelf, changes: dict[str, Any]
) -> None:
    slug = shelf.material(state=MaterialState.DRAFT).slug
    answer = sent(writer, f"/materi/{slug}/tentang", source="Tetap ada", **changes)
    assert answer.status_code == 422
    assert "Tetap ada" in writer.page
    assert "<li>" in errors_of(writer)


@on_sqlite
def test_about_a_published_material_is_for_coordinators(
    writer: PageClient, chief: PageClient, shelf: Shelf, build: Builder
) -> None:
    made = shelf.material()
    address = f"/materi/{made.slug}/tentang"
    writer.get(address)
    assert "<form" not in writer.page.partition("<main")[2].partition("</main>")[0]
    mine = {"strategy": "promotive", "audiences": ["pupil"], "licence": "cc0", "version": "1"}
    assert writer.post(address, mine).status_code == 422
    assert sent(chief, address, author="Koordinator", slug="lain").status_code == 303
    now = build.fresh(Material, made.id)
    assert (now.author, now.slug) == ("Koordinator", made.slug)


@on_sqlite
def test_off_the_shelf_and_back(chief: PageClient, client: PageClient, shelf: Shelf) -> None:
    slug = shelf.material().slug
    hub = f"/materi/{slug}/terbitan"
    chief.get(hub)
    away = chief.form(f"/materi/{slug}/tarik")
    assert chief.post(f"/materi/{slug}/tarik", {**away, "reason": ""}).status_code == 422
    assert chief.post(f"/materi/{slug}/tarik", {**away, "reason": "Nomor lama"}).status_code == 303
    assert client.get(f"/materi/{slug}").status_code == 410
    chief.get(hub)
    # Beside the edition, and where it can be put back.
    assert chief.page.count("Nomor lama") == 2
    chief.post(f"/materi/{slug}/kembalikan", chief.form(f"/materi/{slug}/kembalikan"))
    assert client.get(f"/materi/{slug}").status_code == 200
    chief.get(hub)
    chief.post(f"/materi/{slug}/tinjau", chief.form(f"/materi/{slug}/tinjau"))
    chief.get(hub)
    assert i18n.long_date(clock.today()) in chief.page


@on_sqlite
def test_an_old_edition_is_read_and_taken_up(
    writer: PageClient, chief: PageClient, shelf: Shelf, build: Builder
) -> None:
    slug = shelf.material(content={"body": words("Old body")}).slug
    sent(writer, f"/materi/{slug}/ubah", body_id="Isi kedua")
    chief.get(f"/materi/{slug}/terbitan")
    to = f"/materi/{slug}/terbitkan"
    chief.post(to, {**chief.form(to), "note": "Kalimat baru"})
    writer.get(f"/materi/{slug}/terbitan")
    assert "Kalimat baru" in writer.page
    back = writer.form(f"/materi/{slug}/terbitan/1/pulihkan")
    writer.get(f"/materi/{slug}/terbitan/1")
    assert "Old body" in writer.page
    assert writer.post(f"/materi/{slug}/terbitan/1/pulihkan", back).status_code == 303
    assert said(build, slug).body == words("Old body")


@on_sqlite
def test_the_list_pages_and_searches_in_few_statements(
    writer: PageClient, shelf: Shelf, app: Flask, build: Builder
) -> None:
    for number in range(30):
        shelf.material(title=f"Materi 100%_{number:02d}", state=MaterialState.DRAFT)
    others = shelf.material(title="Lain")
    asked: list[str] = []
    engine = app.extensions["database"].reading

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    writer.get("/materi/kelola?tampil=semua&cari=Lain")
    event.listen(engine, "before_cursor_execute", note)
    writer.get("/materi/kelola?tampil=semua&cari=Lain")
    few = len(asked)
    assert f"/materi/{others.slug}/ubah" in writer.page
    asked.clear()
    seen: list[str] = []
    address = "/materi/kelola?tampil=draf&cari=100%25_"
    for _page in range(2):
        writer.get(address)
        seen += [f"{n:02d}" for n in range(30) if f"_{n:02d} (id)" in writer.page]
        address = (
            writer.page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
        )
    event.remove(engine, "before_cursor_execute", note)
    assert sorted(seen) == [f"{n:02d}" for n in range(30)]
    # The second page asks for the place of the last one.
    assert len(asked) <= 2 * few + 1
    for tab in ("tunggu", "tinjau", "apa", ""):
        assert writer.get(f"/materi/kelola?tampil={tab}&setelah=x").status_code == 200


@on_sqlite
def test_own_drafts_come_before_those_of_others(
    writer: PageClient, shelf: Shelf, build: Builder
) -> None:
    mine = build.session.scalars(select(Material)).all()
    assert mine == []
    own = shelf.material(title="Milik saya", state=MaterialState.DRAFT)
    sent(writer, f"/materi/{own.slug}/ubah", title_id="Milik saya")
    with transaction(build.session) as session:
        other = build.actor(build.user(Role.COORDINATOR))
        made = session.merge(shelf.material(title="Milik lain", state=MaterialState.DRAFT))
        found = library.newest(session, other, made.slug)
        assert found is not None
        writing.save(session, other, made, replace(found.content, body=words("Theirs")))
    writer.get("/materi/kelola?tampil=draf")
    assert writer.page.index("Milik saya") < writer.page.index("Milik lain")
