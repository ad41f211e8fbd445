"""Bringing a backup back: first it is looked through, then laid in, then compared.

Whoever calls this offers an empty database with the schema of the backup's time and decides what
the transaction comes to; until then nothing here lasts but uploads, which `Uploads.undo` takes out.
"""

from __future__ import annotations

import hmac
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from pyrage.x25519 import Identity  # type: ignore[import-untyped]
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from portal.core import audit, crypto, files, snapshots
from portal.core.crypto import UndecipherableError, UnknownKeyError
from portal.core.files import Store, StoredFile
from portal.core.retention import DamagedLedgerError, ledger
from portal.core.snapshots import Kind, Tally
from portal.operations.actions import archives
from portal.operations.actions.archives import Manifest, Part, UnreadableBackupError
from portal.operations.actions.backups import Progress, unseen

# Of each encrypted column so many texts are opened, spread over all rows.
SAMPLES = 50
# The place of an upload's bytes, as `core.files` names it.
CONTENT = "content"


@dataclass(frozen=True)
class Archive:
    """A backup that was looked through: it is whole, and this portal made it."""

    path: Path
    identities: Sequence[Identity]
    manifest: Manifest


@dataclass
class Findings:
    """What was brought back and tried."""

    rows: int = 0
    files: int = 0
    # Encrypted texts that were opened.
    texts: int = 0
    ledger: bytes = b""


def open_archive(path: Path, identities: Sequence[Identity]) -> Archive:
    """Look a whole backup through; raises UnreadableBackupError and KeyRingError."""
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    uploads = Tally()
    rest: dict[str, bytes] = {}
    for name, content in archives.members(path, identities):
        if name.startswith(archives.TABLES):
            for line in content.splitlines():
                tallies[_table_of(name)].add(line)
        elif name.startswith(archives.FILES):
            uploads.add(archives.file_line(name.removeprefix(archives.FILES), content))
        else:
            rest[name] = content
    manifest = _sealed_manifest(rest)
    found = {name: (tally.count, tally.digest) for name, tally in tallies.items()}
    whole = (
        found == {part.table.name: (part.rows, part.digest) for part in manifest.parts if part.rows}
        and (uploads.count, uploads.digest) == (manifest.files, manifest.files_digest)
        and archives.digest_of(rest.get(archives.LEDGER, b"")) == manifest.ledger_digest
    )
    if not whole:
        raise UnreadableBackupError("The backup does not hold what its list says. Take another.")
    return Archive(path, identities, manifest)


def _table_of(name: str) -> str:
    return name.removeprefix(archives.TABLES).partition("/")[0]


def _sealed_manifest(rest: dict[str, bytes]) -> Manifest:
    try:
        content, seal = rest[archives.MANIFEST], rest[archives.SEAL]
    except KeyError as error:
        raise UnreadableBackupError("This is no backup of the portal.") from error
    if not hmac.compare_digest(seal, archives.seal_of(content)):
        raise UnreadableBackupError(
            "This key ring does not belong to this backup. Bring the ring of the portal that made "
            "it to where PORTAL_KEY_RING points. If it is that one, somebody else made the file."
        )
    return Manifest.from_json(content)


@dataclass
class Uploads:
    """The store that uploads are brought back to."""

    store: Store
    put: list[str] = field(default_factory=list)

    def keep(self, record: StoredFile, token: bytes) -> None:
        """Put an upload where it belongs, unless it lies there and opens.

        What lies there may be under a newer key than the backup's; raises UnreadableBackupError
        where that key is missing.
        """
        try:
            files.read(self.store, record)
        except FileNotFoundError:
            self.store.put(record.public_id, token)
            self.put.append(record.public_id)
        except UnknownKeyError as error:
            raise UnreadableBackupError(
                f"The upload {record.public_id} lies in the store already, and {error}. It was "
                "left as it is. Bring the newer key ring, or move that file out of the store."
            ) from error
        except UndecipherableError:
            # It is damaged, and mended for good: `undo` must not take it away.
            self.store.put(record.public_id, token)

    def undo(self) -> None:
        """Take out again what was put in."""
        while self.put:
            self.store.delete(self.put.pop())


def nowhere(_record: StoredFile, _token: bytes) -> None:
    """Keep an upload nowhere; that it opens was seen."""


Keep = Callable[[StoredFile, bytes], None]


