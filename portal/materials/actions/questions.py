"""Writing the questions of a quiz; what people see stays until it is published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.core.errors import Rejected
from portal.materials.actions import writing
from portal.materials.policy.content import MOST_QUESTIONS, Question, Words
from portal.materials.queries.library import Shown


class Step(StrEnum):
    """What a button does with the questions besides saving them."""

    SAVE = "save"
    ADD = "add"
    REMOVE = "remove"
    UP = "up"
    DOWN = "down"


def save(
    session: Session,
    actor: Actor,
    shown: Shown,
    questions: Sequence[Question],
    step: Step = Step.SAVE,
    place: int = 0,
) -> int:
    """Save the questions as a draft, one of them moved or taken off, or an empty one added.

    Returns the place of the question to go on with, from 0. Raises Rejected("quiz_full").
    """
    after = list(questions)
    match step:
        case Step.ADD:
            if len(after) >= MOST_QUESTIONS:
                raise Rejected("quiz_full", most=MOST_QUESTIONS)
            after.append(Question(Words()))
            place = len(after) - 1
        case Step.REMOVE if place < len(after):
            after.pop(place)
        case Step.UP | Step.DOWN if place < len(after):
            moved = after.pop(place)
            place = max(place - 1, 0) if step is Step.UP else min(place + 1, len(after))
            after.insert(place, moved)
        case _:
            pass
    writing.save(session, actor, shown.material, replace(shown.content, questions=tuple(after)))
    return place
