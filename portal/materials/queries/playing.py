"""One page of a story as its reader sees it, and what else there is to play."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.materials.models import Material
from portal.materials.policy.access import PUBLISHED
from portal.materials.policy.content import Choice, Content, Node, Words
from portal.materials.policy.stories import story_of
from portal.materials.queries.search import for_any
from portal.materials.states import MaterialKind

GO_ON_WITH = 3


@dataclass(frozen=True)
class Said:
    """A text, and the language it is in."""

    text: str
    lang: str

    def __bool__(self) -> bool:
        """Say whether there is any text."""
        return bool(self.text)


@dataclass(frozen=True)
class Way:
    """A choice: its number from 1, and the page it leads to, empty where none is there yet."""

    number: int
    text: Said
    to: str


@dataclass(frozen=True)
class Scene:
    """One page of a story in one language."""

    name: str
    # Grows with every choice; the reader is not told of how many.
    number: int
    # The page the story begins with.
    start: str
    text: Said
    # A name of `pictures.DRAWINGS`, the public id of a file, or empty.
    picture: str
    picture_words: Said
    ways: tuple[Way, ...]
    ending: bool
    todo: Said
    # The choice that led here, and the page it was made on; empty for who came another way.
    chosen: Said
    feedback: Said
    before: str
    # The language asked for, or the other one where something is not translated.
    in_language: str


def scene(
    content: Content, node: str, came_from: str, choice: int | None, language: str
) -> Scene | None:
    """Return a page of a story, or None for one it does not have.

    `came_from` and `choice` (from 1) name the choice that led here; they are ignored where they do
    not.
    """
    story = story_of(content)
    page = story.nodes.get(node)
    if page is None:
        return None
    made = _choice(story.nodes, came_from, choice, node)
    texts = {
        "text": page.text,
        "picture_words": page.picture_words,
        "todo": page.todo,
        "chosen": made.text if made else Words(),
        "feedback": made.feedback if made else Words(),
    }
    said = {name: Said(*words.shown(language)) for name, words in texts.items()}
    ways = () if page.ending else _ways(story.nodes, page, language)
    shown = [*said.values(), *(way.text for way in ways)]
    return Scene(
        name=node,
        number=_numbers(story.nodes, story.start).get(node, 1),
        start=story.start,
        picture=page.picture,
        ways=ways,
        ending=page.ending,
        before=came_from if made else "",
        in_language=next((each.lang for each in shown if each and each.lang != language), language),
        **said,
    )


def _choice(
    nodes: Mapping[str, Node], came_from: str, number: int | None, node: str
) -> Choice | None:
    """Return the choice of that number on that page, if it leads to this one."""
    choices = nodes[came_from].choices if came_from in nodes else ()
    if number is None or not 0 < number <= len(choices) or choices[number - 1].to != node:
        return None
    return choices[number - 1]


def _ways(nodes: Mapping[str, Node], page: Node, language: str) -> tuple[Way, ...]:
    return tuple(
        Way(number, Said(*choice.text.shown(language)), choice.to if choice.to in nodes else "")
        for number, choice in enumerate(page.choices, start=1)
    )


def _numbers(nodes: Mapping[str, Node], start: str) -> dict[str, int]:
    """Number pages so that each choice leads to a higher one: by the longest way from the start.

    In a draft a way may lead round; the steps it may take end with the number of pages.
    """
    numbers = {start: 1} if start in nodes else {}
    level = set(numbers)
    for number in range(2, len(nodes) + 1):
        level = {each.to for name in level for each in nodes[name].choices if each.to in nodes}
        numbers.update(dict.fromkeys(level, number))
    return numbers


@dataclass(frozen=True)
class Story:
    """A story to go on with, as a list shows it."""

    slug: str
    title: Said
    minutes: int | None


def others(session: Session, story: Material, language: str) -> list[Story]:
    """Return the newest other stories for the same people."""
    found = session.execute(
        select(Material.slug, Material.title_id, Material.title_en, Material.minutes)
        .where(PUBLISHED, Material.kind == MaterialKind.SCENARIO, Material.id != story.id)
        .where(for_any(story.audiences))
        .order_by(Material.published_at.desc(), Material.id)
        .limit(GO_ON_WITH)
    )
    return [
        Story(row.slug, Said(*Words.of(row, "title").shown(language)), row.minutes) for row in found
    ]
