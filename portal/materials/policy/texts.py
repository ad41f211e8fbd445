"""All texts of a material with where each stands, and putting some of them in anew.

A place is named as in its plain data: "title", "cards[0].text", "scenario.nodes.p3.todo".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from portal.materials.policy.content import (
    BODY_LENGTH,
    LANGUAGES,
    LINE_LENGTH,
    SUMMARY_LENGTH,
    TEXT_LENGTH,
    TITLE_LENGTH,
    Content,
    Words,
)

# How long a text may be, by its place; the first that fits, and a line anywhere else.
LENGTHS = (
    (re.compile(r"title|.*\.(heading|label)"), TITLE_LENGTH),
    (re.compile(r"summary"), SUMMARY_LENGTH),
    (re.compile(r"body"), BODY_LENGTH),
    (re.compile(r"(cards\[\d+\]|scenario\.nodes\.[^.]+)\.text"), TEXT_LENGTH),
    (re.compile(r".*\.(feedback|todo|why)"), TEXT_LENGTH),
)


def texts(content: Content) -> dict[str, Words]:
    """Return every text that says something, by its place, in the order of the content."""
    return {place: words for place, words in _texts(content, "") if words}


def languages(content: Content) -> tuple[str, ...]:
    """Return the languages in which nothing is missing that the other one has."""
    said = texts(content).values()
    return tuple(code for code in LANGUAGES if said and all(getattr(each, code) for each in said))


def shown_in(content: Content, language: str) -> str:
    """Return a reader's language, or the one that stands in where something is missing."""
    there = languages(content)
    return language if language in there or not there else there[0]


def longest(place: str) -> int:
    """Return how many letters a text may have in a place."""
    return next((most for places, most in LENGTHS if places.fullmatch(place)), LINE_LENGTH)


def translated(content: Content, english: Mapping[str, str]) -> Content:
    """Return the content with these English texts in their places; other places are ignored."""
    changed: Content = _put(content, "", english)
    return changed


def _parts(value: Any, place: str) -> list[tuple[Any, str, Any]]:
    """Return what a part of the content holds: key, place and value of each."""
    match value:
        case tuple():
            return [(key, f"{place}[{key}]", part) for key, part in enumerate(value)]
        case Mapping():
            return [(key, f"{place}.{key}", part) for key, part in value.items()]
        case str() | bool() | None:
            return []
        case _:
            before = f"{place}." if place else ""
            return [
                (each.name, before + each.name, getattr(value, each.name)) for each in fields(value)
            ]


def _texts(value: Any, place: str) -> Iterator[tuple[str, Words]]:
    if isinstance(value, Words):
        yield place, value
        return
    for _key, inside, part in _parts(value, place):
        yield from _texts(part, inside)


def _put(value: Any, place: str, english: Mapping[str, str]) -> Any:
    if isinstance(value, Words):
        return replace(value, en=english.get(place, value.en))
    parts = {key: _put(part, inside, english) for key, inside, part in _parts(value, place)}
    match value:
        case tuple():
            return tuple(parts.values())
        case Mapping():
            return parts
        case str() | bool() | None:
            return value
        case _:
            return replace(value, **parts)
