"""Writing a story in the browser, without a script: its pages, translation and preview."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from portal.core import files
from portal.core.access import Role
from portal.core.db import new_id, transaction
from portal.core.files import FolderStore
from portal.materials.actions import stories as actions
from portal.materials.actions.writing import draft_of
from portal.materials.forms.stories import CHOICES, ENDING
from portal.materials.models import Edition, Material, MaterialFile
from portal.materials.policy.content import (
    MOST_NODES,
    MOST_PICTURES,
    Attachment,
    Choice,
    Content,
    Node,
    Scenario,
    Words,
)
from portal.materials.queries import library
from portal.materials.states import MaterialKind, MaterialState
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.materials.keeping import picture, sent
from tests.materials.shelf import Shelf, scenario, words
from tests.statements import all_statements

DRAFT = MaterialState.DRAFT


class Desk:
    """A writer with one story."""

    def __init__(self, build: Builder, shelf: Shelf, app: Flask) -> None:
        self.build, self.shelf, self.app = build, shelf, app
        self.person = build.user(Role.SOCIAL_WORKER)
        self.writer = build.actor(self.person)
        self.client = PageClient(app).sign_in(self.person)
        self.material = shelf.material(MaterialKind.SCENARIO, "Kantin", state=DRAFT)

    @property
    def address(self) -> str:
        return f"/materi/{self.material.slug}/cerita"

    def told(self, told: Scenario | None, **more: Any) -> None:
        """Let the draft tell this story."""
        said = Content(title=words("Kantin"), summary=words("Short"), scenario=told, **more)
        with transaction(self.build.session) as session:
            draft_of(session, self.writer, session.merge(self.material)).content = said.dump()

    def content(self) -> Content:
        """Return what the newest edition says."""
        with self.build.database.reader() as reading:
            shown = library.newest(reading, self.writer, self.material.slug)
        assert shown is not None
        return shown.content

    def story(self) -> Scenario:
        """Return the story of the newest edition."""
        told = self.content().scenario
        assert told is not None
        return told

    def opened(self, node: str) -> dict[str, Any]:
        """Open a page and return its form as it would be sent."""
        assert self.client.get(f"{self.address}/{node}").status_code == 200
        return self.client.form(f"{self.address}/{node}")

    def save(self, node: str, form: dict[str, Any], **change: Any) -> Any:
        """Send a page's form with some fields filled in otherwise."""
        return self.client.post(f"{self.address}/{node}", {**form, **change})


@pytest.fixture
def desk(build: Builder, shelf: Shelf, app: Flask) -> Desk:
    return Desk(build, shelf, app)


def test_a_story_grows_from_its_first_page(desk: Desk) -> None:
    desk.told(None)
    page = desk.client.get(desk.address)
    assert page.status_code == 200
    sent = desk.client.form(desk.address)
    first = desk.client.post(desk.address, sent)
    assert first.headers["Location"] == f"{desk.address}/p1"
    # The same press once more makes no second page.
    assert desk.client.post(desk.address, sent).headers["Location"] == f"{desk.address}/p1"
    written = {
        "text_id": "  Rina duduk sendiri.\r\nKamu melihatnya. ",
        "text_en": "Rina sits alone.",
        "picture": "kantin",
        "choices-0-text_id": "Menyapa Rina",
        "choices-0-feedback_id": "Hangat sekali.",
        "choices-1-text_id": "Pura-pura tidak lihat",
        "next": "1",
    }
    after = desk.save("p1", desk.opened("p1"), **written)
    # Both choices lead to new pages, and the first of them is written next.
    assert (after.status_code, after.headers["Location"]) == (303, f"{desk.address}/p2")
    told = desk.story()
    assert (told.start, list(told.nodes)) == ("p1", ["p1", "p2", "p3"])
    assert told.nodes["p1"] == Node(
        Words("Rina duduk sendiri.\nKamu melihatnya.", "Rina sits alone."),
        picture="kantin",
        choices=(
            Choice(Words("Menyapa Rina"), "p2", Words("Hangat sekali.")),
            Choice(Words("Pura-pura tidak lihat"), "p3"),
        ),
    )
    ending = {"goes_on": ENDING, "text_id": "Kalian makan berdua.", "todo_id": "- Ajak bicara"}
    after = desk.save("p2", desk.opened("p2"), next="1", **ending)
    assert after.headers["Location"] == f"{desk.address}/p3"
    after = desk.save("p3", desk.opened("p3"), next="1", **ending)
    assert after.headers["Location"] == desk.address
    assert [fault.node for fault in actions.stories.story_faults(desk.story())] == []
    desk.client.get(desk.address)
    assert f"/materi/{desk.material.slug}/minta-tinjau" in desk.client.page


