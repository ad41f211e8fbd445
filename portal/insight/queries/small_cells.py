"""Counts of reports for eyes outside the office: nobody can tell from them that one child told.

A count below five is left out, and none included: otherwise a nought would say that nobody told,
and a gap that somebody did. One larger count goes with those left out, always the first in the
table's order, whatever its size; only their sum is shown. So each figure stands for reports of its
own, all are rounded to fives one by one, and the total is the sum of what is shown: no figure
says anything about another one. Were the total rounded by itself, the two would at times meet in
a single possible table.

Only whole school years are shown, each with the same cuts, so no two tables overlap and none can
be taken from another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LEAST = 5
STEP = 5


@dataclass(frozen=True)
class Guarded:
    """Counts as they may be shown; None where one must not be."""

    total: int | None
    cells: Mapping[str, int | None]
    # Of the cells left out, together; None where nothing is left out, or all is too small.
    rest: int | None


def guarded(counts: Mapping[str, int]) -> Guarded:
    """Return the counts of one year's cells, which share no report, as they may be shown.

    The order of the cells says which one is left out first; it must not depend on the counts.
    """
    if sum(counts.values()) < LEAST:
        return Guarded(None, dict.fromkeys(counts), None)
    left_out = {name for name, count in counts.items() if count < LEAST}
    if left_out:
        left_out |= set([name for name in counts if name not in left_out][:1])
    cells = {name: None if name in left_out else rounded(count) for name, count in counts.items()}
    rest = rounded(sum(counts[name] for name in left_out)) if left_out else None
    shown = [count for count in (*cells.values(), rest) if count is not None]
    return Guarded(sum(shown), cells, rest)


def rounded(count: int) -> int:
    """Return the nearest multiple of five."""
    return (count + STEP // 2) // STEP * STEP
