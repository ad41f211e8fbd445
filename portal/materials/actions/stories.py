"""Writing a story page by page; what people see stays until it is published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import count

from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.core.errors import Rejected
from portal.materials.actions import writing
from portal.materials.models import Material
from portal.materials.policy import stories
from portal.materials.policy.content import MOST_NODES, Content, Node, Scenario, Words
from portal.materials.policy.texts import translated

# Where a choice leads whose page is to be made; no page is ever called so.
NEW_PAGE = "+"
EMPTY = Node(Words())


def save_page(
    session: Session, actor: Actor, material: Material, content: Content, node: str, page: Node
) -> str:
    """Put what was written in the place of a page, and make the pages its choices ask for.

    Returns the page to write next: the first of those, or the next one with something missing;
    empty when nothing is missing. Raises Rejected("story_full").
    """
    story = stories.story_of(content)
    # A page that a colleague took off meanwhile comes back with what was written on it.
    if node not in story.nodes:
        _check_room(story.nodes)
    nodes = {**story.nodes, node: page}
    choices = []
    for choice in page.choices:
        to = choice.to
        if to == NEW_PAGE:
            to = _unused(nodes)
            nodes[to] = EMPTY
        choices.append(replace(choice, to=to))
    made = [name for name in nodes if name not in story.nodes]
    nodes[node] = replace(page, choices=tuple(choices))
    after = Scenario(story.start or node, nodes)
    _save(session, actor, material, content, after)
    return made[0] if made else next_to_write(after, node)


def next_to_write(story: Scenario, node: str) -> str:
    """Return the next page after this one on which something is missing; empty for none."""
    missing = {fault.node for fault in stories.story_faults(story)} - {"", node}
    pages = stories.order(story)
    here = pages.index(node) + 1 if node in pages else 0
    return next((each for each in (*pages[here:], *pages[:here]) if each in missing), "")


def add_page(session: Session, actor: Actor, material: Material, content: Content) -> str:
    """Add an empty page and return its name; raises Rejected("story_full")."""
    story = stories.story_of(content)
    name = _unused(story.nodes)
    after = Scenario(story.start or name, {**story.nodes, name: EMPTY})
    _save(session, actor, material, content, after)
    return name


def remove_page(
    session: Session, actor: Actor, material: Material, content: Content, node: str
) -> None:
    """Take a page off; choices that led there lead nowhere as yet."""
    story = stories.story_of(content)
    nodes = {
        name: replace(
            page,
            choices=tuple(
                replace(choice, to="") if choice.to == node else choice for choice in page.choices
            ),
        )
        for name, page in story.nodes.items()
        if name != node
    }
    start = next(iter(nodes), "") if story.start == node else story.start
    _save(session, actor, material, content, Scenario(start, nodes) if nodes else None)


def begin_with(
    session: Session, actor: Actor, material: Material, content: Content, node: str
) -> None:
    """Let the story begin on a page."""
    _save(session, actor, material, content, replace(stories.story_of(content), start=node))


def translate(
    session: Session,
    actor: Actor,
    material: Material,
    content: Content,
    english: Mapping[str, str],
) -> None:
    """Put in English texts by their places; others stay."""
    writing.save(session, actor, material, translated(content, english))


def _check_room(nodes: Mapping[str, Node]) -> None:
    if len(nodes) >= MOST_NODES:
        raise Rejected("story_full", most=MOST_NODES)


def _unused(nodes: Mapping[str, Node]) -> str:
    _check_room(nodes)
    return next(name for number in count(1) if (name := f"p{number}") not in nodes)


def _save(
    session: Session, actor: Actor, material: Material, content: Content, story: Scenario | None
) -> None:
    writing.save(session, actor, material, replace(content, scenario=story))
