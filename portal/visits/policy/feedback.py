"""What pupils are asked after a session, and when their answers may be seen.

Only sums are kept, and they are shown by the rules for the figures of a class (see
`materials/policy/class_results`): a session is a class that is asked once, after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.materials.policy.class_results import FEWEST, Standing, about
from portal.materials.states import Phase
from portal.visits.models import Visit
from portal.visits.policy.delivery import TAKES_PLACE

# What the sheets themselves are counted under.
SHEET = ("sheet", "sent")
# The questions with their answers, the kindest first; each may be left out.
QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "mood": ("good", "fair", "poor"),
    "understood": ("yes", "partly", "no"),
    "whom": ("yes", "unsure", "no"),
    "safer": ("yes", "same", "no"),
}
# Every row there is of a session's sums.
ROWS = (SHEET, *((question, each) for question, answers in QUESTIONS.items() for each in answers))

Counts = Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class Line:
    """How one question was answered: each answer with its share from `about`.

    None where too few answered it for figures to be seen.
    """

    question: str
    shares: Sequence[tuple[str, float]] | None


def standing(visit: Visit, counts: Counts) -> Standing | None:
    """Return how far the asking is; None for a session whose pupils were not asked."""
    if visit.feedback_until is None:
        return None
    return Standing(before=0, after=counts.get(SHEET, 0), closes_at=visit.feedback_until)


def takes_sheets(visit: Visit, now: datetime) -> bool:
    """Say whether pupils can answer: from the session's start on, while there is time."""
    asked = visit.state in TAKES_PLACE and visit.feedback_until is not None
    return asked and visit.starts_at <= now < (visit.feedback_until or now)


def seen(visit: Visit, counts: Counts, least: int, now: datetime) -> list[Line] | None:
    """Return what may be seen of each question, over at least so many answers.

    None while it is not over for good, or over too few sheets.
    """
    asked = standing(visit, counts)
    if asked is None or not asked.shows(Phase.AFTER, now, least):
        return None
    return [_line(counts, question, max(least, FEWEST)) for question in QUESTIONS]


def _line(counts: Counts, question: str, least: int) -> Line:
    given = {each: counts.get((question, each), 0) for each in QUESTIONS[question]}
    whole = sum(given.values())
    if whole < least:
        return Line(question, None)
    return Line(question, [(each, about(count, whole)) for each, count in given.items()])
