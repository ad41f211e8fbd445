"""What property tests share: a database made once, because each example needs one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from portal.core.db import connect


@pytest.fixture(scope="module")
def shared_session(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Session]:
    """Return a writing session for all examples of a module; nothing is ever committed."""
    path = tmp_path_factory.mktemp("shared") / "portal.db"
    shutil.copy(sqlite_template, path)
    database = connect(f"sqlite:///{path}")
    with database.writer() as session:
        yield session
        session.rollback()
    database.dispose()
