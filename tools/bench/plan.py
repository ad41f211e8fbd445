"""How good semester plans are, and how long they take.

`python -m tools.bench.plan [schools.csv]` plans for the schools of a register (its columns
`kecamatan_code` or `kecamatan` say where they are; all else is invented, the same for the same
seed), or without one for an invented town of the same size: with roomy and with scarce weeks, and
five towns in one. Seconds are of the wall and of the CPU.
"""

from __future__ import annotations

import argparse
import csv
import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from portal.insight.policy.planning import solving
from portal.insight.policy.planning.checking import check
from portal.insight.policy.planning.days import Limits
from portal.insight.policy.planning.solving import Plan
from tests.insight.planned_town import SHARES, Size, town

CASES = (
    ("12 h, seed 1", Size(seed=1)),
    ("12 h, seed 2", Size(seed=2)),
    ("12 h, seed 3", Size(seed=3)),
    ("4 h, scarce", Size(seed=1, weekly_hours=4)),
)
FIVE = ("5x", Size(workers=30))
USUAL = Limits()
LARGE = Limits(weeks=30, each=4, whole=70)
HEAD = ("Case", "Greedy", "Two-stage", "Better", "Bound", "Gap", "Wall", "CPU", "Faults", "Without")


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    name: str
    first: Plan
    best: Plan
    wall: float
    cpu: float
    faults: int
    without: tuple[int, int]

    def cells(self) -> list[str]:
        """Return what stands in its columns."""
        first, best, bound = self.first.total, self.best.total, self.best.bound or 0
        return [
            self.name,
            f"{first:,}",
            f"{best:,}",
            f"{100 * (first - best) / first:.1f}%",
            f"{bound:,}",
            f"{100 * (best - bound) / bound:.1f}%" if bound else "-",
            f"{self.wall:.0f} s",
            f"{self.cpu:.0f} s",
            str(self.faults),
            "{} -> {}".format(*self.without),
        ]


def places(path: Path | None) -> list[str]:
    """Return where the schools are, as districts of the invented town.

    The largest kecamatan is the centre, where the office is, and so on by size.
    """
    if path is None:
        return [name for name, share in SHARES.items() for _one in range(share)]
    with path.open(encoding="utf-8-sig", newline="") as file:
        found = [row.get("kecamatan_code") or row["kecamatan"] for row in csv.DictReader(file)]
    names = dict(zip([each for each, _n in Counter(found).most_common()], SHARES, strict=False))
    return [names[each] for each in found]


def measured(name: str, size: Size, districts: list[str], limits: Limits) -> Line:
    """Plan for one town."""
    planned = town(replace(size, schools=len(districts)), districts)
    wall, cpu = time.perf_counter(), time.process_time()
    first = solving.quickly(planned)
    with quietly():
        best = solving.thoroughly(planned, first, limits)
    return Line(
        name,
        first,
        best,
        time.perf_counter() - wall,
        time.process_time() - cpu,
        len(check(planned, best.solution)),
        tuple(len(planned.items) - len(plan.solution) for plan in (first, best)),
    )


@contextmanager
def quietly() -> Iterator[None]:
    """Keep what the engines say to themselves off the screen."""
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("schools", nargs="?", type=Path, help="a register of schools as CSV")
    parser.add_argument("--large", action="store_true", help="five towns in one as well")
    asked = parser.parse_args()
    districts = places(asked.schools)
    print(f"{len(districts)} schools")
    print("| " + " | ".join(HEAD) + " |")
    print("|" + "---|" * len(HEAD))
    for name, size in CASES:
        line = measured(name, size, districts, USUAL)
        print("| " + " | ".join(line.cells()) + " |", flush=True)
    if asked.large:
        line = measured(*FIVE, districts * 5, LARGE)
        print("| " + " | ".join(line.cells()) + " |", flush=True)


if __name__ == "__main__":
    main()
