"""What tests of referrals begin with."""

from __future__ import annotations

import pytest

from tests.builders import Builder
from tests.cases.casework import Casework, casework
from tests.referrals.sending import Referring, referring


@pytest.fixture
def work(build: Builder) -> Casework:
    """Return an office that works on cases."""
    return casework(build)


@pytest.fixture
def refer(work: Casework) -> Referring:
    """Return a case that can be referred."""
    return referring(work)
