"""Long random walks over cases, on both engines: nothing illegal comes of any order of steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases.stateful.town import postgresql_town, sqlite_town
from tests.cases.stateful.walk import walk_through
from tests.recycling import Recycled

pytestmark = pytest.mark.drill

# Ten times the steps that every run of the tests takes.
WALKS, STEPS = 80, 80


def test_for_long(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    town = sqlite_town(sqlite_template, tmp_path_factory.mktemp("town"))
    walk_through(town, walks=WALKS, steps=STEPS)


def test_for_long_on_postgresql(postgresql_databases: Recycled) -> None:
    name = postgresql_databases.take_new()
    walk_through(postgresql_town(postgresql_databases.server, name), walks=WALKS, steps=STEPS)
    postgresql_databases.throw_away(name)
