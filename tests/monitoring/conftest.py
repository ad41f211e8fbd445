"""What tests of monitoring begin with."""

from __future__ import annotations

import pytest

from tests.builders import Builder
from tests.cases.casework import Casework, casework
from tests.monitoring.classroom import Classroom, classroom


@pytest.fixture
def work(build: Builder) -> Casework:
    """Return an office that works on cases."""
    return casework(build)


@pytest.fixture
def room(work: Casework) -> Classroom:
    """Return a child back at school, with a teacher who is asked for its forms."""
    return classroom(work)
