"""Where bytes lie under a name: in a folder, or in a bucket of an S3-compatible store."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from portal.config import ConfigurationError
from portal.core.files.outage import StoreUnavailableError

FOLDER_NAME = "files"
# What may stand under a name, so that none leads out of its folder.
NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}")
UNFINISHED = ".new"


class Store(Protocol):
    """Keeps bytes under names; each method but `address` raises StoreUnavailableError."""

    @property
    def address(self) -> str:
        """Return where this is, without credentials."""

    def put(self, name: str, content: bytes) -> None:
        """Keep a content in one step, in place of an earlier one; it lasts once this returns."""

    def get(self, name: str, first: int | None = None) -> bytes:
        """Return a content, or its first so many bytes; raises FileNotFoundError."""

    def size(self, name: str) -> int:
        """Return how many bytes a content has; raises FileNotFoundError."""

    def delete(self, name: str) -> None:
        """Let go of a content, if there is one."""

    def names(self) -> Iterator[str]:
        """Yield every name, a few at a time, in no particular order."""


@dataclass(frozen=True)
class FolderStore:
    """A folder on a disk of this machine, or on one that several machines share."""

    folder: Path

    @property
    def address(self) -> str:
        """Return the folder's path."""
        return str(self.folder)

    def put(self, name: str, content: bytes) -> None:
        """Keep a content: a power cut leaves the earlier one or the new one, never a part."""
        with self._answering():
            path = self.path_of(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            # Of its own name, so that two who write at once do not meet in one file.
            unfinished = path.with_name(f"{name}.{secrets.token_hex(8)}{UNFINISHED}")
            try:
                _write(unfinished, content)
                unfinished.replace(path)
            except BaseException:
                unfinished.unlink(missing_ok=True)
                raise
            settle(path.parent)

    def get(self, name: str, first: int | None = None) -> bytes:
        """Return a content, or its first so many bytes; raises FileNotFoundError."""
        with self._answering(FileNotFoundError), self.path_of(name).open("rb") as file:
            return file.read(-1 if first is None else first)

    def size(self, name: str) -> int:
        """Return how many bytes a content has; raises FileNotFoundError."""
        with self._answering(FileNotFoundError):
            return self.path_of(name).stat().st_size

    def delete(self, name: str) -> None:
        """Let go of a content, if there is one."""
        with self._answering():
            self.path_of(name).unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        """Yield every name; what was broken off while it was written has none."""
        with self._answering():
            if not self.folder.is_dir():
                return
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    if entry.is_file() and not entry.name.endswith(UNFINISHED):
                        yield entry.name

    def path_of(self, name: str) -> Path:
        """Return where a content lies; raises ValueError for what is no name."""
        if not NAME.fullmatch(name):
            raise ValueError("not a name in a store")
        return self.folder / name

    @contextmanager
    def _answering(self, *answers: type[OSError]) -> Iterator[None]:
        try:
            yield
        except answers:
            raise
        except OSError as error:
            kind = error.strerror or type(error).__name__
            raise StoreUnavailableError(
                f"The folder {self.folder} cannot be used: {kind}.", error.errno
            ) from error


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def settle(folder: Path) -> None:
    """Let the names in a folder outlast a power cut; Windows does so by itself."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def store_from(url: str, data_dir: Path) -> Store:
    """Return the store an address names; nothing is asked of it yet.

    `s3://bucket/prefix?endpoint=https://host&region=name`, a path, `file:///path`, or nothing for
    the folder `files` in the data folder. Raises ConfigurationError.
    """
    if not url:
        return FolderStore(data_dir / FOLDER_NAME)
    if url.startswith("s3://"):
        return _bucket(url)
    if url.startswith("file:///"):
        path = unquote(urlsplit(url).path)
        # Windows has `file:///C:/folder`.
        return FolderStore(Path(path[1:] if re.match(r"/[A-Za-z]:", path) else path).resolve())
    if "://" in url or url.startswith("file:"):
        # The address may hold a password, so it is not repeated.
        raise ConfigurationError(
            "PORTAL_STORAGE_URL names no store the portal can use. "
            "Write a folder, file:///folder or s3://bucket/prefix."
        )
    return FolderStore(Path(url).resolve())


def _bucket(url: str) -> Store:
    # The library behind it is large, and loads only where it is used.
    try:
        from portal.core.files.s3 import S3Store
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "An address with s3:// names an S3 store, which needs a part of the portal that is not "
            "installed. Install it with: pip install 'portal-mitra-sekolah[s3]'"
        ) from error
    return S3Store.at(url)
