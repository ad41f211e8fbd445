"""Answers to the questions of a quiz: which are right, and what fits a quiz for a whole class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.materials.policy.content import Option, Question

# Chosen by whoever does not know yet; a sheet for a class has this answer to every question.
UNSURE = -1
# How many questions a class is asked before and again after a session.
LEAST_QUESTIONS = 3
MOST_QUESTIONS = 10


def right_of(question: Question) -> int | None:
    """Return the number of the right answer, from 0; None where none is marked."""
    return next((number for number, each in enumerate(question.options) if each.right), None)


def count_right(questions: Sequence[Question], answers: Sequence[int]) -> int:
    """Return how many answers are right."""
    return sum(right_of(each) == answer for each, answer in zip(questions, answers, strict=True))


@dataclass(frozen=True)
class Checked:
    """A question somebody answered for themselves; `chosen` is None where they did not."""

    question: Question
    chosen: Option | None
    right: Option | None

    @property
    def is_right(self) -> bool:
        """Say whether the right answer was chosen."""
        return self.chosen is not None and self.chosen == self.right


def check(questions: Sequence[Question], answers: Sequence[int | None]) -> tuple[Checked, ...]:
    """Return each question with what was chosen and what is right."""
    return tuple(
        Checked(each, _option(each, answer), _option(each, right_of(each)))
        for each, answer in zip(questions, answers, strict=True)
    )


def _option(question: Question, number: int | None) -> Option | None:
    return None if number is None else question.options[number]
