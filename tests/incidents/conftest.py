"""A desk for the tests of this folder."""

from __future__ import annotations

import pytest

from tests.builders import Builder
from tests.incidents.desk import Desk, set_up


@pytest.fixture
def desk(build: Builder) -> Desk:
    """Return a desk with somebody on duty."""
    return set_up(build)
