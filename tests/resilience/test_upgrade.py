"""From version 0.1 to this one with the real commands: nothing lost, and nothing left in plain."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy import select

from portal import create_app
from portal.cli import main
from portal.config import Settings
from portal.core import crypto, files, retention
from portal.core.db import Database, connect
from portal.core.files import StoredFile
from portal.visits.models import Visit
from tests.client import PageClient
from tests.conftest import ENGINES, KEY_RING, SECRET, settings_for
from tests.resilience.version_0_1 import (
    EMAIL,
    FILES,
    PASSWORD,
    SECRETS,
    Row,
    everything_in,
    leave_behind,
)

# Everybody signs in once more, since sessions know more about themselves now.
EMPTIED = {"sign_in_session"}
# Rewritten by the upgrade itself.
REWRITTEN = {"alembic_version"}


@pytest.fixture(params=ENGINES)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Return settings for an empty database, and a place for a key ring that is not there yet."""
    folder = tmp_path / "data"
    folder.mkdir()
    settings = settings_for(folder, f"sqlite:///{folder / 'portal.db'}")
    settings = replace(settings, key_ring=tmp_path / "keys" / "ring.json")
    settings.key_ring.parent.mkdir()
    if request.param == "sqlite":
        yield settings
    else:
        server: sa.URL = request.getfixturevalue("postgresql_server")
        name = f"old{uuid.uuid4().hex}"
        engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0")
            url = server.set(database=name).render_as_string(hide_password=False)
            yield replace(settings, database_url=url)
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        engine.dispose()
    crypto.use(KEY_RING)
    retention.ledger._path = None


@pytest.fixture
def opened(old: Settings) -> Iterator[Database]:
    """Return the database."""
    database = connect(old.database_url)
    yield database
    database.dispose()


def portal(settings: Settings, *arguments: str) -> str:
    """Run a command as an operator does."""
    crypto._ring = None
    environment = {
        "PORTAL_DATA_DIR": str(settings.data_dir),
        "PORTAL_DATABASE_URL": settings.database_url,
        "PORTAL_KEY_RING": str(settings.key_ring),
        "PORTAL_SECRET_KEY": SECRET,
    }
    result = CliRunner().invoke(main, arguments, env=environment)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_nothing_is_lost_from_version_0_1(old: Settings, opened: Database) -> None:
    before = leave_behind(opened, old.data_dir)
    opened.dispose()
    portal(old, "keys", "create")
    assert "up to date" in portal(old, "upgrade")
    after = everything_in(opened)
    after["stored_file"] = handed_in(after["stored_file"])
    for table in before.keys() - EMPTIED - REWRITTEN:
        assert same(before[table]) == same(after[table], like=before[table]), table
    assert [after[table] for table in EMPTIED] == [[]]
    check_texts_and_files(old, opened, before["visit"][0])
    check_that_people_find_everything(old)
    # Once more changes nothing.
    again = everything_in(opened)
    portal(old, "upgrade")
    assert everything_in(opened) == again


def handed_in(kept: list[Row]) -> list[Row]:
    """Return the files people handed in: others came with the portal's own materials."""
    return [row for row in kept if row["stored_by"] is not None]


def same(rows: list[Row], like: list[Row] | None = None) -> list[str]:
    """Return rows in one order, without what is encrypted now or was dropped or added since."""
    left_out = {*SECRETS, "sha256"} | ({"name"} if "sha256" in (like or rows)[0] else set())
    names = sorted((like or rows)[0].keys() - left_out)
    return sorted(repr([(name, row[name]) for name in names]) for row in rows)


def check_texts_and_files(settings: Settings, database: Database, visit: Row) -> None:
    """Check that everything encrypted reads as it did."""
    store = files.store_from("", settings.data_dir)
    with database.reader() as session:
        found = session.get_one(Visit, visit["id"])
        assert {name: getattr(found, name) for name in SECRETS} == SECRETS
        kept = session.scalars(select(StoredFile).where(StoredFile.stored_by.is_not(None)))
        read = {file.name: (file.media_type, files.read(store, file)) for file in kept}
    assert read == FILES


def check_that_people_find_everything(settings: Settings) -> None:
    """Check that the principal signs in with the password of before."""
    app = create_app(settings)
    client = PageClient(app)
    client.get("/masuk")
    response = client.post("/masuk", {"identifier": EMAIL, "password": PASSWORD})
    assert response.status_code == 303
    assert client.get("/beranda").status_code in {200, 303}
    app.extensions["database"].dispose()


def test_a_thief_finds_nothing_in_plain_afterwards(
    old: Settings, opened: Database, request: pytest.FixtureRequest
) -> None:
    leave_behind(opened, old.data_dir)
    places = [old.data_dir]
    if opened.writing.dialect.name == "postgresql":
        with opened.reading.connect() as connection:
            oid = connection.scalar(
                sa.text("SELECT oid FROM pg_database WHERE datname = current_database()")
            )
        cluster: Path = request.getfixturevalue("postgresql_folder")
        places.append(cluster / "base" / str(oid))
    settle(opened)
    assert plain_texts_in(places) == {*SECRETS, *FILES, "content"}
    portal(old, "keys", "create")
    portal(old, "upgrade")
    settle(opened)
    assert plain_texts_in(places) == set()


def settle(database: Database) -> None:
    """Let the database write everything where it belongs."""
    if database.writing.dialect.name == "postgresql":
        with database.writing.connect() as connection:
            connection.exec_driver_sql("CHECKPOINT")
    database.dispose()


def plain_texts_in(places: list[Path]) -> set[str]:
    """Return the names of the texts that any file below shows in plain."""
    content = b"".join(
        path.read_bytes() for place in places for path in place.rglob("*") if path.is_file()
    )
    found = {name for name, text in SECRETS.items() if text[:20].encode() in content}
    found |= {name for name in FILES if name.encode() in content}
    return found | ({"content"} if b"SMP Rahasia Negara" in content else set())
