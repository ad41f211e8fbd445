"""A shelf for the tests of materials."""

from __future__ import annotations

import pytest

from tests.builders import Builder
from tests.materials.shelf import Shelf


@pytest.fixture
def shelf(build: Builder) -> Shelf:
    """Return an empty shelf."""
    return Shelf(build)
