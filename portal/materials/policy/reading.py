"""Reading plain data that somebody else wrote: every step says where and why it stops."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

# What would begin an element, a comment or the like in HTML.
HTML = re.compile(r"<\s*[a-zA-Z/!?]")
# What stands for a node, a drawing or a stored file.
NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
# Characters that are no text: what controls a terminal, turns the direction, hides, or is one half
# of a letter (programs that cut a text short leave such halves).
ODD = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


class Malformed(Exception):
    """Plain data are not what they should be: `path` says where, `code` why, `facts` how much."""

    def __init__(self, path: str, code: str, **facts: object) -> None:
        super().__init__(f"{path}: {code}")
        self.path = path
        self.code = code
        self.facts = facts


def mapping(raw: Any, path: str) -> dict[str, Any]:
    """Return names and values; raises Malformed."""
    if not isinstance(raw, dict):
        raise Malformed(path, "not_an_object")
    return raw


def known_only(found: dict[str, Any], known: Collection[str], path: str) -> dict[str, Any]:
    """Return names and values when all names are known; raises Malformed."""
    for key in found:
        if key not in known:
            raise unknown(key, path)
    return found


def unknown(raw: object, path: str) -> Malformed:
    """Return what to raise over a word that is none of those known in a place."""
    # It is shown to people, and half a letter cannot be.
    shown = str(raw)[:40].encode(errors="replace").decode()
    return Malformed(path, "unknown_name", name=shown)


def each(raw: Any, path: str, most: int) -> Iterator[tuple[Any, str]]:
    """Yield what a list holds, with where it stands; raises Malformed."""
    if not isinstance(raw, list):
        raise Malformed(path, "not_a_list")
    if len(raw) > most:
        raise Malformed(path, "too_many", most=most)
    for number, item in enumerate(raw):
        yield item, f"{path}[{number}]"


def plain(raw: Any, path: str, most: int) -> str:
    """Return a text without HTML; raises Malformed."""
    if not isinstance(raw, str):
        raise Malformed(path, "not_a_text")
    text = raw.replace("\r\n", "\n").strip()
    if len(text) > most:
        raise Malformed(path, "too_long", most=most)
    if HTML.search(text):
        raise Malformed(path, "html")
    if ODD.search(text):
        raise Malformed(path, "odd_characters")
    return text


def https(raw: Any, path: str, most: int) -> str:
    """Return an address of the web, or nothing; raises Malformed."""
    address = plain(raw, path, most)
    if address and not address.startswith("https://"):
        raise Malformed(path, "https_only")
    return address


def name(raw: Any, path: str) -> str:
    """Return a name that others refer to; raises Malformed."""
    if not isinstance(raw, str) or not NAME.fullmatch(raw):
        raise Malformed(path, "not_a_name")
    return raw


def boolean(raw: Any, path: str) -> bool:
    """Return a yes or no; raises Malformed."""
    if not isinstance(raw, bool):
        raise Malformed(path, "not_yes_or_no")
    return raw
