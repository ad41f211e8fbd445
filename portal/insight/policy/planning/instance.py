"""What a semester's plan starts from, and what it is: plain data that travels between processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple


class Item(NamedTuple):
    """One session wanted for a school; its first of the plan has the ordinal 1."""

    school: str
    ordinal: int


@dataclass(frozen=True)
class Place:
    """When a session is, and who goes, the leader first."""

    day: date
    start: int
    workers: tuple[str, ...]


Solution = Mapping[Item, Place]


@dataclass(frozen=True)
class Stop:
    """A session that is booked already; the plan goes around it."""

    day: date
    start: int
    end: int
    district: str


@dataclass(frozen=True)
class Worker:
    """A social worker's time."""

    id: str
    # By weekday (0 = Monday): from, until.
    hours: Mapping[int, tuple[int, int]]
    # By Mondays: minutes left for planned sessions and the ways to them.
    minutes: Mapping[date, int]
    leave: tuple[tuple[date, date], ...] = ()
    booked: tuple[Stop, ...] = ()

    def is_away(self, day: date) -> bool:
        """Say whether a day lies in a leave."""
        return any(first <= day <= last for first, last in self.leave)


@dataclass(frozen=True)
class School:
    """A school to be reached, and what decides how early."""

    id: str
    district: str
    # Days with lessons on which nothing forbids a session.
    days: frozenset[date]
    # How heavily each week of waiting weighs for its first session.
    points: int
    wanted: int = 1
    crew: int = 1
    never_served: bool = False
    # Its sessions of the semester that are booked already.
    booked: tuple[Stop, ...] = ()


@dataclass(frozen=True)
class Weights:
    """What a minute on the way counts, and a minute by which one is fuller than another."""

    travel: int = 2
    balance: int = 1


@dataclass(frozen=True)
class Instance:
    """Everything that decides a semester's plan."""

    # Mondays, in order.
    weeks: tuple[date, ...]
    # By day: when sessions may start.
    starts: Mapping[date, tuple[int, ...]]
    minutes: int
    # Minutes that stay free after each session, however short the way.
    pause: int
    # Weeks between two sessions of a school.
    gap_weeks: int
    # The district of the office, where each day begins and ends.
    base: str
    ways: Mapping[tuple[str, str], int]
    workers: tuple[Worker, ...]
    schools: tuple[School, ...]
    locks: Mapping[Item, Place] = field(default_factory=dict)
    # The plan this one changes as little as it can.
    before: Mapping[Item, Place] = field(default_factory=dict)
    weights: Weights = field(default_factory=Weights)

    @cached_property
    def school(self) -> dict[str, School]:
        """Return the schools by their ids."""
        return {school.id: school for school in self.schools}

    @cached_property
    def worker(self) -> dict[str, Worker]:
        """Return the workers by their ids."""
        return {worker.id: worker for worker in self.workers}

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Return all sessions that are wanted."""
        return tuple(
            Item(school.id, ordinal)
            for school in self.schools
            for ordinal in range(1, school.wanted + 1)
        )

    @cached_property
    def week_number(self) -> dict[date, int]:
        """Return the places of the Mondays in the semester, from 0."""
        return {monday: number for number, monday in enumerate(self.weeks)}

    def week_of(self, day: date) -> int:
        """Return the place of a day's week in the semester."""
        return self.week_number[monday_of(day)]


def monday_of(day: date) -> date:
    """Return the Monday of the week a day lies in."""
    return day - timedelta(days=day.weekday())
