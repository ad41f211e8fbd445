"""A story as its writers see it: its pages in order, where they lead, and what they miss."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.materials.policy import stories
from portal.materials.policy.content import Content, Node, Scenario, Words
from portal.materials.policy.exchange import files_named
from portal.materials.policy.stories import Fault
from portal.materials.policy.texts import longest, texts
from portal.materials.queries import attached
from portal.materials.queries.library import Shown
from portal.materials.states import MaterialKind


@dataclass(frozen=True)
class Leading:
    """A choice of a page: its words, and the name and number of the page it leads to."""

    text: Words
    to: str
    number: int | None


@dataclass(frozen=True)
class Page:
    """One page in the list of a story's pages; `name` is what the portal calls it."""

    name: str
    number: int
    node: Node
    start: bool
    leads: tuple[Leading, ...]
    faults: tuple[Fault, ...]
    untranslated: int


@dataclass(frozen=True)
class Outline:
    """All pages of a story as they are numbered, and what is missing in all of the material."""

    pages: tuple[Page, ...]
    faults: tuple[Fault, ...]
    untranslated: int
    # Pages on the shortest and the longest way to an ending.
    ways: tuple[int, int] | None

    @property
    def endings(self) -> int:
        """Return how many pages are endings."""
        return sum(page.node.ending for page in self.pages)

    @property
    def translated(self) -> int:
        """Return how many pages say something, and all of it in English too."""
        said = (page for page in self.pages if page.node.text and not page.untranslated)
        return sum(1 for _page in said)


def outline(content: Content) -> Outline:
    """Return the outline of a story."""
    story = stories.story_of(content)
    numbers = stories.numbers(story)
    faults = stories.faults(content, MaterialKind.SCENARIO)
    missing = [
        fault
        for fault in stories.warnings(content, MaterialKind.SCENARIO)
        if fault.code == "untranslated"
    ]
    pages = tuple(
        Page(
            name=name,
            number=number,
            node=story.nodes[name],
            start=name == story.start,
            leads=tuple(
                Leading(choice.text, choice.to, numbers.get(choice.to))
                for choice in story.nodes[name].choices
            ),
            faults=tuple(fault for fault in faults if fault.node == name),
            untranslated=sum(fault.node == name for fault in missing),
        )
        for name, number in numbers.items()
    )
    return Outline(pages, faults, len(missing), stories.ways(story))


@dataclass(frozen=True)
class Written:
    """One page for its writers: its neighbours, and the numbers of the pages that lead here."""

    name: str
    node: Node
    # Changes with every word of this page, and with no other one.
    version: str
    page: Page | None
    before: str
    after: str
    led_from: tuple[int, ...]
    # All other pages, to lead to.
    others: tuple[Page, ...]
    # The story's own pictures, uploaded or brought in with it, and what each shows.
    pictures: Mapping[str, Words]


def written(session: Session, shown: Shown, name: str) -> Written:
    """Return a page of a story; an empty one for a page that is not there (any more)."""
    content = shown.content
    pages = outline(content).pages
    page = next((each for each in pages if each.name == name), None)
    place = page.number - 1 if page else len(pages)
    node = page.node if page else Node(Words())
    return Written(
        name=name,
        node=node,
        version=_digest(Content(scenario=Scenario(name, {name: node})).dump()),
        page=page,
        before=pages[place - 1].name if page and place else "",
        after=pages[place + 1].name if place + 1 < len(pages) else "",
        led_from=tuple(
            each.number
            for each in pages
            if each.name != name and any(lead.to == name for lead in each.leads)
        ),
        others=tuple(each for each in pages if each.name != name),
        pictures=_pictures(session, shown),
    )


def _pictures(session: Session, shown: Shown) -> dict[str, Words]:
    kept = attached.kept_of(session, shown.material.id, files_named(shown.content))
    nodes = stories.story_of(shown.content).nodes.values()
    # What was said where a picture was uploaded counts more than what a page says of it.
    said = {each.picture: each.picture_words for each in nodes if each.picture_words}
    said |= {each.file: each.label for each in shown.content.files if each.label}
    return {name: said.get(name, Words(file.name)) for name, file in kept.items()}


@dataclass(frozen=True)
class Text:
    """One text to translate: its place, the number of its page, and how long it may be.

    The page is 0 for what stands before the story.
    """

    place: str
    words: Words
    page: int
    longest: int
    # Changes with the English words.
    mark: str


def to_translate(content: Content) -> dict[str, Text]:
    """Return the texts of a story that people read, in the order in which they read them."""
    numbers = stories.numbers(stories.story_of(content))
    found = [
        Text(
            place, words, numbers.get(stories.node_of(place), 0), longest(place), mark_of(words.en)
        )
        for place, words in texts(content).items()
    ]
    return {each.place: each for each in sorted(found, key=lambda each: each.page)}


def mark_of(text: str) -> str:
    """Return a short mark by which a text is known again."""
    return _digest(text)[:16]


def _digest(raw: object) -> str:
    return hashlib.sha256(json.dumps(raw, sort_keys=True).encode()).hexdigest()[:32]
