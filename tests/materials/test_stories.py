"""What keeps a material from being published, and the ways through a story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core import i18n
from portal.materials.policy import stories
from portal.materials.policy.content import (
    Attachment,
    Card,
    Choice,
    Content,
    Node,
    Option,
    Question,
    Scenario,
    Words,
)
from portal.materials.policy.reading import Malformed
from portal.materials.policy.stories import faults, warnings
from portal.materials.policy.texts import longest, texts, translated
from portal.materials.queries import fault_words
from portal.materials.states import MaterialKind
from tests.materials.shelf import PARTS, questions, scenario, words

K = MaterialKind
NOTHING = Words()
SAID = words("Page")


def page(*to: str, text: Words = SAID, **more: Any) -> Node:
    """Return a page with one choice for each page it leads to."""
    return Node(text, choices=tuple(Choice(words("Go"), each) for each in to), **more)


def end(**more: Any) -> Node:
    """Return an ending."""
    return Node(**{"text": words("End"), "todo": words("- Tell"), "ending": True, **more})


def story(start: str = "a", **nodes: Node) -> dict[str, Any]:
    """Return a story as a part of some content."""
    return {"scenario": Scenario(start, nodes)}


def found(kind: MaterialKind, **parts: Any) -> list[tuple[str, str]]:
    """Return codes and places of what is missing in a material with a title and summary."""
    said = Content(**{"title": words("Title"), "summary": words("In short"), **parts})
    return [(fault.code, fault.place) for fault in faults(said, kind)]


@pytest.mark.parametrize("kind", MaterialKind)
def test_nothing_is_missing_in_what_is_whole(kind: MaterialKind) -> None:
    parts = PARTS[kind]
    if kind == K.FILE:
        parts = {**parts, "files": (Attachment("x", words("Sheet")),)}
    assert found(kind, **parts) == []
    said = Content(title=words("Title"), summary=words("In short"), **parts)
    assert warnings(said, kind) == ()


A, B, C = (f"scenario.nodes.{name}" for name in "abc")
FIRST = questions(1)[0]

GOLDEN: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    ("no story", {}, [("no_pages", "scenario")]),
    ("no pages", story(), [("no_pages", "scenario")]),
    ("only an ending", story(a=end()), []),
    ("two endings", story(a=page("b", "c"), b=end(), c=end()), []),
    ("both to one ending", story(a=page("b", "b"), b=end()), []),
    ("ways meet again", story(a=page("b", "c"), b=page("c", "c"), c=end()), []),
    (
        "start is gone",
        story("x", a=page("b", "b"), b=end()),
        [("no_start", "scenario.start"), ("no_ending", "scenario")],
    ),
    ("no ending", story(a=page()), [("no_ending", "scenario"), ("dead_end", A)]),
    ("dead end", story(a=page("b", "c"), b=end(), c=page()), [("dead_end", C)]),
    ("unreachable", story(a=page("b", "b"), b=end(), c=end()), [("unreachable", C)]),
    (
        "ending nobody comes to",
        story(a=page(), b=end()),
        [("no_ending", "scenario"), ("dead_end", A), ("unreachable", B)],
    ),
    ("one choice", story(a=page("b"), b=end()), [("one_choice", A)]),
    ("nowhere", story(a=page("b", ""), b=end()), [("leads_nowhere", A)]),
    ("astray", story(a=page("b", "gone"), b=end()), [("leads_nowhere", A)]),
    ("to itself", story(a=page("a", "b"), b=end()), [("leads_to_itself", A)]),
    ("in a circle", story(a=page("b", "c"), b=page("a", "c"), c=end()), [("cycle", A)]),
    (
        "round and round",
        story(a=page("b", "b"), b=page("a", "a")),
        [("no_ending", "scenario"), ("cycle", A)],
    ),
    ("empty page", story(a=page("b", "b", text=NOTHING), b=end()), [("no_page_text", A)]),
    (
        "silent choice",
        story(
            a=Node(words("A"), choices=(Choice(NOTHING, "b"), Choice(words("Go"), "b"))), b=end()
        ),
        [("no_choice_text", A)],
    ),
    ("nothing to do", story(a=end(todo=NOTHING)), [("no_todo", A)]),
    (
        "ending leads on",
        story(a=replace(end(), choices=page("b", "b").choices), b=end()),
        [("ending_leads_on", A)],
    ),
    ("own picture unsaid", story(a=end(picture="Abc123")), [("no_picture_words", A)]),
    ("own picture said", story(a=end(picture="Abc123", picture_words=words("Two"))), []),
    ("drawing", story(a=end(picture="kelas")), []),
    ("only English", story(a=end(text=Words("", "End"))), [("only_english", f"{A}.text")]),
]


@pytest.mark.parametrize(
    ("parts", "expected"), [each[1:] for each in GOLDEN], ids=[each[0] for each in GOLDEN]
)
def test_what_a_story_misses(parts: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert found(K.SCENARIO, **parts) == expected


OTHERS: list[tuple[MaterialKind, dict[str, Any], list[tuple[str, str]]]] = [
    (K.ARTICLE, {}, [("no_body", "body")]),
    (K.LESSON_KIT, {"body": Words("", "Steps")}, [("only_english", "body")]),
    (K.FILE, {}, [("no_file", "files")]),
    (K.FILE, {"files": (Attachment("x", NOTHING),)}, [("no_label", "files[0].label")]),
    (K.VIDEO, {"body": words("It")}, [("no_link", "link")]),
    (K.POSTER, {"lines": (NOTHING,)}, [("no_lines", "lines")]),
    (K.PARENT_CARD, {}, [("no_cards", "cards")]),
    (
        K.PARENT_CARD,
        {"cards": (Card(NOTHING, NOTHING),)},
        [("no_heading", "cards[0].heading"), ("no_card_text", "cards[0].text")],
    ),
    (K.QUIZ, {}, [("no_questions", "questions")]),
    (
        K.QUIZ,
        {"questions": (FIRST, Question(NOTHING))},
        [
            ("no_question_text", "questions[1].text"),
            ("few_options", "questions[1].options"),
            ("no_right", "questions[1].options"),
        ],
    ),
    (
        K.QUIZ,
        {"questions": (replace(FIRST, options=(Option(words("A"), right=True), Option(NOTHING))),)},
        [("empty_option", "questions[0].options")],
    ),
    (
        K.QUIZ,
        {"questions": (replace(FIRST, options=(Option(words("A"), right=True),) * 2),)},
        [("several_right", "questions[0].options")],
    ),
]


@pytest.mark.parametrize(("kind", "parts", "expected"), OTHERS)
def test_what_other_kinds_miss(
    kind: MaterialKind, parts: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert found(kind, **parts) == expected


def test_title_and_summary_are_asked_of_all() -> None:
    codes = {kind: [each.code for each in faults(Content(), kind)][:2] for kind in K}
    assert all(first == ["no_title", "no_summary"] for first in codes.values())


def test_what_is_not_translated_is_a_warning_with_its_page() -> None:
    said = Content(
        title=words("Title"),
        summary=Words("Singkat"),
        **story(a=page("b", "b"), b=end(todo=Words("- Cerita"))),
    )
    assert faults(said, K.SCENARIO) == ()
    told = [(fault.place, dict(fault.facts)) for fault in warnings(said, K.SCENARIO)]
    assert told == [("summary", {}), (f"{B}.todo", {"number": 2})]
    (unexplained,) = warnings(
        Content(title=words("T"), summary=words("S"), questions=(replace(FIRST, why=NOTHING),)),
        K.QUIZ,
    )
    assert (unexplained.code, unexplained.facts) == ("no_why", {"number": 1})


def test_every_fault_has_words_that_say_where_and_what_to_do() -> None:
    everything = [
        fault
        for kind, parts in [
            *((K.SCENARIO, parts) for _name, parts, _expected in GOLDEN),
            *((kind, parts) for kind, parts, _expected in OTHERS),
        ]
        for fault in (*faults(Content(**parts), kind), *warnings(Content(**parts), kind))
    ]
    assert {fault.code for fault in everything} | {"untranslated", "no_why"} == set(
        fault_words.TO_DO
    )
    with i18n.in_language("en"):
        told = {f"{fault_words.where(each)}: {fault_words.to_do(each)}" for each in everything}
    assert any(each.startswith("Page 1: Pages 1, 2 lead round in a circle.") for each in told)
    assert not [each for each in told if "%" in each]


# Small stories of every shape: each page leads to some of them, or to one that is not there.
NAMES = ("a", "b", "c", "d", "e")
LEADS = st.dictionaries(
    st.sampled_from(NAMES),
    st.tuples(st.lists(st.sampled_from((*NAMES, "", "gone")), max_size=4), st.booleans()),
    min_size=1,
)


def story_of(leads: Mapping[str, tuple[list[str], bool]]) -> Scenario:
    """Return a story whose pages lead there; endings lead nowhere."""
    return Scenario(
        "a",
        {name: end() if ends and not to else page(*to) for name, (to, ends) in leads.items()},
    )


def walks(told: Scenario, node: str, walked: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return every way that a reader can go from a page until it stops or comes round again."""
    if node not in told.nodes:
        return []
    here = (*walked, node)
    if node in walked:
        return [here]
    onward = [way for each in told.nodes[node].choices for way in walks(told, each.to, here)]
    return onward or [here]


