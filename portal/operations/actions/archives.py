"""The file a backup is: a tar stream, encrypted with age.

    tables/visit/000001.jsonl     rows as lines (core.snapshots), a thousand at a time
    files/<name>                  uploads, encrypted as they lie in the store
    erasures.log                  the ledger of what was erased
    manifest.json, manifest.seal  what there must be, sealed with the portal's key ring

`age -d -i KEYFILE FILE | tar -x` opens it without this portal. The seal is there because anybody
can encrypt to a public key: only whoever holds the key ring can make a manifest that restores.
"""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyrage  # type: ignore[import-untyped]
from pyrage.x25519 import Identity, Recipient  # type: ignore[import-untyped]

from portal.core import crypto
from portal.core.snapshots import Kind, Table

FORMAT = 1
TABLES, FILES = "tables/", "files/"
LEDGER, MANIFEST, SEAL = "erasures.log", "manifest.json", "manifest.seal"
BLOCK = 512
PIECE = 1 << 16


class UnreadableBackupError(Exception):
    """A file is no whole backup of this portal; the text says what is wrong and what to do."""


@dataclass(frozen=True)
class Part:
    """What a backup holds of one table."""

    table: Table
    rows: int
    digest: str


@dataclass(frozen=True)
class Manifest:
    """What there must be in a backup."""

    # Of the portal, and of its database's schema.
    version: str
    revision: str
    # In UTC, as ISO 8601.
    made_at: str
    engine: str
    # In the order in which rows can be inserted.
    parts: Sequence[Part]
    # Where the trail ended: `number:seal`, or nothing where there was none.
    head: str
    files: int
    files_digest: str
    ledger_digest: str

    @property
    def rows(self) -> int:
        """Return how many rows there are in all."""
        return sum(part.rows for part in self.parts)

    def to_json(self) -> bytes:
        """Return what is written into the file."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1).encode("ascii")

    @staticmethod
    def from_json(content: bytes) -> Manifest:
        """Read it; raises UnreadableBackupError where a newer portal wrote it."""
        held: dict[str, Any] = json.loads(content)
        if held.pop("format") != FORMAT:
            raise UnreadableBackupError(
                "A newer version of the portal made this backup. Restore it with that version."
            )
        parts = [_part_of(each) for each in held.pop("parts")]
        return Manifest(parts=parts, **held)


def _part_of(held: dict[str, Any]) -> Part:
    columns = {name: Kind(kind) for name, kind in held["table"]["columns"].items()}
    return Part(Table(held["table"]["name"], columns), held["rows"], held["digest"])


def seal_of(manifest: bytes) -> bytes:
    """Return what only the holder of the key ring can say of a manifest."""
    return crypto.ring().seal("audit", b"backup\x00" + manifest).hex().encode("ascii")


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of a content as hexadecimal characters."""
    return hashlib.sha256(content).hexdigest()


def file_line(name: str, token: bytes) -> bytes:
    """Return what is summed up of a file."""
    return f"{name} {digest_of(token)}".encode()


def member(name: str, content: bytes) -> bytes:
    """Return one file of a tar stream."""
    head = tarfile.TarInfo(name)
    head.size, head.mode = len(content), 0o600
    return head.tobuf(tarfile.PAX_FORMAT) + content + bytes(-len(content) % BLOCK)


def end() -> bytes:
    """Return the end of a tar stream."""
    return bytes(2 * BLOCK)


class _Pulled:
    """A stream of pieces that are made while somebody reads it."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces = pieces
        self.rest = b""
        # age passes on no more than the text of an error.
        self.problem: BaseException | None = None

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most so many; nothing at the end."""
        try:
            while not self.rest:
                self.rest = next(self.pieces)
        except StopIteration:
            return b""
        except BaseException as error:
            self.problem = error
            raise
        answer, self.rest = self.rest[:size], self.rest[size:]
        return answer


class _Poured:
    """A file that remembers why it could not be written."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.problem: BaseException | None = None

    def write(self, content: bytes) -> int:
        """Write bytes."""
        try:
            return self.file.write(content)
        except BaseException as error:
            self.problem = error
            raise

    def flush(self) -> None:
        """Leave that to the end."""


def encrypt(pieces: Iterator[bytes], path: Path, recipients: Sequence[Recipient]) -> None:
    """Write pieces into a new encrypted file that lasts once this returns.

    Raises what making the pieces raises, and OSError; what is written by then has no use.
    """
    with path.open("xb") as file:
        source, sink = _Pulled(pieces), _Poured(file)
        try:
            pyrage.encrypt_io(source, sink, recipients)
        except Exception as error:
            raise (source.problem or sink.problem or error) from None
        file.flush()
        os.fsync(file.fileno())


def members(path: Path, identities: Sequence[Identity]) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of everything in a backup; raises UnreadableBackupError.

    Nothing of it is ever written to a disk. What is yielded is as it was encrypted; that nothing is
    missing shows at the end.
    """
    read_end, write_end = os.pipe()
    problems: list[Exception] = []

    def decrypt() -> None:
        try:
            with open(write_end, "wb") as sink, path.open("rb") as source:
                pyrage.decrypt_io(source, sink, identities)
        except Exception as error:
            problems.append(error)

    worker = threading.Thread(target=decrypt, daemon=True)
    with open(read_end, "rb") as stream:
        worker.start()
        try:
            yield from _untarred(stream)
            while stream.read(PIECE):
                """Whether the end is the end, age tells only there."""
        except tarfile.TarError as error:
            problems.append(error)
    worker.join()
    if problems:
        raise UnreadableBackupError(_why(problems)) from problems[0]


def _untarred(stream: BinaryIO) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for each in archive:
            # It would remember all of them.
            archive.members = []  # type: ignore[attr-defined]
            content = archive.extractfile(each)
            if content is not None:
                yield each.name, content.read()


def _why(problems: list[Exception]) -> str:
    for problem in problems:
        if isinstance(problem, pyrage.DecryptError) and "No matching keys" in str(problem):
            return (
                "This secret key does not open the backup, which was encrypted for other keys. "
                "Bring the one that belongs to PORTAL_BACKUP_RECIPIENTS of the time it was made."
            )
        if isinstance(problem, OSError) and problem.filename:
            return f"The backup cannot be read: {problem.strerror}."
    return (
        "The file is damaged, was cut off, or is no backup of the portal. "
        "Fetch it anew, or take the backup before it."
    )
