"""What everybody finds: the shelf, its filters, a material's page, and its files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy.orm import Session

from portal.core import clock, files, links
from portal.core.access import Role
from portal.core.db import Database, new_id, transaction
from portal.core.files import JPEG, PDF, FolderStore, StoredFile
from portal.materials.actions import indexing, writing
from portal.materials.models import (
    Favourite,
    GroupItem,
    Material,
    MaterialFile,
    MaterialGroup,
    MaterialUse,
)
from portal.materials.policy.content import Attachment, Content, Node, Scenario, Words
from portal.materials.queries import library, quizzes
from portal.materials.queries import shelf as shelves
from portal.materials.queries.search import Wanted
from portal.materials.states import Audience, GroupKind, MaterialKind, MaterialState
from portal.web import paging
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.materials.shelf import Shelf, scenario, words
from tests.papers import pdf_bytes
from tests.statements import read_statements


def picture() -> bytes:
    kept = BytesIO()
    Image.new("RGB", (60, 40), "#0e5a5e").save(kept, "JPEG")
    return kept.getvalue()


def titles(rows: Sequence[Any]) -> list[str]:
    return [row.title_id.removesuffix(" (id)") for row in rows]


def used(build: Builder, material: Material, times: int) -> None:
    school, user = build.school(), build.user(Role.ADMIN)
    for time in range(times):
        build.save(
            MaterialUse(
                material_id=material.id,
                school_id=school.id,
                user_id=user.id,
                class_name=f"8{time}",
                used_on=clock.today(),
                recorded_at=clock.now(),
            )
        )


def grouped(
    build: Builder, name: str, materials: Sequence[Material], kind: GroupKind = GroupKind.COLLECTION
) -> MaterialGroup:
    group = build.save(
        MaterialGroup(id=new_id(), slug=name, kind=kind, title_id=f"Kumpulan {name}", shown=True)
    )
    for position, each in enumerate(materials, start=1):
        build.save(GroupItem(group_id=group.id, material_id=each.id, position=position))
    return group


def all_pages(session: Session, wanted: Wanted) -> list[str]:
    found: list[str] = []
    page = shelves.browse(session, wanted)
    found += titles(page.rows)
    while page.after:
        page = shelves.browse(session, wanted, page.after)
        found += titles(page.rows)
    return found


def test_what_is_played_stands_first_then_what_classes_used(shelf: Shelf, build: Builder) -> None:
    now = clock.now()
    old, new = (
        shelf.material(title=name, published_at=now - timedelta(days=days))
        for name, days in (("Old", 9), ("New", 1))
    )
    shelf.material(MaterialKind.QUIZ, "Quiz", published_at=now - timedelta(days=30))
    shelf.material(MaterialKind.SCENARIO, "Story", published_at=now - timedelta(days=20))
    shelf.material(title="Draft", state=MaterialState.DRAFT)
    shelf.material(title="Gone", state=MaterialState.WITHDRAWN)
    assert all_pages(build.session, Wanted()) == ["Story", "Quiz", "New", "Old"]
    used(build, old, 2)
    used(build, new, 1)
    assert all_pages(build.session, Wanted()) == ["Story", "Quiz", "Old", "New"]


def test_every_page_follows_on_from_the_one_before(shelf: Shelf, build: Builder) -> None:
    moment = clock.now()
    kinds = (MaterialKind.ARTICLE, MaterialKind.QUIZ)
    # Half of them were published in the same moment.
    made = [
        shelf.material(
            kinds[number % 2],
            f"No {number}",
            published_at=moment - timedelta(hours=max(0, number - 15)),
        )
        for number in range(30)
    ]
    used(build, made[2], 1)
    found = all_pages(build.session, Wanted())
    assert sorted(found) == sorted(f"No {number}" for number in range(30))
    assert found[15] == "No 2"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(audience="pupil"), {"Both", "Pupil", "Level"}),
        (Wanted(audience="parent"), set()),
        (Wanted(level="SD/MI"), {"Both", "Pupil"}),
        (Wanted(level="SMP/MTs"), {"Both", "Pupil", "Level"}),
        (Wanted(kind="quiz"), {"Level"}),
        (Wanted(audience="teacher", level="SMK", kind="article"), {"Both"}),
    ],
)
def test_three_filters(shelf: Shelf, build: Builder, wanted: Wanted, expected: set[str]) -> None:
    shelf.material(title="Both", audiences=[Audience.PUPIL, Audience.TEACHER])
    shelf.material(title="Pupil")
    shelf.material(MaterialKind.QUIZ, "Level", levels=["SMP/MTs", "SMA/MA"])
    assert set(all_pages(build.session, wanted)) == expected


def test_quizzes_that_fit_a_level(shelf: Shelf, build: Builder) -> None:
    for title, about in {
        "Any": {},
        "Low": {"levels": ["SD/MI"]},
        "High": {"levels": ["SMP/MTs"]},
        "Staff": {"audiences": [Audience.TEACHER]},
    }.items():
        shelf.material(MaterialKind.QUIZ, title, **about)
    shelf.material(title="Article")
    session = build.session
    assert titles(quizzes.for_level(session, "SD/MI")) == ["Any", "Low"]
    assert titles(quizzes.for_level(session, None)) == ["Any", "High", "Low"]


def test_collections_and_what_fits(shelf: Shelf, build: Builder) -> None:
    now = clock.now()
    one, two, three, four = (
        shelf.material(title=name, published_at=now - timedelta(days=days))
        for name, days in (("One", 4), ("Two", 3), ("Three", 2), ("Four", 1))
    )
    parents = shelf.material(title="Parents", audiences=[Audience.PARENT])
    draft = shelf.material(title="Draft", state=MaterialState.DRAFT)
    grouped(build, "empty", [draft])
    group = grouped(build, "first", [two, one, draft])
    grouped(build, "path", [parents], GroupKind.PATH)
    session = build.session
    assert [(row.slug, row.materials) for row in shelves.collections(session)] == [("first", 2)]
    assert titles(shelves.in_group(session, group.id)) == ["Two", "One"]
    assert titles(shelves.related(session, one)) == ["Two", "Four", "Three"]
    assert titles(shelves.related(session, parents)) == []
    assert three.id != four.id


def test_favourites_are_ones_own(shelf: Shelf, build: Builder) -> None:
    mine, gone = shelf.material(title="Mine"), shelf.material(title="Gone")
    me, other = build.user(Role.TEACHER, build.school()), build.user(Role.ADMIN)
    for each in (mine, gone):
        build.save(Favourite(user_id=me.id, material_id=each.id, added_at=clock.now()))
    with transaction(build.session) as session:
        session.merge(gone).state = MaterialState.WITHDRAWN
    assert titles(shelves.favourites(build.session, me.id).rows) == ["Mine"]
    assert shelves.favourites(build.session, other.id).rows == []


def test_every_favourite_is_found_however_many(shelf: Shelf, build: Builder) -> None:
    me, moment = build.user(Role.ADMIN), clock.now()
    made = [shelf.material(title=f"No {number}") for number in range(2 * shelves.PAGE_SIZE + 1)]
    for number, each in enumerate(made):
        # Some were marked in the same moment.
        added = moment + timedelta(hours=min(number, 15))
        build.save(Favourite(user_id=me.id, material_id=each.id, added_at=added))
    found, page = [], shelves.favourites(build.session, me.id)
    while True:
        found += titles(page.rows)
        if page.after is None:
            break
        page = shelves.favourites(build.session, me.id, page.after)
    assert sorted(found) == sorted(f"No {number}" for number in range(len(made)))
    assert found[-1] == "No 0"


@on_sqlite
def test_more_favourites_are_one_press_away(
    shelf: Shelf, build: Builder, client: PageClient
) -> None:
    me = build.user(Role.ADMIN)
    for number in range(shelves.PAGE_SIZE + 1):
        each = shelf.material(title=f"No {number}")
        build.save(Favourite(user_id=me.id, material_id=each.id, added_at=clock.now()))
    client.sign_in(me).get("/materi?favorit=ya")
    [onward] = re.findall(r'href="(/materi\?[^"]*setelah=[^"]+)"', client.page)
    assert "No 0 (id)" not in client.page
    assert "No 0 (id)" in client.get(unescape(onward)).text


def indexed(build: Builder, material: Material) -> None:
    with transaction(build.session) as session:
        shown = library.published(session, material.slug)
        assert shown is not None
        indexing.index(session, shown.material, shown.content)


@on_sqlite
def test_the_list_costs_the_same_however_long(
    shelf: Shelf, build: Builder, client: PageClient, database: Database
) -> None:
    def asked(path: str) -> int:
        with read_statements(client.app.extensions["database"]) as statements:
            assert client.get(path).status_code == 200
        return len(statements)

    paths = ("/materi", "/materi?cari=kind", "/materi?untuk=siswa&bentuk=artikel")
    first = shelf.material()
    indexed(build, first)
    grouped(build, "first", [first])
    few = [asked(path) for path in paths]
    for number in range(15):
        grouped(build, f"more-{number}", [shelf.material(title=f"Kind {number}")])
    assert [asked(path) for path in paths] == few
    # One reads the office's settings.
    assert max(few) <= 5
    client.sign_in(build.user(Role.TEACHER, build.school()))
    for path in paths:
        assert client.get(path).status_code == 200


@on_sqlite
def test_nothing_found_names_what_it_was_narrowed_by(shelf: Shelf, client: PageClient) -> None:
    shelf.material()
    page = unescape(client.get("/materi?cari=xyzzy&untuk=siswa&bentuk=cerita").text)
    assert "xyzzy" in page
    assert 'href="/materi?untuk=siswa&bentuk=cerita"' in page
    assert 'href="/materi?cari=xyzzy&bentuk=cerita"' in page
    # What no list offers narrows nothing; fragments are pieces.
    assert "Kind words" in client.get("/materi?untuk=naga&jenjang=%00x".replace("%00", "")).text
    fragment = client.fragment("/materi?untuk=siswa").text
    assert "<html" not in fragment
    assert "Kind words" in fragment
    assert client.get("/materi?setelah=kacau").status_code == 200


def test_a_made_up_position_leads_to_the_first_page(shelf: Shelf, client: PageClient) -> None:
    shelf.material()
    day, nobody = "2026-01-01T00:00:00+00:00", "0" * 32
    for key in ((1, 9 * 10**18 * 10, day, nobody), (-(10**30), 0, day, nobody)):
        answer = client.get(f"/materi?setelah={paging.encode(key)}")
        assert answer.status_code == 200
        assert "Kind words" in answer.text


@on_sqlite
def test_a_slip_is_said(shelf: Shelf, build: Builder, client: PageClient) -> None:
    indexed(build, shelf.material(title="Perundungan"))
    page = client.get("/materi?cari=perundngan").text
    assert "perundngan" in page
    assert "Perundungan (id)" in page
    assert page.count("“perundungan”") == 1


@on_sqlite
@pytest.mark.parametrize("kind", MaterialKind)
def test_everybody_reads_what_is_published(
    kind: MaterialKind, shelf: Shelf, build: Builder, client: PageClient
) -> None:
    made = shelf.material(kind, "A title", author="Peksos", minutes=4, size=3000)
    page = client.get(f"/materi/{made.slug}").text
    assert "<h1>A title (id)</h1>" in page
    assert "creativecommons.org/licenses/by-sa/4.0/deed.id" in page
    assert re.search(r"/m/[0-9A-Z]{7}", page)
    assert "csrf_token" not in page
    client.sign_in(build.user(Role.COORDINATOR))
    assert f"/materi/{made.slug}/ubah" in client.get(f"/materi/{made.slug}").text


@on_sqlite
def test_untranslated_text_says_so_once_and_bears_its_language(
    shelf: Shelf, client: PageClient
) -> None:
    made = shelf.material(title=Words("Hanya Indonesia"), content={"body": Words("Isi **tebal**")})
    client.get("/materi?bahasa=en")
    page = client.get(f"/materi/{made.slug}").text
    assert page.count("not translated yet") == 1
    assert '<h1 lang="id">Hanya Indonesia</h1>' in page
    assert re.search(r'lang="id">\s*<p>Isi <strong>tebal</strong></p>', page)
    assert "So far only in Indonesian" in client.get("/materi").text
    client.get("/materi?bahasa=id")
    assert "not translated yet" not in client.get(f"/materi/{made.slug}").text


@on_sqlite
def test_drafts_are_not_there_but_for_writers(
    shelf: Shelf, build: Builder, client: PageClient
) -> None:
    draft = shelf.material(state=MaterialState.DRAFT)
    gone = shelf.material(state=MaterialState.WITHDRAWN)
    paths = [f"/materi/{each.slug}{end}" for each in (draft, gone) for end in ("", "/luring.json")]
    assert [client.get(path).status_code for path in paths] == [404, 404, 410, 404]
    client.sign_in(build.user(Role.PRINCIPAL, build.school()))
    assert [client.get(path).status_code for path in paths] == [404, 404, 410, 404]
    client.sign_in(build.user(Role.SOCIAL_WORKER))
    assert [client.get(path).status_code for path in paths] == [200, 404, 200, 404]


@on_sqlite
@pytest.mark.parametrize("kind", [MaterialKind.POSTER, MaterialKind.PARENT_CARD])
def test_a_poster_on_a_wall_leads_to_help_when_it_is_withdrawn(
    shelf: Shelf, build: Builder, client: PageClient, kind: MaterialKind
) -> None:
    gone = shelf.material(kind, state=MaterialState.WITHDRAWN)
    with transaction(build.session) as session:
        code = links.codes_for(session, [f"poster:{gone.id}"])[f"poster:{gone.id}"]
    answer = client.get(client.get(f"/m/{code}").location)
    assert answer.status_code == 410
    assert answer.headers["Cache-Control"] == "no-store"
    main = answer.text.partition("<main")[2]
    assert 'href="/materi"' in main
    assert 'href="tel:129"' in main
    assert "Kind words" not in main


@on_sqlite
def test_a_published_edition_stays_what_its_draft_becomes(
    shelf: Shelf, build: Builder, client: PageClient
) -> None:
    made = shelf.material(content={"body": Words("As published", "As published")})
    said = Content(title=words("Kind words"), body=Words("As drafted", "As drafted"))
    actor = build.actor(build.user(Role.SOCIAL_WORKER))
    with transaction(build.session) as session:
        writing.save(session, actor, session.merge(made), said)
    assert "As published" in client.get(f"/materi/{made.slug}").text
    client.sign_in(build.user(Role.COORDINATOR))
    page = client.get(f"/materi/{made.slug}").text
    assert "As published" in page
    assert "As drafted" not in page


def kept(build: Builder, store: FolderStore, material: Material, name: str) -> StoredFile:
    content, allowed = (picture(), JPEG) if name.endswith("jpg") else (pdf_bytes(), PDF)
    with transaction(build.session) as session:
        record = files.keep(session, store, name, content, frozenset({allowed}))
        session.add(MaterialFile(material_id=material.id, file_id=record.id))
    return record


def name_files(build: Builder, material: Material, *names: str) -> None:
    """Let the published edition name files."""
    with transaction(build.session) as session:
        shown = library.published(session, material.slug)
        assert shown is not None
        said = Content(
            title=shown.content.title,
            files=tuple(Attachment(each, words("File")) for each in names[:1]),
            scenario=Scenario(
                "p1", {"p1": Node(words("Page"), picture=names[-1], ending=True, todo=words("Do"))}
            ),
        )
        shown.edition.content = said.dump()


@on_sqlite
def test_files_are_offered_but_for_the_pictures_of_a_story(
    shelf: Shelf, build: Builder, client: PageClient, store: FolderStore
) -> None:
    for kind, offered in ((MaterialKind.LESSON_KIT, True), (MaterialKind.SCENARIO, False)):
        made = shelf.material(kind)
        photo = kept(build, store, made, "photo.jpg").public_id
        name_files(build, made, photo)
        assert (f"/berkas/{photo}" in client.get(f"/materi/{made.slug}").text) == offered


@on_sqlite
def test_files_of_what_is_published(
    shelf: Shelf, build: Builder, client: PageClient, store: FolderStore
) -> None:
    made, other = shelf.material(MaterialKind.SCENARIO), shelf.material()
    paper, photo = (kept(build, store, made, each) for each in ("sheet.pdf", "photo.jpg"))
    spare = kept(build, store, made, "spare.pdf")
    name_files(build, made, paper.public_id, photo.public_id)

    def fetch(material: Material, record: StoredFile) -> Any:
        return client.get(f"/materi/{material.slug}/berkas/{record.public_id}")

    saved, shown = fetch(made, paper), fetch(made, photo)
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert shown.headers["Content-Disposition"] == "inline"
    assert shown.mimetype == "image/jpeg"
    for answer in (saved, shown):
        assert answer.status_code == 200
        assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "public" in answer.headers["Cache-Control"]
    assert fetch(made, spare).status_code == 404
    assert fetch(other, paper).status_code == 404
    client.sign_in(build.user(Role.SOCIAL_WORKER))
    drafted = fetch(made, spare)
    assert drafted.status_code == 200
    assert drafted.headers["Cache-Control"] == "no-store"
    assert fetch(other, paper).status_code == 404


@on_sqlite
def test_a_browser_asks_only_whether_a_public_page_is_still_so(
    shelf: Shelf, build: Builder, client: PageClient
) -> None:
    made = shelf.material()
    for path in ("/materi", f"/materi/{made.slug}"):
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == "public, max-age=60"
        assert {"Cookie", "Accept-Language", "HX-Request"} <= set(
            answer.vary.to_header().split(", ")
        )
        assert "Set-Cookie" not in answer.headers
        again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
    # A visitor who has a form open, and whoever is signed in, keeps nothing.
    client.get("/masuk")
    assert client.get("/materi").headers["Cache-Control"] == "no-store"
    # Nor a page with a message for this visitor alone, whose cookie ends with it.
    client.http.delete_cookie("form")
    with client.http.session_transaction() as kept_for_it:
        kept_for_it["_flashes"] = [("ok", "Anda sudah keluar.")]
    told = client.get("/materi")
    assert "Anda sudah keluar." in told.text
    assert told.headers["Cache-Control"] == "no-store"
    assert "ETag" not in told.headers
    assert client.get("/materi").headers["Cache-Control"] == "public, max-age=60"
    client.sign_in(build.user(Role.PRINCIPAL, build.school()))
    assert client.get(f"/materi/{made.slug}").headers["Cache-Control"] == "no-store"


@on_sqlite
def test_all_that_a_kept_copy_needs_can_be_fetched_without_an_account(
    shelf: Shelf, build: Builder, client: PageClient, store: FolderStore
) -> None:
    made = shelf.material(MaterialKind.SCENARIO, content={"scenario": scenario(12)})
    listed = client.get(f"/materi/{made.slug}/luring.json").get_json()
    assert listed["address"] in listed["addresses"]
    assert listed["edition"] == 1
    ways = [each for each in listed["addresses"] if "pilih=" in each]
    assert len(ways) == 20
    for address in listed["addresses"]:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert not answer.history
    others = [shelf.material(kind) for kind in MaterialKind]
    for each in others:
        found = client.get(f"/materi/{each.slug}/luring.json")
        assert found.status_code == (404 if each.kind == MaterialKind.QUIZ else 200)


@on_sqlite
def test_a_story_with_very_many_ways_is_kept_page_by_page(shelf: Shelf, client: PageClient) -> None:
    made = shelf.material(MaterialKind.SCENARIO, content={"scenario": scenario(40)})
    listed = client.get(f"/materi/{made.slug}/luring.json").get_json()["addresses"]
    assert not [each for each in listed if "pilih=" in each]
    assert len([each for each in listed if "/main/" in each]) == 40


@on_sqlite
def test_a_collection_has_a_page(shelf: Shelf, build: Builder, client: PageClient) -> None:
    grouped(build, "mulai", [shelf.material()])
    grouped(build, "jalur", [shelf.material()], GroupKind.PATH)
    assert "Kind words" in client.get("/materi/koleksi/mulai").text
    assert client.get("/materi/koleksi/jalur").status_code == 404
    assert client.get("/materi/koleksi/tidak-ada").status_code == 404