def test_saving_alone_stays_on_the_page_and_what_is_empty_is_left_out(desk: Desk) -> None:
    desk.told(scenario(4))
    form = desk.opened("p2")
    after = desk.save(
        "p2",
        form,
        **{
            "choices-0-text_id": "",
            "choices-0-text_en": "",
            "choices-0-to": "",
            "choices-0-feedback_id": "",
            "choices-0-feedback_en": "",
        },
    )
    assert after.headers["Location"] == f"{desk.address}/p2"
    assert [choice.to for choice in desk.story().nodes["p2"].choices] == ["later"]
    # The page misses a choice now, and says so.
    desk.client.get(f"{desk.address}/p2")
    assert 'class="note warn"' in desk.client.page
    desk.client.get(desk.address)
    assert f"/materi/{desk.material.slug}/minta-tinjau" not in desk.client.page


def test_what_people_see_stays_until_the_draft_is_published(desk: Desk) -> None:
    desk.material = desk.shelf.material(MaterialKind.SCENARIO, "Lapangan")
    before = desk.story()
    form = desk.opened("p1")
    assert desk.save("p1", form, text_id="Lain sama sekali").status_code == 303
    with desk.build.database.reader() as reading:
        shown = library.published(reading, desk.material.slug)
    assert shown is not None
    assert shown.content.scenario == before
    assert desk.story().nodes["p1"].text.id == "Lain sama sekali"


def test_two_editors_meet_only_on_the_same_page(desk: Desk) -> None:
    desk.told(scenario(5))
    mine, other = desk.opened("p1"), desk.opened("p2")
    colleague = PageClient(desk.app).sign_in(desk.build.user(Role.SOCIAL_WORKER))
    colleague.get(f"{desk.address}/p1")
    theirs = colleague.form(f"{desk.address}/p1")
    sent = colleague.post(f"{desk.address}/p1", {**theirs, "text_id": "Milik rekan"})
    assert sent.status_code == 303
    # Another page of the same story is nobody's hurdle.
    assert desk.save("p2", other, text_id="Halaman lain").status_code == 303
    refused = desk.save("p1", mine, text_id="Milik saya")
    assert refused.status_code == 409
    assert "Milik rekan" in desk.client.page
    assert "Milik saya" in desk.client.page
    assert desk.story().nodes["p1"].text.id == "Milik rekan"
    # Sent again, knowing both, mine takes the place of theirs.
    again = desk.client.form(f"{desk.address}/p1")
    assert desk.save("p1", again).status_code == 303
    told = desk.story().nodes
    assert (told["p1"].text.id, told["p2"].text.id) == ("Milik saya", "Halaman lain")


def test_a_page_taken_off_meanwhile_comes_back_with_what_was_written(desk: Desk) -> None:
    desk.told(scenario(4))
    form, before = desk.opened("p2"), desk.story()
    removal = f"{desk.address}/p2/hapus"
    assert desk.client.post(removal, desk.client.form(removal)).status_code == 303
    told = desk.story()
    assert "p2" not in told.nodes
    assert [choice.to for choice in told.nodes["p1"].choices] == ["", "later"]
    assert desk.client.get(f"{desk.address}/p2").status_code == 404
    assert desk.client.post(removal, {}).status_code == 404
    assert desk.save("p2", form).status_code == 409
    assert desk.save("p2", desk.client.form(f"{desk.address}/p2")).status_code == 303
    assert desk.story().nodes["p2"] == before.nodes["p2"]


def test_a_page_is_taken_off_only_as_it_was_seen(desk: Desk) -> None:
    desk.told(scenario(4))
    desk.opened("p2")
    removal = f"{desk.address}/p2/hapus"
    press = desk.client.form(removal)
    colleague = PageClient(desk.app).sign_in(desk.build.user(Role.SOCIAL_WORKER))
    colleague.get(f"{desk.address}/p2")
    theirs = colleague.form(f"{desk.address}/p2")
    colleague.post(f"{desk.address}/p2", {**theirs, "text_id": "Milik rekan"})
    assert desk.client.post(removal, press).status_code == 409
    # The page as it stands now, with the button that takes just that off.
    assert "Milik rekan" in desk.client.page
    assert desk.client.form(f"{desk.address}/p2")["text_id"] == ["Milik rekan"]
    assert desk.story().nodes["p2"].text.id == "Milik rekan"
    assert desk.client.post(removal, desk.client.form(removal)).status_code == 303
    assert "p2" not in desk.story().nodes


