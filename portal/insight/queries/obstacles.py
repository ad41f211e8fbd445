"""What stands in the way of helping, over all cases: counts alone, none of them small.

Guarded as figures of reports are (`small_cells`), but a count below five is named as such: within
the office it may be known that little was noted. The same for everybody, so that two readers
cannot compare theirs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.cases.models import Obstacle
from portal.cases.states import Nature, Side, Stage
from portal.core import clock
from portal.insight.queries.small_cells import LEAST, Guarded, guarded

# In this order one larger count is left out beside the small ones.
KINDS = tuple(product(Side, Nature))
STILL, OVERCOME = "still", "overcome"


@dataclass(frozen=True)
class Matrix:
    """Obstacles by side and nature, of all stages or of one, as they may be shown."""

    counts: Mapping[tuple[Side, Nature], int]
    shown: Guarded

    def cell(self, side: Side, nature: Nature) -> int | None:
        """Return a count as it may be shown; None where it is left out."""
        return self.shown.cells[_name(side, nature)]

    def small(self, side: Side, nature: Nature) -> bool:
        """Say whether a count is left out because it is small, not beside such a one."""
        return self.counts[side, nature] < LEAST


@dataclass(frozen=True)
class YearOfObstacles:
    """What was noted in one year."""

    all: Matrix
    by_stage: dict[Stage, Matrix]
    # How many were overcome, in fives; None where too few were, or were not.
    overcome: int | None
    noted: int | None


def years(session: Session) -> list[int]:
    """Return the years since the first obstacle was noted, the newest first."""
    first = session.scalar(select(func.min(Obstacle.noted_on)))
    this_year = clock.today().year
    return list(range(this_year, min(first.year if first else this_year, this_year) - 1, -1))


def of_year(session: Session, year: int) -> YearOfObstacles:
    """Return what was noted in a year, as it may be shown."""
    over = Obstacle.overcome_on.is_not(None)
    found = (
        select(Obstacle.stage, Obstacle.side, Obstacle.nature, over, func.count())
        .where(Obstacle.noted_on.between(date(year, 1, 1), date(year, 12, 31)))
        .group_by(Obstacle.stage, Obstacle.side, Obstacle.nature, over)
    )
    by_stage: dict[Stage, Counter[tuple[Side, Nature]]] = {each: Counter() for each in Stage}
    ends = dict.fromkeys((STILL, OVERCOME), 0)
    for stage, side, nature, is_over, count in session.execute(found):
        by_stage[Stage(stage)][Side(side), Nature(nature)] += count
        ends[OVERCOME if is_over else STILL] += count
    ended = guarded(ends)
    return YearOfObstacles(
        all=_matrix(sum(by_stage.values(), Counter())),
        by_stage={stage: _matrix(counts) for stage, counts in by_stage.items()},
        overcome=ended.cells[OVERCOME],
        noted=ended.total,
    )


def _matrix(counted: Mapping[tuple[Side, Nature], int]) -> Matrix:
    counts = {kind: counted.get(kind, 0) for kind in KINDS}
    return Matrix(counts, guarded({_name(*kind): count for kind, count in counts.items()}))


def _name(side: Side, nature: Nature) -> str:
    return f"{side}/{nature}"