@given(LEADS)
def test_ways_are_those_that_readers_can_walk(leads: dict[str, tuple[list[str], bool]]) -> None:
    told = story_of(leads)
    walked = walks(told, "a")
    came_to = {node for way in walked for node in way}
    assert stories.reachable(told) == came_to
    assert set(stories.unreachable(told)) == set(told.nodes) - came_to
    assert set(stories.order(told)) == set(told.nodes)
    assert set(stories.dead_ends(told)) == {
        name
        for name, node in told.nodes.items()
        if not node.ending and all(each.to not in told.nodes for each in node.choices)
    }
    rounds = {
        name for name in told.nodes for way in walks(told, name) if way[-1] == name and len(way) > 1
    }
    assert {name for group in stories.cycles(told) for name in group} == rounds
    ends = [len(way) for way in walked if told.nodes[way[-1]].ending]
    expected = (min(ends), max(ends)) if ends and not rounds else None
    assert stories.ways(told) == expected


@given(LEADS)
def test_pages_are_numbered_as_readers_come_to_them(
    leads: dict[str, tuple[list[str], bool]],
) -> None:
    told = story_of(leads)
    shortest: dict[str, int] = {}
    for way in walks(told, "a"):
        for steps, node in enumerate(way):
            shortest[node] = min(steps, shortest.get(node, steps))
    reached = [node for node in stories.order(told) if node in shortest]
    assert [shortest[node] for node in reached] == sorted(shortest.values())
    assert stories.order(told)[: len(reached)] == tuple(reached)