@on_sqlite
def test_what_a_colleague_wrote_elsewhere_does_not_hinder_taking_a_page_off(desk: Desk) -> None:
    desk.told(scenario(5))
    desk.opened("p2")
    removal = f"{desk.address}/p2/hapus"
    press = desk.client.form(removal)
    assert desk.save("p3", desk.opened("p3"), text_id="Milik rekan").status_code == 303
    assert desk.client.post(removal, press).status_code == 303


@on_sqlite
def test_a_page_saved_as_it_stands_begins_no_draft(desk: Desk, build: Builder) -> None:
    desk.material = desk.shelf.material(MaterialKind.SCENARIO)
    for node in ("p1", "later"):
        assert desk.save(node, desk.opened(node)).status_code == 303
    begin = f"{desk.address}/p1/mulai"
    desk.opened("good")
    assert desk.client.post(begin, {}).status_code == 303
    found = build.session.query(Edition).filter_by(material_id=desk.material.id)
    assert [each.number for each in found] == [1]


def test_the_start_may_be_another_page_and_goes_to_the_next_one_when_taken_off(desk: Desk) -> None:
    desk.told(scenario(4))
    desk.opened("later")
    begin = f"{desk.address}/later/mulai"
    after = desk.client.post(begin, desk.client.form(begin))
    assert after.headers["Location"] == f"{desk.address}/later"
    assert desk.story().start == "later"
    for node in ("later", "p1", "p2"):
        desk.opened(node)
        removal = f"{desk.address}/{node}/hapus"
        assert desk.client.post(removal, desk.client.form(removal)).status_code == 303
    assert desk.story() == Scenario("good", {"good": scenario().nodes["good"]})
    desk.opened("good")
    removal = f"{desk.address}/good/hapus"
    assert desk.client.post(removal, desk.client.form(removal)).status_code == 303
    assert desk.content().scenario is None


@on_sqlite
def test_nothing_typed_is_lost_where_something_stands_against_it(desk: Desk) -> None:
    desk.told(scenario(4))
    form = desk.opened("p1")
    for change, told in (
        ({"text_id": "<b>Rina</b> duduk"}, "&lt;b&gt;Rina&lt;/b&gt; duduk"),
        ({"text_id": "x" * 701}, "x" * 701),
        ({"text_id": "balik \u202e arah"}, "balik"),
        ({"choices-0-to": "gone", "text_id": "Masih ada"}, "Masih ada"),
        ({"picture": "../etc", "text_id": "Masih ada"}, "Masih ada"),
        ({"goes_on": "circle", "text_id": "Masih ada"}, "Masih ada"),
    ):
        assert desk.save("p1", form, **change).status_code == 422, change
        assert told in desk.client.page
    assert desk.story() == scenario(4)
    # Words for an ending on a page that goes on: which of the two is meant?
    empty = {name: "" for name in form if name.startswith("choices-")}
    unclear = {**empty, "goes_on": CHOICES, "todo_id": "- Bercerita"}
    assert desk.save("p1", form, **unclear).status_code == 422
    assert "- Bercerita" in desk.client.page
    assert desk.save("p1", form, **{**unclear, "goes_on": ENDING}).status_code == 303


@on_sqlite
def test_a_story_has_room_for_so_many_pages(desk: Desk) -> None:
    desk.told(scenario(MOST_NODES))
    desk.client.get(desk.address)
    assert desk.client.post(desk.address, desk.client.form(desk.address)).status_code == 422
    assert str(MOST_NODES) in desk.client.page
    form = desk.opened("p1")
    assert desk.save("p1", form, **{"choices-0-to": "+", "text_id": "Baru"}).status_code == 422
    assert "Baru" in desk.client.page


