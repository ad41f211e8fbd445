"""What speaks for ending the work on a child, for going on, or for asking another body.

Source: domain.md section 4. Nothing here decides anything: people do, with reasons. What nobody
observed is never calm and speaks for no ending.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.monitoring.policy.findings import WORRYING
from portal.monitoring.policy.scoring import Result
from portal.monitoring.states import Band

LAST_FORMS = 5
SCHOOL_WEEKS = 8
HARASSED_MOST = 1
SENT_PERCENT = 80
# No form speaks for more school weeks than the widest step of the rhythm, however long the pause
# before it was.
MOST_WEEKS = 4
# So many school weeks without getting better, and somebody else should look at it.
WEEKS_TO_IMPROVE = 6


@dataclass(frozen=True)
class Look:
    """One form that came due, with what it says as far as it was sent."""

    due_on: date
    # School weeks since the form before; 0 for one beside the rhythm.
    weeks: int = 0
    # None: it was not sent.
    result: Result | None = None
    flags: frozenset[str] = frozenset()
    # How often the child was harassed, from 0 to 4; None: not observed.
    harassed: int | None = None
    late: bool = False

    @property
    def covers(self) -> int:
        """Return for how many school weeks it speaks."""
        return min(self.weeks, MOST_WEEKS)


@dataclass(frozen=True)
class Beside:
    """What the file shows beside the forms."""

    family: bool
    child_view: bool
    visited: bool


class Wanted(StrEnum):
    """What should hold before people end the work on a child."""

    CALM = "calm"
    WEEKS = "weeks"
    NO_FLAG = "no_flag"
    NOT_HARASSED = "not_harassed"
    SENT = "sent"
    FAMILY = "family"
    CHILD_VIEW = "child_view"
    VISITED = "visited"


# Seen in the forms; the others stand in the file.
IN_FORMS = (Wanted.CALM, Wanted.WEEKS, Wanted.NO_FLAG, Wanted.NOT_HARASSED, Wanted.SENT)


@dataclass(frozen=True)
class Condition:
    """Whether something holds, and how much of it there is where that can be counted."""

    code: Wanted
    met: bool
    reached: int = 0
    needed: int = 0


class Suggestion(StrEnum):
    """What the conditions suggest to the people who decide."""

    TERMINATE = "terminate"
    CONTINUE = "continue"
    REFER = "refer"


class Why(StrEnum):
    """What speaks for asking somebody else."""

    RED = "red"
    ORANGE_TWICE = "orange_twice"
    NO_IMPROVEMENT = "no_improvement"


def conditions(looks: Sequence[Look], beside: Beside) -> tuple[Condition, ...]:
    """Return what holds and what does not; `looks` are the forms that came due, the oldest first.

    The last five that were sent count, whatever they are for; with fewer nothing is shown yet.
    """
    sent = [each for each in looks if each.result is not None]
    last = sent[-LAST_FORMS:]
    calm = [each for each in last if each.result and each.result.band is Band.GREEN]
    weeks = sum(each.covers for each in calm)
    unharmed = [
        each for each in last if each.harassed is not None and each.harassed <= HARASSED_MOST
    ]
    unflagged = [each for each in last if not each.flags]
    enough = bool(looks) and len(sent) * 100 >= SENT_PERCENT * len(looks)
    return (
        Condition(Wanted.CALM, len(calm) == LAST_FORMS, len(calm), LAST_FORMS),
        Condition(Wanted.WEEKS, weeks >= SCHOOL_WEEKS, weeks, SCHOOL_WEEKS),
        Condition(Wanted.NO_FLAG, _all(unflagged, last), len(unflagged), LAST_FORMS),
        Condition(Wanted.NOT_HARASSED, _all(unharmed, last), len(unharmed), LAST_FORMS),
        Condition(Wanted.SENT, enough, len(sent), len(looks)),
        Condition(Wanted.FAMILY, beside.family),
        Condition(Wanted.CHILD_VIEW, beside.child_view),
        Condition(Wanted.VISITED, beside.visited),
    )


def _all(good: Sequence[Look], last: Sequence[Look]) -> bool:
    return len(good) == len(last) == LAST_FORMS


def suggest(looks: Sequence[Look], held: Sequence[Condition]) -> tuple[Suggestion, tuple[Why, ...]]:
    """Return what the forms and the conditions suggest, and why where it is another body."""
    found = {
        Why.RED: _last_bands(looks, 1) == [Band.RED],
        Why.ORANGE_TWICE: _worrying_twice(looks),
        Why.NO_IMPROVEMENT: _no_improvement(looks),
    }
    reasons = tuple(why for why, holds in found.items() if holds)
    if reasons:
        return Suggestion.REFER, reasons
    if held and all(each.met for each in held):
        return Suggestion.TERMINATE, ()
    return Suggestion.CONTINUE, ()


def known(looks: Sequence[Look]) -> list[Look]:
    """Return the forms in which enough was observed to say how the child was."""
    return [each for each in looks if each.result is not None and each.result.concern is not None]


def concern_of(look: Look) -> float:
    """Return the concern index of a form in which enough was observed."""
    return look.result.concern or 0.0 if look.result else 0.0


def _last_bands(looks: Sequence[Look], count: int) -> list[Band]:
    return [each.result.band for each in known(looks)[-count:] if each.result]


def _worrying_twice(looks: Sequence[Look]) -> bool:
    bands = _last_bands(looks, 2)
    return len(bands) == 2 and set(bands) <= WORRYING


def _no_improvement(looks: Sequence[Look]) -> bool:
    """Say whether six school weeks went by without a calm form, and the last is no better."""
    told = known(looks)
    newest, weeks = told[-1] if told else None, 0
    for each in reversed(looks):
        if each in told and each.result and each.result.band is Band.GREEN:
            return False
        if newest and each in told and weeks >= WEEKS_TO_IMPROVE:
            return concern_of(newest) >= concern_of(each)
        if newest and each.due_on <= newest.due_on:
            weeks += each.covers
    return False
