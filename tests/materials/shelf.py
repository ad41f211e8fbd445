"""Materials for tests, laid in as the portal would have written them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.core import clock
from portal.core.db import new_id, transaction
from portal.materials.actions import writing
from portal.materials.models import Edition, Material
from portal.materials.policy.content import (
    Card,
    Choice,
    Content,
    Node,
    Option,
    Question,
    Scenario,
    Words,
)
from portal.materials.states import Audience, Licence, MaterialKind, MaterialState, Strategy
from tests.builders import Builder


def words(text: str) -> Words:
    """Return a text in both languages, which can be told apart."""
    return Words(f"{text} (id)", f"{text} (en)")


def scenario(length: int = 3) -> Scenario:
    """Return a story of so many pages: each leads on, or to one of two endings."""
    nodes: dict[str, Node] = {}
    for number in range(1, length - 1):
        onward = f"p{number + 1}" if number < length - 2 else "good"
        nodes[f"p{number}"] = Node(
            text=words(f"Page {number}"),
            choices=(
                Choice(words(f"Help {number}"), onward, words("That was kind")),
                Choice(words(f"Wait {number}"), "later", words("You may try again")),
            ),
        )
    ending = Node(text=words("Good end"), ending=True, todo=words("- Tell somebody"))
    nodes["good"] = ending
    nodes["later"] = Node(text=words("Other end"), ending=True, todo=words("- Tell somebody"))
    return Scenario("p1", nodes)


def questions(count: int = 5) -> tuple[Question, ...]:
    """Return questions whose first answer is right."""
    return tuple(
        Question(
            words(f"Question {number}"),
            (Option(words("Right"), right=True), Option(words("Other")), Option(words("Third"))),
            words(f"Because {number}"),
        )
        for number in range(1, count + 1)
    )


# What each kind says besides title and summary.
PARTS: dict[MaterialKind, dict[str, Any]] = {
    MaterialKind.ARTICLE: {"body": words("A **body**")},
    MaterialKind.FILE: {"body": words("What the file holds")},
    MaterialKind.VIDEO: {"link": "https://video.example/1", "body": words("What it shows")},
    MaterialKind.POSTER: {"lines": (words("First line"), words("Second line"))},
    MaterialKind.LESSON_KIT: {"body": words("Step by step")},
    MaterialKind.SCENARIO: {"scenario": scenario()},
    MaterialKind.QUIZ: {"questions": questions()},
    MaterialKind.PARENT_CARD: {"cards": (Card(words("Listen"), words("First listen")),)},
}


@dataclass
class Shelf:
    """Puts materials on the shelf."""

    build: Builder

    def material(
        self,
        kind: MaterialKind = MaterialKind.ARTICLE,
        title: str | Words = "Kind words",
        *,
        state: MaterialState = MaterialState.PUBLISHED,
        published_at: datetime | None = None,
        content: dict[str, Any] | None = None,
        **about: Any,
    ) -> Material:
        """Lay in a material with one edition: published, or a draft."""
        said = Content(
            title=words(title) if isinstance(title, str) else title,
            summary=words("In short"),
            **(PARTS[kind] if content is None else content),
        )
        now = published_at or clock.now()
        seen = None if state == MaterialState.DRAFT else now
        values: dict[str, Any] = {
            "slug": f"materi-{new_id().hex[-12:]}",
            "strategy": Strategy.PREVENTIVE,
            "audiences": [Audience.PUPIL],
            "levels": [],
            "licence": Licence.CC_BY_SA,
            **about,
        }
        made = Material(
            id=new_id(), kind=kind, state=state, created_at=now, published_at=seen, **values
        )
        writing.show(made, said)
        edition = Edition(
            id=new_id(),
            material_id=made.id,
            number=1,
            content=said.dump(),
            written_at=now,
            published_at=seen,
        )
        with transaction(self.build.session) as session:
            session.add(made)
            session.flush()
            session.add(edition)
            writing.links_of(session, made)
        return made
