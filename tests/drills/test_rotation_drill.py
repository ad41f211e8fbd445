"""A rotation of keys is killed again and again; every text and every file is there afterwards."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.config import Settings
from portal.core import clock, crypto, files, rotation
from portal.core.db import Database, new_id, transaction
from portal.core.drafts import Draft
from portal.core.files import PDF, Store, StoredFile
from tests.conftest import KEY_RING, SECRET
from tests.papers import pdf_bytes

pytestmark = pytest.mark.drill

KILLS = 12
MOST_STARTS = 200
DRAFTS = 3000
FILES = 60
# Before this, a process only reads its modules.
EARLIEST = 0.3


class Operator:
    """`portal keys ...` as a process of its own."""

    def __init__(self, settings: Settings, ring: Path) -> None:
        self.environment = {
            **os.environ,
            "PORTAL_DATA_DIR": str(settings.data_dir),
            "PORTAL_DATABASE_URL": settings.database_url,
            "PORTAL_SECRET_KEY": SECRET,
            "PORTAL_KEY_RING": str(ring),
        }

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start a command."""
        program = [sys.executable, "-c", "from portal.cli import main; main()", "keys", *words]
        return subprocess.Popen(  # noqa: S603 - our own program
            program,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def finish(self, *words: str) -> str:
        """Run a command to its end and return what it says."""
        process = self.start(*words)
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0, said
        return said


@pytest.fixture
def ring(tmp_path: Path) -> Iterator[Path]:
    """Return a copy of the ring, since this test turns it."""
    path = tmp_path / "ring" / "ring.json"
    path.parent.mkdir()
    shutil.copy(KEY_RING, path)
    crypto.use(path)
    yield path
    crypto.use(KEY_RING)


def write(database: Database, store: Store) -> tuple[dict[UUID, str], dict[UUID, bytes]]:
    """Write texts and files and return what they say."""
    drafts = [
        Draft(
            id=new_id(),
            user_id=new_id(),
            page="/x",
            fields=f"Cerita {number} " + "panjang " * random.randrange(60),
            saved_at=clock.now(),
        )
        for number in range(DRAFTS)
    ]
    held = {}
    with database.writer() as session, transaction(session):
        session.add_all(drafts)
        for number in range(FILES):
            content = pdf_bytes() + f"% {number}\n".encode()
            record = files.keep(session, store, f"{number}.pdf", content, frozenset({PDF}))
            held[record.id] = files.read(store, record)
    return {draft.id: draft.fields for draft in drafts}, held


def read(database: Database, store: Store) -> tuple[dict[UUID, str], dict[UUID, bytes]]:
    """Read everything as the portal would."""
    # The rotating process wrote the ring; this one has to look at the file again.
    with database.reader() as session:
        drafts = session.scalars(select(Draft)).all()
        records = session.scalars(select(StoredFile)).all()
        held = {record.id: files.read(store, record) for record in records}
        return {draft.id: draft.fields for draft in drafts}, held


def test_a_killed_rotation_loses_nothing_and_is_finished_by_the_next(
    settings: Settings, database: Database, ring: Path, store: Store
) -> None:
    written = write(database, store)
    operator = Operator(settings, ring)
    began = time.monotonic()
    assert "New key on the ring: k2" in operator.finish("rotate")
    whole = time.monotonic() - began
    killed = 0
    for _start in range(MOST_STARTS):
        process = operator.start("rotate")
        time.sleep(random.uniform(EARLIEST, whole))
        running = process.poll() is None
        process.kill()
        process.communicate()
        current = crypto.load(ring)
        crypto.use(ring)._look_again()
        left = rotation.remaining(database, store)
        assert read(database, store) == written
        # Only a death between the first batch and the last proves something.
        killed += running and 0 < left < DRAFTS + 2 * FILES
        if killed == KILLS:
            break
    assert killed == KILLS
    keys = set(current.keys)
    if rotation.remaining(database, store):
        assert "finished first" in operator.finish("rotate")
    assert set(crypto.load(ring).keys) == keys
    assert rotation.remaining(database, store) == 0
    operator.finish("forget-old", "--yes")
    assert len(crypto.load(ring).keys) == 1
    crypto.use(ring)._look_again()
    assert read(database, store) == written
