"""A November in the middle of a school year, and a small town with something to count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
import time_machine
from time_machine import Traveller

from portal.core.access import Role
from portal.people.models import User
from portal.schools.models import Level, School
from tests.builders import Builder

# A Monday, 09.41 in Metro.
NOW = datetime(2026, 11, 23, 2, 41, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now() -> Iterator[Traveller]:
    """Stop the clock; a test may move it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@dataclass(frozen=True)
class Town:
    """Schools in different standing, and the people who look at them."""

    reached_partner: School
    reached: School
    last_year: School
    never_partner: School
    never: School
    closed: School
    coordinator: User


@pytest.fixture
def town(build: Builder) -> Town:
    """Return five open schools: two reached, one last year, two never; and a closed one."""
    worker = build.worker("Peksos Contoh")
    town = Town(
        reached_partner=build.school("SMP Satu", district="18.72.01"),
        reached=build.school("SD Dua", district="18.72.02", level=Level.SD),
        last_year=build.school("MI Tiga", district="18.72.02", level=Level.MI),
        never_partner=build.school("=1+1", district="18.72.05", level=Level.SMK),
        never=build.school("SMP Lima", district="18.72.01"),
        closed=build.school("SMP Tutup", active=False),
        coordinator=build.user(Role.COORDINATOR, name="Yuni Contoh"),
    )
    for school in (town.reached_partner, town.never_partner):
        build.mou(school, signed_on=date(2025, 7, 9), valid_until=date(2028, 6, 30))
    build.delivered(town.reached_partner, worker, date(2026, 8, 4), girls=30, boys=20, adults=3)
    build.delivered(town.reached_partner, worker, date(2026, 9, 8), girls=10, boys=5, adults=1)
    build.delivered(town.reached, worker, date(2026, 10, 6), girls=40, boys=41, adults=0)
    build.delivered(town.last_year, worker, date(2026, 3, 3))
    build.delivered(town.closed, worker, date(2026, 8, 18))
    return town
