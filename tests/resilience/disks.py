"""Disks that can be filled to the last byte and emptied again under a running portal."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from portal.config import Settings
from portal.core.db import Database
from tests.conftest import settings_for

MEGABYTES = 48
NO_LIMIT = 1_073_741_823


class Disk(Protocol):
    """Where a portal keeps its things."""

    def fill(self) -> None:
        """Leave no room at all."""

    def free(self) -> None:
        """Make room again."""


class MemoryDisk:
    """A file system of its own, in memory, so small that a file fills it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ballast = folder / "ballast"

    def fill(self) -> None:
        """Write until nothing more fits."""
        with self.ballast.open("wb", buffering=0) as file:
            for size in (1 << 20, 4096, 1):
                try:
                    while file.write(bytes(size)):
                        pass
                except OSError:
                    continue

    def free(self) -> None:
        """Take the ballast away."""
        self.ballast.unlink()


class Pages:
    """The most pages an SQLite file may have; works where nothing can be mounted."""

    def __init__(self) -> None:
        self.most = NO_LIMIT

    def watch(self, database: Database) -> None:
        """Hold every writing connection of a portal to the limit."""
        event.listen(database.writing, "checkout", self._limit)

    def _limit(self, connection: Any, *_about: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {self.most}")

    def fill(self) -> None:
        """Allow no page more than there are."""
        self.most = 1

    def free(self) -> None:
        """Allow as many as ever."""
        self.most = NO_LIMIT


@contextmanager
def memory_disk() -> Iterator[MemoryDisk]:
    """Mount a small disk for a test; skips the test where that is not allowed."""
    mount = shutil.which("mount")
    # Not in pytest's own folder: PostgreSQL runs as somebody else, who may not enter that.
    with tempfile.TemporaryDirectory(prefix="portal-disk-") as name:
        Path(name).chmod(0o755)
        options = ["-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=755", "tmpfs", name]
        if not mount or subprocess.run([mount, *options], capture_output=True).returncode:  # noqa: S603 - fixed words
            pytest.skip("mounting a small disk needs root")
        try:
            yield MemoryDisk(Path(name))
        finally:
            subprocess.run([str(shutil.which("umount")), "-l", name], check=True)  # noqa: S603 - fixed words


@contextmanager
def sqlite_on(disk: MemoryDisk, template: Path) -> Iterator[Settings]:
    """Put a fresh SQLite database and the data folder on a disk."""
    shutil.copy(template, disk.folder / "portal.db")
    yield settings_for(disk.folder, f"sqlite:///{disk.folder / 'portal.db'}")


@contextmanager
def postgresql_on(disk: MemoryDisk, server: sa.URL, cluster: Path) -> Iterator[Settings]:
    """Put a fresh PostgreSQL database and the data folder on a disk."""
    space = disk.folder / "space"
    space.mkdir(mode=0o700)
    owner = cluster.stat()
    shutil.chown(space, owner.st_uid, owner.st_gid)
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection, ExitStack() as stack:
        for make, drop in (
            (f"CREATE TABLESPACE small LOCATION '{space}'", "DROP TABLESPACE small"),
            (
                "CREATE DATABASE small TEMPLATE portal_template TABLESPACE small",
                "DROP DATABASE small WITH (FORCE)",
            ),
        ):
            connection.exec_driver_sql(make)
            stack.callback(connection.exec_driver_sql, drop)
        url = server.set(database="small").render_as_string(hide_password=False)
        yield settings_for(disk.folder, url)
    engine.dispose()
