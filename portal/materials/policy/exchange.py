"""Materials as files that people carry from one portal to another: one JSON file each.

The format is described in docs/materials.md; whatever does not follow it is refused with where and
why, before anything is kept.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from portal.materials.policy import kinds, slugs
from portal.materials.policy.about import (
    AUTHOR_LENGTH,
    SOURCE_LENGTH,
    SOURCE_URL_LENGTH,
    About,
)
from portal.materials.policy.content import MOST_PICTURES, Content, Node
from portal.materials.policy.pictures import DRAWINGS
from portal.materials.policy.reading import (
    Malformed,
    https,
    known_only,
    mapping,
    name,
    plain,
    unknown,
)
from portal.materials.policy.stories import cycles, story_of
from portal.materials.states import Audience, Licence, MaterialKind, Strategy
from portal.schools.models import LEVEL_GROUPS

FORMAT = "portal-mitra-sekolah/material"
VERSION = 1
MOST_BYTES = 8 * 1024 * 1024
AGES = (3, 99)
MOST_MINUTES = 600
# Brackets within brackets: a material needs nine.
MOST_DEPTH = 20
# A text (also one that never ends, and nothing in it is tried twice), or a bracket outside of any.
TEXT_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|([\[\]{}])', re.DOTALL)
# What other programs write, told by its first bytes.
FOREIGN = {b"PK": "zip", b"\x1f\x8b": "zip", b"%PDF": "pdf", b"<": "html"}

T = TypeVar("T", Audience, Licence, MaterialKind, Strategy)


@dataclass(frozen=True)
class CarriedFile:
    """A picture or document that comes with a material."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Carried:
    """A material on its way; its content names the files by their names in `files`."""

    kind: MaterialKind
    about: About
    content: Content
    files: Mapping[str, CarriedFile]


def read_file(raw: bytes) -> Carried:
    """Return the material a file holds; raises Malformed with where and why."""
    found = known_only(
        mapping(_loaded(raw), "file"),
        ("format", "version", "kind", "about", "content", "files"),
        "file",
    )
    if found.get("format") != FORMAT:
        raise Malformed("format", "other_format")
    version = found.get("version")
    # For Python, true and 1.0 are 1 as well.
    if type(version) is not int or version != VERSION:
        raise Malformed("version", "other_version", most=VERSION)
    kind = _one_of(MaterialKind, found.get("kind"), "kind")
    content = Content.read(found.get("content"))
    _check_parts(kind, content)
    files = _files(found.get("files", {}))
    if rings := cycles(story_of(content)):
        raise Malformed("scenario.nodes", "cycle", name=" → ".join([*rings[0], rings[0][0]]))
    _check_files(content, files)
    return Carried(kind, _about(found.get("about")), content, files)


def write_file(carried: Carried) -> bytes:
    """Return the file of a material; the same material gives the same bytes."""
    about = {name: value for name, value in carried.about.values().items() if value}
    written = {
        "format": FORMAT,
        "version": VERSION,
        "kind": carried.kind,
        "about": about,
        "content": carried.content.dump(),
        "files": {
            key: {"name": file.name, "base64": base64.b64encode(file.content).decode("ascii")}
            for key, file in carried.files.items()
        },
    }
    return f"{json.dumps(written, ensure_ascii=False, indent=2)}\n".encode()


def files_named(content: Content) -> list[str]:
    """Return the files a content names, each once, in order."""
    nodes = story_of(content).nodes.values()
    named = [node.picture for node in nodes if node.picture and node.picture not in DRAWINGS]
    return list(dict.fromkeys([*named, *(each.file for each in content.files)]))


def renamed(content: Content, names: Mapping[str, str]) -> Content:
    """Return a content that names its files differently."""

    def new(node: Node) -> Node:
        return replace(node, picture=names.get(node.picture, node.picture))

    scenario = content.scenario
    if scenario:
        nodes = {key: new(node) for key, node in scenario.nodes.items()}
        scenario = replace(scenario, nodes=nodes)
    files = tuple(replace(each, file=names.get(each.file, each.file)) for each in content.files)
    return replace(content, scenario=scenario, files=files)


