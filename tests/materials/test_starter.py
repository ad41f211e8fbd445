"""The materials that come with the portal: whole, in both languages, and kind."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.db import new_id, transaction
from portal.core.files import FolderStore
from portal.materials.actions.starter import FOLDER, GROUPS, LaidIn, lay_in
from portal.materials.models import MaterialGroup
from portal.materials.policy import stories
from portal.materials.policy.content import LANGUAGES, TITLE_LENGTH
from portal.materials.policy.exchange import Carried, read_file
from portal.materials.policy.texts import languages, texts
from portal.materials.queries import library
from portal.materials.states import Audience, GroupKind, MaterialKind
from tests.conftest import on_sqlite

FILES = sorted(path for path in FOLDER.glob("*.json") if path.name != GROUPS)
MOST_BYTES = 400 * 1024
MOST_PDF_BYTES = 25 * 1024
GROUP_TEXT_LENGTH = 400
# What a child of ten reads on one page of a story.
MOST_WORDS = 60
MOST_FEEDBACK_WORDS = 35
# What ux.md asks to say otherwise, in either language.
AVOIDED = re.compile(
    r"\bkorban|\bpelaku|\bwajib|\bgagal|\bditolak|\bmenolak|tidak valid|\bsubmit|\bupload"
    r"|\blog-?in\b|\bvictim|\bperpetrator|\bbully\b|\bbullies\b|!",
    re.IGNORECASE,
)
# Words that tell a child that telling is something bad, or hand the task to the child.
AVOIDED_TO_PUPILS = re.compile(r"\bmengadu|\blapor|\bmelapor|\btattl|\banda\b", re.IGNORECASE)
ANY_LINK = re.compile(r"\]\(([^)]*)\)")
LINKS = ("/cerita", "tel:129", "https://wa.me/628111129129")


def carried(path: Path) -> Carried:
    """Read one material."""
    return read_file(path.read_bytes())


def groups() -> list[dict[str, Any]]:
    """Read the groups."""
    told: list[dict[str, Any]] = json.loads((FOLDER / GROUPS).read_text(encoding="utf-8"))
    return told


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def material(request: pytest.FixtureRequest) -> Carried:
    """Return each material in turn."""
    return carried(request.param)


def test_it_can_be_published_as_it_is(material: Carried) -> None:
    assert stories.faults(material.content, material.kind) == ()
    assert stories.warnings(material.content, material.kind) == ()
    assert languages(material.content) == LANGUAGES


def test_its_words_are_kind(material: Carried) -> None:
    for place, said in texts(material.content).items():
        for text in (said.id, said.en):
            assert not AVOIDED.search(text), (place, text)
            if material.about.audiences == (Audience.PUPIL,):
                assert not AVOIDED_TO_PUPILS.search(text), (place, text)


def test_its_links_lead_somewhere_known(material: Carried) -> None:
    slugs = {f"/materi/{path.stem}" for path in FILES}
    for place, said in texts(material.content).items():
        assert ANY_LINK.findall(said.id) == ANY_LINK.findall(said.en), place
        for link in ANY_LINK.findall(said.id):
            assert link in slugs or link in LINKS, (place, link)


def test_its_files_are_small_documents(material: Carried) -> None:
    for file in material.files.values():
        assert file.content.startswith(b"%PDF-")
        assert file.name.endswith(".pdf")
        assert len(file.content) <= MOST_PDF_BYTES


def test_a_material_lies_under_its_address() -> None:
    assert [path.stem for path in FILES] == [carried(path).about.slug for path in FILES]


def test_there_are_two_of_each_kind() -> None:
    kinds = [carried(path).kind for path in FILES]
    assert all(kinds.count(kind) >= 2 for kind in MaterialKind)


def test_all_of_it_is_light() -> None:
    assert sum(path.stat().st_size for path in FOLDER.glob("*.json")) <= MOST_BYTES


@pytest.mark.parametrize("slug", ["kursi-kosong-di-kantin", "foto-di-grup-kelas"])
def test_a_story_is_read_in_four_minutes(slug: str) -> None:
    scenario = carried(FOLDER / f"{slug}.json").content.scenario
    assert scenario is not None
    assert 10 <= len(scenario.nodes) <= 14
    assert sum(node.ending for node in scenario.nodes.values()) >= 4
    fewest, most = stories.ways(scenario) or (0, 0)
    assert 4 <= fewest <= most <= 7
    for key, node in scenario.nodes.items():
        for language in LANGUAGES:
            assert len(getattr(node.text, language).split()) <= MOST_WORDS, key
            for choice in node.choices:
                feedback = getattr(choice.feedback, language)
                assert 0 < len(feedback.split()) <= MOST_FEEDBACK_WORDS, key


@pytest.mark.parametrize("slug", ["kursi-kosong-di-kantin", "foto-di-grup-kelas"])
def test_every_ending_names_who_helps(slug: str) -> None:
    scenario = carried(FOLDER / f"{slug}.json").content.scenario
    assert scenario is not None
    for node in scenario.nodes.values():
        if node.ending:
            for todo in (node.todo.id, node.todo.en):
                assert "(/cerita)" in todo
                assert "(tel:129)" in todo


def test_quizzes_for_classes_have_five_questions_and_no_fixed_place_for_the_answer() -> None:
    for path in FILES:
        questions = carried(path).content.questions
        if questions:
            assert len(questions) == 5
            right = [[option.right for option in each.options].index(True) for each in questions]
            assert len(set(right)) == 3


def test_groups_name_materials_that_are_there() -> None:
    there = {path.stem for path in FILES}
    named = groups()
    assert len({group["slug"] for group in named}) == len(named)
    for group in named:
        assert len(set(group["materials"])) == len(group["materials"])
        assert set(group["materials"]) <= there
        for part, most in (("title", TITLE_LENGTH), ("text", GROUP_TEXT_LENGTH)):
            assert all(0 < len(group[part][code]) <= most for code in LANGUAGES)


def test_the_path_for_parents_takes_ten_days_of_three_minutes() -> None:
    path = next(group for group in groups() if group["kind"] == GroupKind.PATH)
    assert len(path["materials"]) == 10
    for slug in path["materials"]:
        day = carried(FOLDER / f"{slug}.json")
        assert day.kind == MaterialKind.PARENT_CARD
        assert day.about.audiences == (Audience.PARENT,)
        assert 2 <= len(day.content.cards) <= 3
        assert day.about.minutes == 3


def test_all_of_it_is_laid_in_once(session: Session, store: FolderStore) -> None:
    with transaction(session):
        laid_in = lay_in(session, store)
    assert laid_in == LaidIn(len(FILES), len(groups()))
    found = library.published(session, "lembar-kesepakatan-kelas")
    assert found is not None
    assert found.material.reviewed_on is None
    assert found.content.files[0].file != "lembar"
    with transaction(session):
        assert lay_in(session, store) == LaidIn(0, 0)


@on_sqlite
def test_a_group_of_the_office_keeps_its_address(session: Session, store: FolderStore) -> None:
    taken = groups()[0]["slug"]
    own = MaterialGroup(
        id=new_id(), slug=taken, kind=GroupKind.COLLECTION, title_id="Milik dinas", text_id=""
    )
    with transaction(session):
        session.add(own)
        assert lay_in(session, store).groups == len(groups())
    laid_in = select(MaterialGroup.slug).where(MaterialGroup.starter == taken)
    assert session.scalars(laid_in).one() == f"{taken}-2"
    with transaction(session):
        assert lay_in(session, store) == LaidIn(0, 0)
