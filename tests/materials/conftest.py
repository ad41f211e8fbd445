"""A shelf for the tests of materials."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.core.access import Role
from tests.builders import Builder
from tests.client import PageClient
from tests.materials.shelf import Shelf


@pytest.fixture
def shelf(build: Builder) -> Shelf:
    """Return an empty shelf."""
    return Shelf(build)


@pytest.fixture
def writer(client: PageClient, build: Builder) -> PageClient:
    """Return the browser of a social worker."""
    return client.sign_in(build.user(Role.SOCIAL_WORKER))


@pytest.fixture
def chief(app: Flask, build: Builder) -> PageClient:
    """Return the browser of a coordinator."""
    return PageClient(app).sign_in(build.user(Role.COORDINATOR))
