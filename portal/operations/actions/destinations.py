"""Where backups lie: a folder or a bucket, each backup whole or not there at all."""

from __future__ import annotations

import mmap
import re
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import cast

from portal.config import ConfigurationError, Settings
from portal.core import clock
from portal.core.files import FolderStore, Store, StoreUnavailableError, store_from
from portal.core.files.stores import UNFINISHED, settle

NAME = re.compile(r"portal-(\d{8}T\d{6}Z)\.backup\.age")
MOMENT = "%Y%m%dT%H%M%SZ"
# The last hours matter most; of the days before, the last backup of each is enough.
KEPT_ALL = timedelta(days=2)
# Longer than writing one takes.
LEFTOVER = timedelta(days=1)


def name_of(moment: datetime) -> str:
    """Return what a backup made at a moment is called."""
    return f"portal-{moment.astimezone(UTC).strftime(MOMENT)}.backup.age"


def moment_of(name: str) -> datetime | None:
    """Return when a backup was made, by its name; None for any other file."""
    found = NAME.fullmatch(name)
    return datetime.strptime(found[1], MOMENT).replace(tzinfo=UTC) if found else None


def destination(url: str, settings: Settings) -> Store:
    """Return the place at an address; raises ConfigurationError."""
    if not url:
        raise ConfigurationError(
            "PORTAL_BACKUP_URL is not set. Write a folder, file:///folder or s3://bucket/prefix: "
            "best on another machine, and of its own."
        )
    try:
        return store_from(url, settings.data_dir)
    except ConfigurationError as error:
        # It speaks of uploads, which may lie in a store of the same kinds.
        text = str(error).replace("PORTAL_STORAGE_URL", "PORTAL_BACKUP_URL")
        raise ConfigurationError(text) from error


@contextmanager
def new_backup(place: Store, name: str) -> Iterator[Path]:
    """Offer a path to write to; what lies there at the end becomes the backup, in one step.

    Raises StoreUnavailableError. Whatever happens, nothing half-written bears the name.
    """
    with _answering(place), _workplace(place) as folder:
        unfinished = folder / f"{name}.{secrets.token_hex(8)}{UNFINISHED}"
        try:
            yield unfinished
            _hand_over(place, unfinished, name)
        finally:
            unfinished.unlink(missing_ok=True)


@contextmanager
def _answering(place: Store) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        kind = error.strerror or type(error).__name__
        raise StoreUnavailableError(f"{place.address} cannot be used: {kind}.") from error


@contextmanager
def _workplace(place: Store) -> Iterator[Path]:
    """Offer the folder itself, so that a move suffices; for a bucket one that goes again."""
    if isinstance(place, FolderStore):
        place.folder.mkdir(parents=True, exist_ok=True)
        _sweep(place.folder)
        yield place.folder
        return
    with tempfile.TemporaryDirectory(prefix="portal-backup-") as name:
        yield Path(name)


def _sweep(folder: Path) -> None:
    """Remove what a backup left behind that was broken off, by a power cut for example."""
    before = (clock.now() - LEFTOVER).timestamp()
    for path in folder.glob(f"portal-*.backup.age.*{UNFINISHED}"):
        if path.stat().st_mtime < before:
            path.unlink(missing_ok=True)


def _hand_over(place: Store, unfinished: Path, name: str) -> None:
    if isinstance(place, FolderStore):
        unfinished.replace(place.path_of(name))
        settle(place.folder)
        return
    # Read from the disk as it is sent, never as a whole.
    with (
        unfinished.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        place.put(name, cast(bytes, content))


@contextmanager
def fetched(place: Store, name: str) -> Iterator[Path]:
    """Offer a backup as a file of this machine; raises StoreUnavailableError, FileNotFoundError."""
    if isinstance(place, FolderStore):
        yield place.path_of(name)
        return
    with tempfile.TemporaryDirectory(prefix="portal-backup-") as folder:
        path = Path(folder) / name
        path.write_bytes(place.get(name))
        yield path


def remove_old(place: Store, keep_days: int) -> int:
    """Remove backups that need not be kept any longer and return how many.

    The newest stays however old it is. Whatever bears another name is left alone.
    """
    gone = outdated(place.names(), clock.now(), keep_days)
    for name in gone:
        place.delete(name)
    return len(gone)


def outdated(names: Iterable[str], moment: datetime, keep_days: int) -> list[str]:
    """Return which backups may go: too old ones, and after two days all but each day's last."""
    made = sorted(
        ((at, name) for name in names if (at := moment_of(name)) is not None), reverse=True
    )
    gone: list[str] = []
    days: set[date] = set()
    for number, (at, name) in enumerate(made):
        age, day = moment - at, clock.day_of(at)
        spent = age > timedelta(days=keep_days) or (age > KEPT_ALL and day in days)
        if number and spent:
            gone.append(name)
        days.add(day)
    return gone
