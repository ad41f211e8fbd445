"""Databases to restore into, keys to do so with, and the operator's commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pyrage.x25519 import Identity

from portal.cli import main
from portal.config import Settings
from portal.core import crypto, retention
from portal.core.db import Database, connect
from portal.core.schedule import Workshop
from tests.conftest import ENGINES, _fresh_database, settings_for
from tests.test_cli import environment

# For tests of what is more likely to go wrong there.
on_postgresql = pytest.mark.parametrize("settings", ENGINES[1:], indirect=True)


@dataclass(frozen=True)
class Machine:
    """A portal's folders and variables, and its commands."""

    settings: Settings

    def run(self, *arguments: str | Path, **env: str) -> Result:
        """Run `portal` as this machine's operator."""
        result = CliRunner().invoke(
            main,
            [str(each) for each in arguments],
            env={
                **environment(self.settings),
                "PORTAL_STORAGE_URL": self.settings.storage_url,
                "PORTAL_BACKUP_URL": self.settings.backup_url,
                "PORTAL_BACKUP_RECIPIENTS": " ".join(self.settings.backup_recipients),
                **env,
            },
        )
        # An exception of ours that nobody caught would be a traceback at the console.
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def done(self, *arguments: str | Path, **env: str) -> str:
        """Run a command that must succeed and return what it said."""
        result = self.run(*arguments, **env)
        assert result.exit_code == 0, result.output
        return result.output

    def backups(self) -> list[Path]:
        """Return everything in the folder of backups."""
        return sorted(Path(self.settings.backup_url).iterdir())


@pytest.fixture
def offline(tmp_path: Path) -> Path:
    """Return the file with the secret key that no server has."""
    path = tmp_path / "secret-key.txt"
    path.write_text(f"# made for a test\n{Identity.generate()}\n")
    return path


@pytest.fixture
def machine(settings: Settings, offline: Path, tmp_path: Path) -> Iterator[Machine]:
    """Return a portal that is set up for backups."""
    identity = Identity.from_str(offline.read_text().splitlines()[1])
    ring = crypto.ring().path
    yield Machine(
        replace(
            settings,
            backup_url=str(tmp_path / "backups"),
            backup_recipients=(str(identity.to_public()),),
        )
    )
    crypto.use(ring)
    retention.use(tmp_path / retention.FILE_NAME)


@pytest.fixture
def shop(machine: Machine, database: Database) -> Workshop:
    """Return what jobs of that portal work with."""
    return Workshop(database, machine.settings)


@pytest.fixture
def fresh_database(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[str], Database]]:
    """Return a maker of further migrated databases, of any engine."""
    with ExitStack() as stack:

        def make(engine: str) -> Database:
            folder = tmp_path / "other"
            folder.mkdir(exist_ok=True)
            url = stack.enter_context(_fresh_database(engine, request, folder))
            database = connect(url)
            stack.callback(database.dispose)
            return database

        yield make


def url_of(database: Database) -> str:
    """Return the address of a database, password included."""
    return database.writing.url.render_as_string(hide_password=False)


def other_machine(folder: Path, database_url: str, **more: str) -> Machine:
    """Return a machine with folders of its own and the same key ring."""
    folder.mkdir(exist_ok=True)
    return Machine(replace(settings_for(folder, database_url), **more))


def other_engine(database: Database) -> str:
    """Return the engine that a database is not on."""
    name = database.writing.dialect.name
    return "sqlite" if name == "postgresql" else "postgresql"
