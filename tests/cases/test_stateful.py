"""Whatever people do with cases, in whatever order, nothing illegal ever comes of it.

After every step of a random walk the whole database is compared with a second account of the walk,
which knows the rules by heart and asks the portal nothing (`stateful/ledger.py`).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases.stateful.town import postgresql_town, sqlite_town
from tests.cases.stateful.walk import walk_through
from tests.recycling import Recycled


def test_nothing_illegal_comes_of_it(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    town = sqlite_town(sqlite_template, tmp_path_factory.mktemp("town"))
    walk_through(town, walks=10, steps=40)


@pytest.mark.postgres
def test_nothing_illegal_comes_of_it_on_postgresql(postgresql_databases: Recycled) -> None:
    name = postgresql_databases.take_new()
    town = postgresql_town(postgresql_databases.server, name)
    walk_through(town, walks=3, steps=40)
    postgresql_databases.throw_away(name)
