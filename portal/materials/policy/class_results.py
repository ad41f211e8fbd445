"""What a class has learned, and when its figures may be seen.

Only sums are kept, but sums tell of one child as soon as they can be compared with themselves:
whoever sees them over eleven sheets and again over twelve knows what the twelfth sheet says. So the
figures of a phase are seen

- only when it is over for good, so that whatever is seen never changes again,
- only over at least the office's number of sheets, which is never below `FEWEST`, and
- only as tens of a hundred, which do not tell `APART` - 1 sheets from none (see `about`).

A class's figures thus say little of one child, but no rounding hides a child from whoever knows
what all the others answered. Sheets are therefore taken from nobody who is signed in and only a few
from one browser, and pupils are promised no more than that: the teacher sees figures of the class,
not their sheets.

The questions before the session are over for good when the class goes on to those after it. Those
are over for good when their time has run out and there are `FEWEST` sheets: whatever the office's
number is by then, such a phase is never opened again. A sheet that was on its way when the time ran
out is waited for (`SETTLING`). How many sheets there are may be seen at any time; it says nothing
about what they say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.materials.policy.answering import UNSURE, right_of
from portal.materials.policy.content import Option, Question
from portal.materials.states import Phase

# The smallest number of sheets the office may choose (setting `quiz_least_sheets`).
FEWEST = 8
# So many sheets must say the same, and as many something else, before figures tell them apart.
APART = 3
# No request lives longer than this, so nothing sent in time arrives any later.
SETTLING = timedelta(seconds=15)


@dataclass(frozen=True)
class Standing:
    """How many sheets a class has sent; `after` is None until it went on to the later phase."""

    before: int
    after: int | None
    closes_at: datetime

    @property
    def phase(self) -> Phase:
        """Return the phase the class is asked in, or was asked in last."""
        return Phase.BEFORE if self.after is None else Phase.AFTER

    def sheets(self, phase: Phase) -> int:
        """Return how many sheets were sent in a phase."""
        return self.before if phase == Phase.BEFORE else self.after or 0

    def takes(self, phase: Phase, now: datetime) -> bool:
        """Say whether sheets of a phase are taken."""
        return phase == self.phase and now < self.closes_at

    def over(self, phase: Phase, now: datetime) -> bool:
        """Say whether a phase is over for good."""
        if phase == Phase.BEFORE:
            return self.after is not None
        ended = now >= self.closes_at + SETTLING
        return ended and self.after is not None and self.after >= FEWEST

    def shows(self, phase: Phase, now: datetime, least: int) -> bool:
        """Say whether the figures of a phase may be seen, over at least so many sheets."""
        return self.over(phase, now) and self.sheets(phase) >= max(least, FEWEST)

    def may_go_on(self) -> bool:
        """Say whether the class can go on to the questions after the session."""
        return self.after is None

    def may_reopen(self, now: datetime) -> bool:
        """Say whether a class whose time has run out can be given more of it."""
        return now >= self.closes_at and (self.after or 0) < FEWEST


@dataclass(frozen=True)
class Sums:
    """What all sheets of a phase say together: how many chose which answer to which question."""

    sheets: int
    right: int
    chosen: Mapping[tuple[int, int], int]


@dataclass(frozen=True)
class Missed:
    """The wrong answer most of those chose who chose a wrong one."""

    option: Option
    share: float


@dataclass(frozen=True)
class Line:
    """How a class answered one question: shares from `about`, None where they may not be seen."""

    question: Question
    before: float | None
    after: float | None
    # In the phase seen last; none and 0 where too few chose it to be seen.
    missed: Missed | None
    unsure: float

    @property
    def change(self) -> int | None:
        """Return by how many points of a hundred more answered rightly after the session.

        None from or to an end, which says less than a figure does.
        """
        if {self.before, self.after} & {0, 1}:
            return None
        return points(self.before, self.after)


@dataclass(frozen=True)
class Results:
    """How a class answered, all questions together and each of them."""

    before: float | None
    after: float | None
    lines: tuple[Line, ...]

    @property
    def change(self) -> int | None:
        """Return by how many points of a hundred more answers were right after the session."""
        return points(self.before, self.after)


def about(count: int, whole: int) -> float:
    """Return in tens of a hundred which share of a whole so many are.

    An end, 0 or 1, says almost none or almost all: fewer than `APART` may differ.
    """
    if count < APART:
        return 0
    if whole - count < APART:
        return 1
    # In whole numbers, where one half is always rounded up.
    return (20 * count + whole) // (2 * whole) / 10


def points(before: float | None, after: float | None) -> int | None:
    """Return the way between two shares in points of a hundred, as both are shown: rounded."""
    if before is None or after is None:
        return None
    return round(after * 100) - round(before * 100)


def results(
    questions: Sequence[Question], before: Sums | None, after: Sums | None
) -> Results | None:
    """Return what may be seen of a class; a phase that may not be seen is None."""
    last = after or before
    if last is None:
        return None
    return Results(
        _share(before, questions),
        _share(after, questions),
        tuple(
            Line(
                each,
                _share_of(before, number, right_of(each)),
                _share_of(after, number, right_of(each)),
                _missed(last, number, each),
                _share_of(last, number, UNSURE) or 0,
            )
            for number, each in enumerate(questions)
        ),
    )


def _share(sums: Sums | None, questions: Sequence[Question]) -> float | None:
    return None if sums is None else about(sums.right, sums.sheets * len(questions))


def _share_of(sums: Sums | None, question: int, option: int | None) -> float | None:
    if sums is None or option is None:
        return None
    return about(sums.chosen.get((question, option), 0), sums.sheets)


def _missed(sums: Sums, number: int, question: Question) -> Missed | None:
    wrong = [
        (sums.chosen.get((number, option), 0), each)
        for option, each in enumerate(question.options)
        if not each.right
    ]
    most, option = max(wrong, key=lambda pair: pair[0], default=(0, None))
    return Missed(option, about(most, sums.sheets)) if option and most >= APART else None
