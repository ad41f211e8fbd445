"""What materials say: the shapes of their content, read from and written to plain data.

The same plain data lie in the database (`Edition.content`) and, with what is about the material, in
the files people carry from one portal to another (docs/materials.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from portal.materials.policy.reading import (
    Malformed,
    boolean,
    each,
    https,
    known_only,
    mapping,
    name,
    plain,
)

LANGUAGES = ("id", "en")
TITLE_LENGTH = 120
SUMMARY_LENGTH = 300
BODY_LENGTH = 20_000
LINE_LENGTH = 200
TEXT_LENGTH = 700
LINK_LENGTH = 300
MOST_NODES = 60
MOST_CHOICES = 4
MOST_QUESTIONS = 15
MOST_OPTIONS = 5
MOST_CARDS = 12
MOST_LINES = 5
MOST_FILES = 5
# Of a story: one for each page.
MOST_PICTURES = MOST_NODES


@dataclass(frozen=True)
class Words:
    """A text in both languages; English may be missing, then Indonesian stands in."""

    id: str = ""
    en: str = ""

    def __bool__(self) -> bool:
        """Say whether there is any text."""
        return bool(self.id or self.en)

    def shown(self, language: str) -> tuple[str, str]:
        """Return the text to show to a reader of a language, and the language it is in."""
        if language == "en" and self.en:
            return self.en, "en"
        return (self.id, "id") if self.id else (self.en, "en")

    @classmethod
    def of(cls, record: Any, name: str) -> Words:
        """Return a text that a record, or a row, keeps as `name_id` and `name_en`."""
        return cls(getattr(record, f"{name}_id") or "", getattr(record, f"{name}_en") or "")

    @classmethod
    def read(cls, raw: Any, path: str, most: int) -> Words:
        """Return the texts; raises Malformed."""
        found = known_only(mapping(raw, path), LANGUAGES, path)
        return cls(*(plain(found.get(code, ""), f"{path}.{code}", most) for code in LANGUAGES))


@dataclass(frozen=True)
class Choice:
    """What the reader of a story may do next; `to` names a node, or is empty as yet."""

    text: Words
    to: str = ""
    # Shown on the way there: kind words about this choice.
    feedback: Words = Words()


@dataclass(frozen=True)
class Node:
    """One page of a story: choices lead on from it, or it is an ending."""

    text: Words
    # A drawing that comes with the portal (`pictures.DRAWINGS`), or a file of the material.
    picture: str = ""
    picture_words: Words = Words()
    choices: tuple[Choice, ...] = ()
    ending: bool = False
    # Of an ending: what to do when this happens for real (Markdown).
    todo: Words = Words()


@dataclass(frozen=True)
class Scenario:
    """A branching story; the order of its nodes is the order in which the editor lists them."""

    start: str
    nodes: Mapping[str, Node]


@dataclass(frozen=True)
class Option:
    """One answer to a question."""

    text: Words
    right: bool = False


@dataclass(frozen=True)
class Question:
    """One question; why the right answer is right is told afterwards."""

    text: Words
    options: tuple[Option, ...] = ()
    why: Words = Words()


@dataclass(frozen=True)
class Card:
    """One short card for parents (its text in Markdown)."""

    heading: Words
    text: Words


@dataclass(frozen=True)
class Attachment:
    """A file to fetch: the public id it is stored under, for readers of one language or of both."""

    file: str
    label: Words
    language: str = ""


@dataclass(frozen=True)
class Content:
    """All a material says; which parts are filled depends on its kind."""

    title: Words = Words()
    summary: Words = Words()
    # Markdown, without HTML.
    body: Words = Words()
    # Of a video: where it is; https only.
    link: str = ""
    # Of a poster and of every share card: short lines under the title.
    lines: tuple[Words, ...] = ()
    cards: tuple[Card, ...] = ()
    questions: tuple[Question, ...] = ()
    scenario: Scenario | None = None
    files: tuple[Attachment, ...] = field(default=())

    @classmethod
    def read(cls, raw: Any) -> Content:
        """Return the content that plain data hold.

        Raises Malformed with where and why: unknown names, wrong types, texts too long or with
        HTML in them, too many of anything.
        """
        found = known_only(mapping(raw, "content"), [each.name for each in fields(cls)], "content")
        return cls(
            title=Words.read(found.get("title", {}), "title", TITLE_LENGTH),
            summary=Words.read(found.get("summary", {}), "summary", SUMMARY_LENGTH),
            body=Words.read(found.get("body", {}), "body", BODY_LENGTH),
            link=https(found.get("link", ""), "link", LINK_LENGTH),
            lines=tuple(
                Words.read(line, path, LINE_LENGTH)
                for line, path in each(found.get("lines", []), "lines", MOST_LINES)
            ),
            cards=tuple(_card(*card) for card in each(found.get("cards", []), "cards", MOST_CARDS)),
            questions=tuple(
                _question(*question)
                for question in each(found.get("questions", []), "questions", MOST_QUESTIONS)
            ),
            scenario=_scenario(found["scenario"]) if found.get("scenario") else None,
            files=tuple(
                _file(*file) for file in each(found.get("files", []), "files", MOST_PICTURES)
            ),
        )

    def dump(self) -> dict[str, Any]:
        """Return the content as plain data: what is empty is left out, and `read` gives it back."""
        filled = ((each.name, getattr(self, each.name)) for each in fields(self))
        return {name: _dumped(value) for name, value in filled if value}


def _dumped(value: Any) -> Any:
    match value:
        case str() | bool():
            return value
        case tuple():
            return [_dumped(each) for each in value]
        case Mapping():
            return {key: _dumped(each) for key, each in value.items()}
        case _:
            filled = ((each.name, getattr(value, each.name)) for each in fields(value))
            return {name: _dumped(part) for name, part in filled if part}


def _card(raw: Any, path: str) -> Card:
    found = known_only(mapping(raw, path), ("heading", "text"), path)
    return Card(
        Words.read(found.get("heading", {}), f"{path}.heading", TITLE_LENGTH),
        Words.read(found.get("text", {}), f"{path}.text", TEXT_LENGTH),
    )


def _question(raw: Any, path: str) -> Question:
    found = known_only(mapping(raw, path), ("text", "options", "why"), path)
    return Question(
        Words.read(found.get("text", {}), f"{path}.text", LINE_LENGTH),
        tuple(
            _option(*option)
            for option in each(found.get("options", []), f"{path}.options", MOST_OPTIONS)
        ),
        Words.read(found.get("why", {}), f"{path}.why", TEXT_LENGTH),
    )


def _option(raw: Any, path: str) -> Option:
    found = known_only(mapping(raw, path), ("text", "right"), path)
    return Option(
        Words.read(found.get("text", {}), f"{path}.text", LINE_LENGTH),
        boolean(found.get("right", False), f"{path}.right"),
    )


def _file(raw: Any, path: str) -> Attachment:
    found = known_only(mapping(raw, path), ("file", "label", "language"), path)
    language = plain(found.get("language", ""), f"{path}.language", 2)
    if language not in ("", *LANGUAGES):
        raise Malformed(f"{path}.language", "unknown_language")
    return Attachment(
        name(found.get("file"), f"{path}.file"),
        Words.read(found.get("label", {}), f"{path}.label", TITLE_LENGTH),
        language,
    )


def _scenario(raw: Any) -> Scenario:
    found = known_only(mapping(raw, "scenario"), ("start", "nodes"), "scenario")
    nodes = mapping(found.get("nodes", {}), "scenario.nodes")
    if len(nodes) > MOST_NODES:
        raise Malformed("scenario.nodes", "too_many", most=MOST_NODES)
    return Scenario(
        name(found.get("start"), "scenario.start"),
        {
            name(key, "scenario.nodes"): _node(node, f"scenario.nodes.{key}")
            for key, node in nodes.items()
        },
    )


def _node(raw: Any, path: str) -> Node:
    found = known_only(mapping(raw, path), [each.name for each in fields(Node)], path)
    picture = found.get("picture", "")
    return Node(
        text=Words.read(found.get("text", {}), f"{path}.text", TEXT_LENGTH),
        picture=name(picture, f"{path}.picture") if picture else "",
        picture_words=Words.read(
            found.get("picture_words", {}), f"{path}.picture_words", LINE_LENGTH
        ),
        choices=tuple(
            _choice(*choice)
            for choice in each(found.get("choices", []), f"{path}.choices", MOST_CHOICES)
        ),
        ending=boolean(found.get("ending", False), f"{path}.ending"),
        todo=Words.read(found.get("todo", {}), f"{path}.todo", TEXT_LENGTH),
    )


def _choice(raw: Any, path: str) -> Choice:
    found = known_only(mapping(raw, path), ("text", "to", "feedback"), path)
    to = found.get("to", "")
    return Choice(
        Words.read(found.get("text", {}), f"{path}.text", LINE_LENGTH),
        name(to, f"{path}.to") if to else "",
        Words.read(found.get("feedback", {}), f"{path}.feedback", TEXT_LENGTH),
    )