def _loaded(raw: bytes) -> Any:
    if len(raw) > MOST_BYTES:
        raise Malformed("file", "too_large", most=MOST_BYTES // 1024 // 1024)
    for beginning, code in FOREIGN.items():
        if raw.lstrip().startswith(beginning):
            raise Malformed("file", code)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed("file", "not_utf8") from error
    if _depth(text) > MOST_DEPTH:
        raise Malformed("file", "too_deep")
    try:
        return json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Malformed("file", "not_json") from error


def _depth(text: str) -> int:
    """Return how deep brackets lie at most, besides those in texts."""
    deepest = depth = 0
    for bracket in filter(None, TEXT_OR_BRACKET.findall(text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Malformed("file", "repeated_name")
    return found


def _no_constant(constant: str) -> None:
    raise Malformed("file", "not_a_number", name=constant)


def _one_of(codes: type[T], raw: Any, path: str) -> T:
    try:
        return codes(raw)
    except ValueError as error:
        raise unknown(raw, path) from error


def _check_parts(kind: MaterialKind, content: Content) -> None:
    """Refuse a material without a title, and parts that its kind has no page for."""
    if not content.title:
        raise Malformed("title", "empty")
    for part in content.dump():
        if part not in (*kinds.ALWAYS, *kinds.PARTS[kind]):
            raise Malformed(part, "other_kind")
    if len(content.files) > kinds.most_files(kind):
        raise Malformed("files", "too_many", most=kinds.most_files(kind))


def _about(raw: Any) -> About:
    found = known_only(mapping(raw, "about"), About.__dataclass_fields__, "about")
    slug = plain(found.get("slug"), "about.slug", slugs.LENGTH)
    if not slugs.SLUG.fullmatch(slug):
        raise Malformed("about.slug", "not_a_name")
    audiences = _codes(found.get("audiences"), "about.audiences", [*Audience])
    if not audiences:
        raise Malformed("about.audiences", "empty")
    age_from = _whole(found, "age_from", *AGES)
    return About(
        slug=slug,
        strategy=_one_of(Strategy, found.get("strategy"), "about.strategy"),
        audiences=audiences,
        levels=_codes(found.get("levels", []), "about.levels", [*LEVEL_GROUPS]),
        age_from=age_from,
        age_to=_whole(found, "age_to", age_from or AGES[0], AGES[1]),
        minutes=_whole(found, "minutes", 1, MOST_MINUTES),
        licence=_one_of(Licence, found.get("licence"), "about.licence"),
        author=plain(found.get("author", ""), "about.author", AUTHOR_LENGTH),
        source=plain(found.get("source", ""), "about.source", SOURCE_LENGTH),
        source_url=https(found.get("source_url", ""), "about.source_url", SOURCE_URL_LENGTH),
    )


def _codes(raw: Any, path: str, known: list[str]) -> tuple[str, ...]:
    if not isinstance(raw, list) or len(raw) > len(known):
        raise Malformed(path, "not_a_list")
    for code in raw:
        if code not in known:
            raise unknown(code, path)
    return tuple(dict.fromkeys(raw))


def _whole(found: dict[str, Any], field: str, least: int, most: int) -> int | None:
    value = found.get(field)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Malformed(f"about.{field}", "out_of_range", least=least, most=most)
    return value


def _files(raw: Any) -> dict[str, CarriedFile]:
    found = mapping(raw, "files")
    if len(found) > MOST_PICTURES:
        raise Malformed("files", "too_many", most=MOST_PICTURES)
    return dict(_read_files(found))


def _read_files(found: dict[str, Any]) -> Iterator[tuple[str, CarriedFile]]:
    for key, each in found.items():
        path = f"files.{name(key, 'files')}"
        known_only(mapping(each, path), ("name", "base64"), path)
        try:
            content = base64.b64decode(each.get("base64", ""), validate=True)
        except (binascii.Error, TypeError, ValueError) as error:
            raise Malformed(path, "not_base64") from error
        yield key, CarriedFile(plain(each.get("name"), f"{path}.name", 160), content)


def _check_files(content: Content, files: Mapping[str, CarriedFile]) -> None:
    """Refuse files that nothing names and names that no file bears."""
    named = files_named(content)
    for missing in named:
        if missing not in files:
            raise Malformed("files", "file_missing", name=missing)
    for needless in files:
        if needless not in named:
            raise Malformed("files", "file_unused", name=needless)
