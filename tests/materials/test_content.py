"""What materials say, as plain data and back."""

from __future__ import annotations

from typing import Any

import pytest

from portal.materials.models import Material
from portal.materials.policy.content import Content, Words
from portal.materials.policy.reading import Malformed
from portal.materials.policy.texts import languages
from portal.materials.queries import library
from portal.materials.states import MaterialKind, MaterialState
from tests.builders import Builder
from tests.conftest import on_sqlite
from tests.materials.shelf import PARTS, Shelf, scenario, words


@pytest.mark.parametrize("kind", MaterialKind)
def test_what_is_written_is_read_back_equal(kind: MaterialKind) -> None:
    said = Content(title=words("Title"), **PARTS[kind])
    assert Content.read(said.dump()) == said


@pytest.mark.parametrize(
    ("raw", "path", "code"),
    [
        ([], "content", "not_an_object"),
        ({"titel": {}}, "content", "unknown_name"),
        ({"title": {"id": 5}}, "title.id", "not_a_text"),
        ({"title": {"id": "x" * 121}}, "title.id", "too_long"),
        ({"title": {"de": "x"}}, "title", "unknown_name"),
        ({"body": {"en": "Hi <script>alert(1)</script>"}}, "body.en", "html"),
        ({"body": {"en": "Hi < / script>"}}, "body.en", "html"),
        ({"body": {"en": "turned \u202e round"}}, "body.en", "odd_characters"),
        ({"link": "http://video.example"}, "link", "https_only"),
        ({"link": "javascript:alert(1)"}, "link", "https_only"),
        ({"lines": [{}] * 6}, "lines", "too_many"),
        ({"cards": {}}, "cards", "not_a_list"),
        ({"questions": [{"options": [{"right": 1}]}]}, "questions[0].options[0].right", None),
        ({"scenario": {"start": "a b", "nodes": {}}}, "scenario.start", "not_a_name"),
        ({"scenario": {"start": "a", "nodes": {"../x": {}}}}, "scenario.nodes", "not_a_name"),
        ({"files": [{"file": "x", "language": "de"}]}, "files[0].language", "unknown_language"),
    ],
)
def test_anything_else_is_refused_with_its_place(raw: Any, path: str, code: str | None) -> None:
    with pytest.raises(Malformed) as refused:
        Content.read(raw)
    assert refused.value.path == path
    assert code in (None, refused.value.code)


def test_a_story_too_long_is_refused() -> None:
    raw = Content(scenario=scenario(70)).dump()
    with pytest.raises(Malformed, match="too_many"):
        Content.read(raw)


def test_arrows_and_comparisons_are_no_html() -> None:
    text = "5 < 6 and <3 are fine; a<b is not"
    with pytest.raises(Malformed, match="html"):
        Words.read({"id": text}, "x", 100)
    assert Words.read({"id": text[:19]}, "x", 100)


def test_what_is_not_translated_is_shown_in_indonesian() -> None:
    assert Words("Ada", "There").shown("en") == ("There", "en")
    assert Words("Ada", "").shown("en") == ("Ada", "id")
    assert Words("", "There").shown("id") == ("There", "en")
    assert languages(Content(title=Words("a", "b"), body=Words("c"))) == ("id",)


@on_sqlite
def test_drafts_are_for_their_writers(shelf: Shelf, build: Builder) -> None:
    from portal.core.access import Role

    draft = shelf.material(state=MaterialState.DRAFT)
    shown = shelf.material()
    gone = shelf.material(state=MaterialState.WITHDRAWN)
    writer = build.actor(build.user(Role.SOCIAL_WORKER))
    reader = build.actor(build.user(Role.PRINCIPAL, build.school()))

    def sees(actor: Any) -> list[bool]:
        found: list[Material | None] = [
            library.get(build.session, actor, each.slug) for each in (draft, shown, gone)
        ]
        return [each is not None for each in found]

    assert sees(None) == sees(reader) == [False, True, False]
    assert sees(writer) == [True, True, True]
    assert library.published(build.session, draft.slug) is None
    assert library.published(build.session, shown.slug) is not None
