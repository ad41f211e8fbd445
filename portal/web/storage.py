"""Where routes find the files that people handed in."""

from __future__ import annotations

from typing import cast

from flask import current_app

from portal.core.files import Store


def store() -> Store:
    """Return the application's store of files."""
    return cast(Store, current_app.extensions["store"])