def test_all_texts_are_translated_at_once(desk: Desk) -> None:
    desk.told(
        Scenario(
            "a",
            {
                "a": Node(
                    Words("Satu"), choices=(Choice(Words("Maju"), "b"), Choice(Words("Diam"), "b"))
                ),
                "b": Node(Words("Akhir", "The end"), ending=True, todo=Words("- Cerita")),
            },
        )
    )
    address = f"/materi/{desk.material.slug}/terjemahan"
    desk.client.get(address)
    form = desk.client.form(address)
    places = {
        value[0]: name.removesuffix("place")
        for name, value in form.items()
        if name.endswith("-place")
    }
    at = {place.removeprefix("scenario.nodes."): f"{name}english" for place, name in places.items()}
    assert list(at) == [
        "title",
        "summary",
        "a.text",
        "a.choices[0].text",
        "a.choices[1].text",
        "b.text",
        "b.todo",
    ]
    # A colleague writes meanwhile: one text that I write too, and one that I leave alone.
    with transaction(desk.build.session) as session:
        shown = library.newest(session, desk.writer, desk.material.slug)
        assert shown is not None
        theirs = {"scenario.nodes.a.text": "Theirs", "scenario.nodes.b.text": "Also theirs"}
        actions.translate(session, desk.writer, shown.material, shown.content, theirs)
    mine = {**form, at["a.text"]: "Mine", at["a.choices[0].text"]: "Go on"}
    assert desk.client.post(address, mine).status_code == 409
    assert "Theirs" in desk.client.page
    assert desk.client.post(address, desk.client.form(address)).status_code == 303
    told = desk.story().nodes
    assert [told["a"].text.en, told["a"].choices[0].text.en] == ["Mine", "Go on"]
    # What I left alone is theirs, what nobody wrote is empty still.
    assert [told["b"].text.en, told["b"].todo.en] == ["Also theirs", ""]
    assert told["a"].text.id == "Satu"
    desk.client.get(address)
    long = {**desk.client.form(address), at["a.choices[0].text"]: "x" * 201}
    assert desk.client.post(address, long).status_code == 422
    assert "x" * 201 in desk.client.page
    # A place no story has is left out, whatever somebody sends for it.
    place = f"{at['a.text'].removesuffix('english')}place"
    astray = {**desk.client.form(address), place: "a\r\nb", at["a.text"]: "Astray"}
    astray[at["a.choices[0].text"]] = "Go on"
    assert desk.client.post(address, astray).status_code == 303
    assert desk.story().nodes["a"].text.en == "Mine"


@on_sqlite
def test_the_preview_shows_the_draft_as_its_readers_will_see_it(desk: Desk) -> None:
    desk.told(scenario(4))
    address = f"/materi/{desk.material.slug}/pratinjau"
    assert desk.client.get(address).status_code == 200
    assert "Page 1 (id)" in desk.client.page
    assert f"{address}/p2?dari=p1&amp;pilih=1" in desk.client.page
    desk.client.get(f"{address}/p2?dari=p1&pilih=1")
    assert "That was kind (id)" in desk.client.page
    assert f"{desk.address}/p2" in desk.client.page
    assert desk.client.get(f"{address}/gone").status_code == 404
    assert desk.client.get(f"/materi/{desk.material.slug}/main").status_code == 404
    desk.told(None)
    assert desk.client.get(address).status_code == 404


@on_sqlite
def test_only_writers_find_the_editor_and_only_of_stories(desk: Desk) -> None:
    article = desk.shelf.material(MaterialKind.ARTICLE)
    for path in ("cerita", "cerita/p1", "terjemahan", "pratinjau"):
        assert desk.client.get(f"/materi/{article.slug}/{path}").status_code == 404
        assert desk.client.get(f"/materi/tidak-ada/{path}").status_code == 404
    reader = PageClient(desk.app).sign_in(desk.build.user(Role.PRINCIPAL, desk.build.school()))
    assert reader.get(desk.address).status_code == 403
    assert reader.get(f"{desk.address}/p1").status_code == 403


@on_sqlite
def test_pages_cost_the_same_however_long_the_story_is(desk: Desk) -> None:
    def cost(path: str) -> int:
        with all_statements(desk.app.extensions["database"]) as statements:
            desk.client.get(path)
        return len(statements)

    paths = [desk.address, f"{desk.address}/p1", f"/materi/{desk.material.slug}/terjemahan"]
    desk.told(scenario(3))
    few = [cost(path) for path in paths]
    desk.told(scenario(40))
    assert [cost(path) for path in paths] == few


