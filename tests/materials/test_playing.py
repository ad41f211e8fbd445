"""A story is played to an end: every way leads to one, and nobody is noted on it."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import brotli
import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.core import clock, limits
from portal.materials.models import MaterialTally
from portal.materials.policy.content import Choice, Content, Node, Scenario, Words
from portal.materials.policy.pictures import DRAWINGS
from portal.materials.queries import playing
from portal.materials.routes.playing import FINISHES, FINISHES_OF_BROWSER
from portal.materials.states import Audience, Mark, MaterialKind, MaterialState
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import on_sqlite
from tests.materials.shelf import Shelf, scenario, words

STORY = Content(title=words("A story"), scenario=scenario(12))
ENDINGS = {"good", "later"}
LONG_WAY = "?dari=p10&pilih=1"
DRAWING_BYTES = 1800


@given(picks=st.lists(st.integers(0, 3), min_size=12, max_size=12))
@settings(max_examples=60, deadline=None)
def test_any_choices_lead_to_an_end_and_the_numbers_grow(picks: list[int]) -> None:
    node, came_from, chosen, number = "p1", "", None, 0
    for pick in picks:
        scene = playing.scene(STORY, node, came_from, chosen, "id")
        assert scene
        assert scene.number > number
        assert bool(scene.feedback) == bool(came_from)
        assert scene.before == came_from
        if scene.ending:
            break
        way = scene.ways[pick % len(scene.ways)]
        came_from, chosen, node, number = scene.name, way.number, way.to, scene.number
    assert scene
    assert scene.ending
    assert scene.name in ENDINGS
    assert scene.todo


def test_a_draft_that_goes_round_or_leads_nowhere_is_shown_all_the_same() -> None:
    here = Node(words("Here"), choices=(Choice(words("On"), "there"), Choice(words("Nowhere"))))
    there = Node(words("There"), choices=(Choice(words("Back"), "here"), Choice(words("?"), "x")))
    draft = Content(scenario=Scenario("here", {"here": here, "there": there}))
    scene = playing.scene(draft, "there", "here", 1, "en")
    assert scene is not None
    assert [way.to for way in scene.ways] == ["here", ""]
    assert scene.chosen.text == "On (en)"
    assert not scene.feedback
    lost = Content(scenario=Scenario("nowhere", {"here": here, "there": there}))
    assert playing.scene(lost, "nowhere", "", None, "en") is None
    assert playing.scene(lost, "here", "", None, "en") is not None
    assert playing.scene(Content(), "here", "", None, "en") is None


@pytest.mark.parametrize(
    ("came_from", "choice", "said"),
    [
        ("p1", 1, "That was kind (id)"),
        ("p1", 2, ""),
        ("p1", 0, ""),
        ("p1", -1, ""),
        ("p1", 9, ""),
        ("p2", 1, ""),
        ("good", 1, ""),
        ("nowhere", 1, ""),
        ("p1", None, ""),
    ],
)
def test_feedback_is_shown_only_for_the_choice_that_leads_here(
    came_from: str, choice: int | None, said: str
) -> None:
    scene = playing.scene(STORY, "p2", came_from, choice, "id")
    assert scene is not None
    assert scene.feedback.text == said
    assert scene.before == ("p1" if said else "")


def test_what_is_not_translated_is_named_so() -> None:
    half = Scenario(
        "a",
        {
            "a": Node(words("A"), choices=(Choice(Words("Lanjut"), "b"), Choice(words("B"), "b"))),
            "b": Node(words("End"), ending=True, todo=words("Do")),
        },
    )
    content = Content(scenario=half)
    first, last = (playing.scene(content, name, "", None, "en") for name in half.nodes)
    assert first is not None
    assert last is not None
    assert (first.in_language, last.in_language) == ("id", "en")
    assert [way.text.lang for way in first.ways] == ["id", "en"]
    in_indonesian = playing.scene(content, "a", "", None, "id")
    assert in_indonesian is not None
    assert in_indonesian.in_language == "id"


@on_sqlite
def test_every_page_can_be_read_and_leads_on(shelf: Shelf, client: PageClient) -> None:
    story = shelf.material(MaterialKind.SCENARIO, "Di kantin", content={"scenario": scenario(12)})
    start = f"/materi/{story.slug}/main"
    links = [start]
    for address in links:
        page = client.get(address).get_data(as_text=True)
        assert "<title>Di kantin (id) · " in page
        # The last ones of a page are those of its languages.
        found = re.findall(rf'href="({start}/[^"]+)"', page.partition('id="scene"')[2])
        links += dict.fromkeys(each for each in map(unescape, found) if each not in links)
    # From each of ten pages two choices lead on, and their pages back to it.
    assert len(links) == 1 + 2 * 10 + 10
    ending = client.get(f"{start}/good{LONG_WAY}").get_data(as_text=True)
    assert "<li>Tell somebody (id)</li>" in ending
    assert 'href="tel:129"' in ending
    assert 'href="/cerita"' in ending


@on_sqlite
def test_a_page_not_there_leads_to_the_start(shelf: Shelf, client: PageClient) -> None:
    story = shelf.material(MaterialKind.SCENARIO, "Di kantin")
    answer = client.get(f"/materi/{story.slug}/main/nowhere?dari=p1&pilih={'9' * 5000}")
    assert answer.status_code == 404
    assert f'href="/materi/{story.slug}/main"' in answer.get_data(as_text=True)


@on_sqlite
def test_only_published_stories_are_played(shelf: Shelf, client: PageClient) -> None:
    hidden = [
        shelf.material(MaterialKind.SCENARIO, state=MaterialState.DRAFT),
        shelf.material(MaterialKind.SCENARIO, state=MaterialState.WITHDRAWN),
        shelf.material(MaterialKind.ARTICLE),
    ]
    for each in hidden:
        for path in ("main", "main/p1", "selesai"):
            assert client.get(f"/materi/{each.slug}/{path}").status_code == 404
        answer = client.post(f"/materi/{each.slug}/selesai", {"helped": Mark.HELPED})
        assert answer.status_code == 404


@on_sqlite
def test_what_has_no_english_is_marked_and_said_once(shelf: Shelf, client: PageClient) -> None:
    nodes = {
        "a": Node(
            Words("Pagi itu"),
            picture="kantin",
            choices=(Choice(Words("Lanjut"), "b"), Choice(words("On"), "b")),
        ),
        "b": Node(Words("Selesai"), ending=True, todo=words("Tell")),
    }
    story = shelf.material(
        MaterialKind.SCENARIO,
        Words("Di kantin", "At the canteen"),
        content={"scenario": Scenario("a", nodes)},
    )
    page = client.get(f"/materi/{story.slug}/main", headers={"Accept-Language": "en"}).get_data(
        as_text=True
    )
    assert re.search(r'<p class="lead written" lang="id">Pagi itu</p>', page)
    assert '<span lang="id">Lanjut</span>' in page
    assert "<span>On (en)</span>" in page
    assert 'alt="The school canteen: ' in page
    assert page.count("not translated") == 1
    page = client.get(f"/materi/{story.slug}/main").get_data(as_text=True)
    assert "lang=" not in page.partition('id="scene"')[2].partition("<footer")[0]


def test_an_answer_at_the_end_is_counted_once_without_a_name(
    shelf: Shelf, client: PageClient, build: Builder
) -> None:
    story = shelf.material(MaterialKind.SCENARIO)
    address = f"/materi/{story.slug}/selesai"

    def counted() -> dict[str, int]:
        with build.database.reader() as session:
            found = session.execute(select(MaterialTally.mark, MaterialTally.count))
            return dict(found.all())

    client.get(f"/materi/{story.slug}/main/good")
    asked = {**client.form(address), "helped": Mark.HELPED_PARTLY}
    for _press in range(2):
        answer = client.post(address, asked)
        assert answer.status_code == 303
        assert answer.location == address
    assert client.get(address).status_code == 200
    assert counted() == {Mark.FINISHED: 1, Mark.HELPED_PARTLY: 1}
    client.get(f"/materi/{story.slug}/main/later")
    client.post(address, {**client.form(address), "helped": Mark.HELPED})
    assert counted() == {Mark.FINISHED: 2, Mark.HELPED_PARTLY: 1, Mark.HELPED: 1}
    for nonsense in ({}, {"helped": Mark.FINISHED}, {"helped": "x"}):
        client.get(f"/materi/{story.slug}/main/later")
        answer = client.post(address, {**client.form(address), **nonsense})
        assert answer.status_code == 422
        assert 'value="helped_not"' in answer.get_data(as_text=True)
    assert counted()[Mark.FINISHED] == 2


@on_sqlite
def test_a_machine_that_counts_itself_up_is_stopped(
    shelf: Shelf, client: PageClient, build: Builder
) -> None:
    story = shelf.material(MaterialKind.SCENARIO)
    address = f"/materi/{story.slug}/selesai"
    database = client.app.extensions["database"]
    network = limits.network_bucket(database, "127.0.0.1")
    for _try in range(FINISHES.item.amount):
        assert limits.try_once(database, FINISHES, network, story.slug) is None
    answer = client.post(address, {"helped": Mark.HELPED})
    assert answer.status_code == 429
    with build.database.reader() as session:
        assert session.scalars(select(MaterialTally)).all() == []
    # Another story is counted all the same.
    other = shelf.material(MaterialKind.SCENARIO)
    assert client.post(f"/materi/{other.slug}/selesai", {"helped": Mark.HELPED}).status_code == 303


@on_sqlite
def test_one_browser_alone_lifts_no_figure(
    shelf: Shelf, app: Flask, client: PageClient, build: Builder
) -> None:
    story = shelf.material(MaterialKind.SCENARIO)
    address = f"/materi/{story.slug}/selesai"
    most = FINISHES_OF_BROWSER.item.amount
    answers = [client.post(address, {"helped": Mark.HELPED}) for _time in range(most + 1)]
    assert [each.status_code for each in answers] == [303] * most + [429]
    assert PageClient(app).post(address, {"helped": Mark.HELPED}).status_code == 303
    with build.database.reader() as session:
        counted = select(MaterialTally.count).where(MaterialTally.mark == Mark.HELPED)
        assert session.scalars(counted).one() == most + 1


@on_sqlite
def test_a_copy_to_keep_asks_nothing_that_could_not_be_sent(
    shelf: Shelf, client: PageClient
) -> None:
    story = shelf.material(MaterialKind.SCENARIO)
    ending = f"/materi/{story.slug}/main/good"
    answer = client.get(ending, headers={"Kept-Copy": "1"})
    assert "<li>Tell somebody (id)</li>" in answer.text
    assert "<form" not in answer.text
    assert "Set-Cookie" not in answer.headers
    assert client.get(ending).text.count("<form") == 1


@on_sqlite
def test_the_newest_other_stories_for_the_same_people_come_next(
    shelf: Shelf, build: Builder
) -> None:
    now = clock.now()
    story, *rest = (
        shelf.material(
            MaterialKind.SCENARIO,
            f"Story {age}",
            published_at=now - timedelta(days=age),
            audiences=[Audience.PARENT if age == 2 else Audience.PUPIL],
        )
        for age in range(6)
    )
    shelf.material(MaterialKind.SCENARIO, "Draft", state=MaterialState.DRAFT)
    shelf.material(MaterialKind.ARTICLE)
    found = playing.others(build.session, story, "en")
    assert [each.title.text for each in found] == [f"Story {age} (en)" for age in (1, 3, 4)]
    assert found[0].slug == rest[0].slug


def test_other_stories_are_found_behind_however_many_for_others(
    shelf: Shelf, build: Builder
) -> None:
    story, old = (
        shelf.material(MaterialKind.SCENARIO, name, published_at=clock.now() - timedelta(days=9))
        for name in ("This", "Old")
    )
    for _number in range(21):
        shelf.material(MaterialKind.SCENARIO, audiences=[Audience.PARENT])
    assert [each.slug for each in playing.others(build.session, story, "id")] == [old.slug]


def test_every_drawing_is_there_and_light(built_app: Flask) -> None:
    folder = Path(built_app.static_folder or "") / "pictures"
    assert {path.stem for path in folder.iterdir()} == {*DRAWINGS}
    for path in folder.iterdir():
        drawn = path.read_bytes()
        assert len(brotli.compress(drawn)) <= DRAWING_BYTES, path.name
        assert b'viewBox="0 0 360 240"' in drawn
        assert b"<script" not in drawn
