"""What tests of cases begin with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from tests.builders import Builder
from tests.cases.casework import Casework, casework


@pytest.fixture
def work(build: Builder) -> Casework:
    """Return an office that works on cases."""
    return casework(build)


@pytest.fixture
def reading(build: Builder) -> Iterator[Session]:
    """Return a session that only reads; what was committed since shows after a rollback."""
    with build.database.reader() as session:
        yield session
