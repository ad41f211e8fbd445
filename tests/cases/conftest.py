"""What tests of cases begin with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from tests.builders import Builder
from tests.cases.casework import Casework, casework
from tests.cases.story import BEGINNING, Story, begin


@pytest.fixture
def work(build: Builder) -> Casework:
    """Return an office that works on cases."""
    return casework(build)


@pytest.fixture
def reading(build: Builder) -> Iterator[Session]:
    """Return a session that only reads; what was committed since shows after a rollback."""
    with build.database.reader() as session:
        yield session


@pytest.fixture
def story(app: Flask, build: Builder) -> Iterator[Story]:
    """Return an office on a Monday morning, in which a whole case is told."""
    with time_machine.travel(BEGINNING) as traveller:
        yield begin(app, build, traveller)