def test_every_edition_keeps_what_it_said(desk: Desk, build: Builder) -> None:
    desk.material = desk.shelf.material(MaterialKind.SCENARIO, "Gerbang")
    desk.save("p1", desk.opened("p1"), text_id="Baru")
    desk.save("p1", desk.opened("p1"), text_id="Lebih baru")
    with build.database.reader() as reading:
        editions = reading.query(Edition).filter_by(material_id=desk.material.id).all()
        material = reading.get_one(Material, desk.material.id)
    assert sorted(each.number for each in editions) == [1, 2]
    assert material.title_id == "Gerbang (id)"


def keep_picture(desk: Desk, store: FolderStore, name: str) -> str:
    """Keep a picture of the story; return its public id."""
    with transaction(desk.build.session) as session:
        kept = files.keep(session, store, name, picture().read(), files.IMAGES)
        session.add(MaterialFile(id=new_id(), material_id=desk.material.id, file_id=kept.id))
        return kept.public_id


@on_sqlite
def test_pictures_that_came_with_the_story_are_offered_as_well(
    desk: Desk, store: FolderStore
) -> None:
    said, unsaid = (keep_picture(desk, store, f"{name}.png") for name in ("gerbang", "taman"))
    story = scenario(4)
    nodes = {
        **story.nodes,
        "p1": replace(story.nodes["p1"], picture=said, picture_words=words("Our gate")),
        "p2": replace(story.nodes["p2"], picture=unsaid),
    }
    desk.told(replace(story, nodes=nodes))
    for node, theirs in (("p1", said), ("p2", unsaid)):
        form = desk.opened(node)
        assert form["picture"] == [theirs]
        assert "tidak ada (lagi)" not in desk.client.page
        for name in (said, unsaid):
            assert f"/materi/{desk.material.slug}/berkas/{name}" in desk.client.page
        assert "Our gate (id)" in desk.client.page
        assert "taman.jpg" in desk.client.page
    assert desk.save("p2", form, picture=said).status_code == 303
    assert desk.story().nodes["p2"].picture == said


@on_sqlite
def test_a_story_may_have_a_picture_of_its_own_for_each_page(
    desk: Desk, store: FolderStore
) -> None:
    mine = keep_picture(desk, store, "gerbang.png")
    page = Node(words("One"), picture=mine, ending=True)
    # Pictures of pages count as well, each once.
    uploaded = [Attachment(mine, words("Gate"))]
    uploaded += [Attachment(f"f{number}", words("Gate")) for number in range(2, MOST_PICTURES)]
    desk.told(Scenario("p1", {"p1": page}), files=tuple(uploaded))
    address = f"/materi/{desk.material.slug}/ubah"
    for status in (303, 422):
        more = {"file_label_id": "Kantin", "file": (picture(), "kantin.png")}
        assert sent(desk.client, address, **more).status_code == status
        assert len(desk.content().files) == MOST_PICTURES
    assert str(MOST_PICTURES) in desk.client.page
    desk.client.get(address)
    assert "file_label_id" not in desk.client.form(address)
    # They belong to the pages of the story; nobody is asked to fetch them one by one.
    desk.client.get(f"/materi/{desk.material.slug}")
    assert mine not in desk.client.page


@on_sqlite
def test_pictures_uploaded_for_the_story_are_offered_beside_the_drawings(
    desk: Desk, store: FolderStore
) -> None:
    mine, gone = keep_picture(desk, store, "kantin.png"), "B" * 22
    desk.told(
        Scenario("p1", {"p1": Node(words("One"), picture=gone)}),
        files=(Attachment(mine, words("Our canteen")),),
    )
    form = desk.opened("p1")
    # What is there stays, until somebody chooses otherwise.
    assert form["picture"] == [gone]
    assert "tidak ada (lagi)" in desk.client.page
    assert f"/berkas/{gone}" not in desk.client.page
    assert f"/materi/{desk.material.slug}/berkas/{mine}" in desk.client.page
    assert "Our canteen (id)" in desk.client.page
    assert desk.save("p1", form, picture=mine).status_code == 303
    assert desk.story().nodes["p1"].picture == mine


@on_sqlite
def test_what_is_typed_outlives_the_switch_of_language(desk: Desk) -> None:
    desk.told(scenario(4))
    typed = {"text_id": "Belum tersimpan", "bahasa": "en"}
    assert desk.save("p1", desk.opened("p1"), **typed).status_code == 200
    assert "Belum tersimpan" in desk.client.page
    assert desk.story() == scenario(4)