def test_the_longest_story_is_looked_at_at_once() -> None:
    names = [f"p{number}" for number in range(60)]
    # Every page leads to all four before it: circles everywhere.
    nodes = {
        name: page(*(names[(at + step) % 60] for step in range(1, 5)))
        for at, name in enumerate(names)
    }
    (group,) = stories.cycles(Scenario("p0", nodes))
    assert len(group) == 60
    forward = Scenario(
        "p0",
        {
            name: page(*names[at + 1 : at + 5]) if at < 59 else end()
            for at, name in enumerate(names)
        },
    )
    assert stories.ways(forward) == (16, 60)


@pytest.mark.parametrize("kind", MaterialKind)
def test_english_texts_are_put_in_by_their_places(kind: MaterialKind) -> None:
    said = Content(title=words("Title"), **PARTS[kind])
    places = texts(said)
    assert places["title"] == words("Title")
    assert translated(said, {}) == said
    changed = translated(said, {place: f"new {place}" for place in places})
    assert {place: each.en for place, each in texts(changed).items()} == {
        place: f"new {place}" for place in places
    }
    assert {place: each.id for place, each in texts(changed).items()} == {
        place: each.id for place, each in places.items()
    }


@pytest.mark.parametrize("kind", MaterialKind)
def test_texts_may_be_as_long_as_they_can_be_read_again(kind: MaterialKind) -> None:
    said = Content(title=words("Title"), summary=words("Short"), **PARTS[kind])
    if said.scenario:
        said = Content(**story(a=page("b", "b", picture_words=words("P")), b=end()))
    longest_of_all = translated(said, {place: "x" * longest(place) for place in texts(said)})
    assert Content.read(longest_of_all.dump()) == longest_of_all
    for place in texts(said):
        with pytest.raises(Malformed, match="too_long"):
            Content.read(translated(said, {place: "x" * (longest(place) + 1)}).dump())


def test_a_story_of_the_shelf_has_its_ways() -> None:
    told = scenario(12)
    assert stories.ways(told) == (2, 11)
    assert stories.numbers(told)["p1"] == 1
    assert stories.cycles(told) == ()
