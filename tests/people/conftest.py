"""A stopped clock and a school, for tests about people."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from time_machine import Traveller

from portal.core.access import Role
from portal.people.models import User
from portal.schools.models import School
from tests.builders import Builder
from tests.people.doors import NOW


@pytest.fixture
def now() -> Iterator[Traveller]:
    """Stop the clock; a test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def school(build: Builder) -> School:
    """Return the school most of this is about."""
    return build.school("SMP Sendiri")


@pytest.fixture
def principal(build: Builder, school: School) -> User:
    """Return its principal."""
    return build.user(Role.PRINCIPAL, school, name="Ibu Kepala")


@pytest.fixture
def teacher(build: Builder, school: School) -> User:
    """Return one of its teachers, who has no second proof."""
    return build.user(Role.TEACHER, school, name="Dedi Guru")
