"""Counts of schools and their sessions, which can be added."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

# The per cent at which each colour step begins, after "none yet".
STEPS = (1, 50, 75)


@dataclass(frozen=True)
class Tally:
    """What was counted for some schools; tallies of separate schools can be added."""

    schools: int = 0
    reached: int = 0
    never: int = 0
    sessions: int = 0
    first_sessions: int = 0
    confirmed: int = 0
    pupils: int = 0
    adults: int = 0

    def __add__(self, other: Tally) -> Tally:
        return total((self, other))

    @property
    def percent(self) -> int:
        """Return the share reached, rounded down so that it never promises a step too much."""
        if not self.reached:
            return 0
        return max(1, self.reached * 100 // self.schools)

    @property
    def step(self) -> int:
        """Return the colour step: none, below half, below three quarters, or more."""
        return bisect(STEPS, self.percent)

    @property
    def first_share(self) -> float:
        """Return which part of the sessions was the first ever for its school."""
        return self.first_sessions / self.sessions if self.sessions else 0.0

    @property
    def confirmed_share(self) -> float:
        """Return which part of the sessions the schools confirmed."""
        return self.confirmed / self.sessions if self.sessions else 0.0

    def needed(self, target_percent: int) -> int:
        """Return how many schools a target means."""
        return -(-self.schools * target_percent // 100)


NOTHING = Tally()


def total(tallies: Iterable[Tally]) -> Tally:
    """Return the sum of tallies of separate schools."""
    return summed(vars(each).values() for each in tallies)


def summed(figures: Iterable[Iterable[int]]) -> Tally:
    """Return the sum of counts, each in the order of a tally."""
    return Tally(*map(sum, zip(*figures, strict=True)))


@dataclass(frozen=True)
class Coverage:
    """A part of the schools, with a tally per level group."""

    slug: str
    name: str
    cells: Mapping[str, Tally]

    @cached_property
    def tally(self) -> Tally:
        """Return the sum of the cells."""
        return total(self.cells.values())

    def of(self, group: str | None) -> Tally:
        """Return the tally of one level group, or (None) of all."""
        return self.tally if group is None else self.cells.get(group, NOTHING)


@dataclass(frozen=True)
class DistrictCoverage(Coverage):
    """One district, with its place on the tile map (counted from 0)."""

    short_name: str
    row: int
    column: int


@dataclass(frozen=True)
class SubdistrictCoverage(Coverage):
    """One kelurahan, and the district it lies in."""

    district: str
    district_name: str