def lay_in(
    connection: Connection, archive: Archive, keep: Keep = nowhere, progress: Progress = unseen
) -> Findings:
    """Fill a database within its open transaction and compare it with the backup, row by row.

    Raises UnreadableBackupError, UnfitRowError, StoreUnavailableError.
    """
    parts = {part.table.name: part for part in archive.manifest.parts}
    _refuse_unknown(connection, parts)
    snapshots.clear(connection, [part.table for part in archive.manifest.parts])
    sampler, findings = _Sampler(), Findings()
    for name, content in archives.members(archive.path, archive.identities):
        if name.startswith(archives.TABLES):
            part = parts[_table_of(name)]
            rows = [part.table.unpack(line) for line in content.splitlines()]
            snapshots.write(connection, part.table, rows)
            sampler.look(part, rows)
            findings.rows += len(rows)
            progress(len(rows))
        elif name.startswith(archives.FILES):
            record = _record_of(connection, name.removeprefix(archives.FILES))
            _try_file(parts[StoredFile.__tablename__], record, content)
            keep(record, content)
            findings.files += 1
        elif name == archives.LEDGER:
            findings.ledger = content
    findings.texts = sampler.opened.total()
    _compare(connection, archive.manifest)
    return findings


def _refuse_unknown(connection: Connection, parts: dict[str, Part]) -> None:
    present = {table.name: set(table.columns) for table in snapshots.tables(connection)}
    for name, part in parts.items():
        if present.get(name) != set(part.table.columns):
            raise UnreadableBackupError(
                f"The table {name} of the backup does not fit this version of the portal."
            )


def _compare(connection: Connection, manifest: Manifest) -> None:
    for part in manifest.parts:
        tally = snapshots.tally(connection, part.table)
        if (tally.count, tally.digest) != (part.rows, part.digest):
            raise UnreadableBackupError(
                f"What was written to the table {part.table.name} came back changed."
            )


@dataclass
class _Sampler:
    """Opens encrypted texts here and there; the first of each column in any case."""

    opened: Counter[tuple[str, str]] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)

    def look(self, part: Part, rows: Sequence[dict[str, Any]]) -> None:
        """Open some texts of these rows; raises UnreadableBackupError."""
        name, columns = part.table.name, part.table.columns
        sealed = [column for column, kind in columns.items() if kind is Kind.SEALED]
        step = max(1, part.rows // SAMPLES)
        for row in rows if sealed else ():
            self.seen[name] += 1
            for column in sealed:
                wanted = not self.opened[name, column] or self.seen[name] % step == 0
                if wanted and row[column] is not None:
                    _open(name, column, row["id"], row[column])
                    self.opened[name, column] += 1


def _open(table: str, column: str, row_id: UUID, token: bytes) -> None:
    try:
        crypto.ring().decrypt(crypto.place_of(table, column, row_id), token)
    except UndecipherableError as error:
        raise UnreadableBackupError(
            f"The key ring does not open what is encrypted in {table}.{column} ({error}). "
            "Bring the ring of the time the backup was made, with all its older keys."
        ) from error


def _record_of(connection: Connection, public_id: str) -> StoredFile:
    known = select(StoredFile.id).where(StoredFile.public_id == public_id)
    return StoredFile(id=connection.execute(known).scalar_one(), public_id=public_id)


def _try_file(part: Part, record: StoredFile, token: bytes) -> None:
    # Version 0.1 kept uploads, and their names, in plain.
    if part.table.columns["name"] is Kind.SEALED:
        _open(part.table.name, CONTENT, record.id, token)


def check_trail(session: Session, head: str) -> None:
    """Walk the whole trail, to where the backup says it ends; raises UnreadableBackupError."""
    broken = audit.verify(session, head or None)
    if broken or (head and audit.head(session) != head):
        raise UnreadableBackupError(
            "The trail that was brought back does not hold"
            + (f" at entry {broken.seq}." if broken else ": it ends elsewhere.")
            + " Take an earlier backup, and keep this one for whoever looks into it."
        )


def merge_ledger(copy: bytes, path: Path) -> int:
    """Add to the ledger what only the backup's copy tells of, and return how many lines.

    Raises DamagedLedgerError where the ledger at `path` was changed; a copy that was changed before
    the backup was made tells nothing, but the restored table knows all of its erasures.
    """
    known = {line.key for line in ledger.read(path)}
    with tempfile.TemporaryDirectory(prefix="portal-restore-") as folder:
        other = Path(folder) / "erasures.log"
        other.write_bytes(copy)
        try:
            missing = [line for line in ledger.read(other) if line.key not in known]
        except DamagedLedgerError:
            return 0
    if missing:
        ledger.append(path, missing)
    return len(missing)
