"""What tests of cases begin with."""

from __future__ import annotations

import pytest

from tests.builders import Builder
from tests.cases.casework import Casework, casework


@pytest.fixture
def work(build: Builder) -> Casework:
    """Return an office that works on cases."""
    return casework(build)
