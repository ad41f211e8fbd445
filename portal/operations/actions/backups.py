"""Making a backup: rows, uploads and the ledger of one moment, for the holders of offline keys.

Whoever makes it can write and not read: the secret keys lie elsewhere, and so does the key ring,
which is never part of a backup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pyrage  # type: ignore[import-untyped]
from pyrage.x25519 import Recipient  # type: ignore[import-untyped]
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from portal import features
from portal.config import ConfigurationError, Settings
from portal.core import audit, clock, files, retention, settings, snapshots
from portal.core.files import Store, StoredFile
from portal.core.schedule import Workshop
from portal.core.snapshots import Table, Tally
from portal.operations.actions import archives, destinations
from portal.operations.actions.archives import Manifest, Part

DISTRIBUTION = "portal-mitra-sekolah"
# Those of the core; each feature has its `models`.
MODELS = (
    "audit",
    "drafts",
    "duties",
    "files",
    "limits",
    "links",
    "receipts",
    "retention",
    "schedule",
    "settings",
)

Progress = Callable[[int], None]


def unseen(_count: int) -> None:
    """Tell nobody how far it has come."""


@dataclass(frozen=True)
class Made:
    """A backup that was made, and where."""

    name: str
    address: str
    size: int
    manifest: Manifest
    # Uploads the database knows and the store has not.
    lost: Sequence[str]
    # Older backups that went.
    removed: int


def know_every_table() -> None:
    """Import all models: a table nobody knows of would be missing from a backup."""
    for name in MODELS:
        import_module(f"portal.core.{name}")
    for feature in features.NAMES:
        if find_spec(f"portal.{feature}.models"):
            import_module(f"portal.{feature}.models")


def is_configured(operator: Settings) -> bool:
    """Say whether there is a place for backups and somebody who can open them.

    Raises ConfigurationError where only one of both is set.
    """
    if not operator.backup_url and not operator.backup_recipients:
        return False
    require_configured(operator)
    return True


def require_configured(operator: Settings) -> tuple[Store, list[Recipient]]:
    """Return where backups go and who can open them; raises ConfigurationError."""
    readers = _recipients(operator)
    return destinations.destination(operator.backup_url, operator), readers


def _recipients(operator: Settings) -> list[Recipient]:
    if not operator.backup_recipients:
        raise ConfigurationError(
            "PORTAL_BACKUP_RECIPIENTS is not set: nobody could open the backup, and unencrypted "
            "it must not lie about. Make a pair of keys with: portal backup keygen"
        )
    try:
        return [Recipient.from_str(text) for text in operator.backup_recipients]
    except pyrage.RecipientError as error:
        # It might be the secret half, so it is not repeated.
        raise ConfigurationError(
            "PORTAL_BACKUP_RECIPIENTS takes public keys of age, each beginning with age1. "
            "The secret key (AGE-SECRET-KEY-...) must not be on this machine at all."
        ) from error


def make(shop: Workshop, also: Sequence[Recipient] = (), progress: Progress = unseen) -> Made:
    """Make a backup at PORTAL_BACKUP_URL and remove those that are too old.

    `also` can open it besides the configured recipients. Raises ConfigurationError,
    StoreUnavailableError, KeyRingError.
    """
    know_every_table()
    place, readers = require_configured(shop.settings)
    name = destinations.name_of(clock.now())
    stream = _Stream(shop, progress)
    with destinations.new_backup(place, name) as path:
        archives.encrypt(stream.pieces(), path, [*readers, *also])
        size = path.stat().st_size
    with shop.database.reader() as session:
        lost = [each for each in stream.missing if _is_known(session, each)]
        keep_days = settings.read(session)["keep_backups_days"]
    removed = destinations.remove_old(place, keep_days)
    return Made(name, place.address, size, stream.manifest, lost, removed)


def _is_known(session: Session, public_id: str) -> bool:
    # An upload that was discarded while the backup was made is no loss.
    return (
        session.scalar(select(StoredFile.id).where(StoredFile.public_id == public_id)) is not None
    )


@dataclass
class _Stream:
    """A portal as the pieces of a tar stream, made while they are read."""

    shop: Workshop
    progress: Progress
    parts: list[Part] = field(default_factory=list)
    files: Tally = field(default_factory=Tally)
    missing: list[str] = field(default_factory=list)
    # There once all pieces are made.
    manifest: Manifest = field(init=False)

    def pieces(self) -> Iterator[bytes]:
        """Yield everything, at last the manifest."""
        store = files.store_from(self.shop.settings.storage_url, self.shop.settings.data_dir)
        # What is committed later than this is not in it for sure.
        begun = clock.now()
        with snapshots.snapshot(self.shop.database) as connection:
            revision = snapshots.revision(connection)
            if revision is None:
                raise ConfigurationError(
                    "This database has no tables, so there is nothing to back up. "
                    "Does PORTAL_DATABASE_URL name the right one?"
                )
            for table in snapshots.tables(connection):
                yield from self._rows(connection, table)
            with Session(connection) as session:
                yield from self._uploads(session, store)
                head = audit.head(session) if self._has(audit.AuditHead.__tablename__) else ""
            engine = connection.dialect.name
        # Read last: what was erased meanwhile must not come back either.
        ledger = _ledger(self.shop.settings.data_dir / retention.FILE_NAME)
        yield archives.member(archives.LEDGER, ledger)
        self.manifest = Manifest(
            version=version(DISTRIBUTION),
            revision=revision,
            made_at=begun.isoformat(timespec="seconds"),
            engine=engine,
            parts=self.parts,
            head=head,
            files=self.files.count,
            files_digest=self.files.digest,
            ledger_digest=archives.digest_of(ledger),
        )
        content = self.manifest.to_json()
        yield archives.member(archives.MANIFEST, content)
        yield archives.member(archives.SEAL, archives.seal_of(content))
        yield archives.end()

    def _rows(self, connection: Connection, table: Table) -> Iterator[bytes]:
        tally = Tally()
        for number, lines in enumerate(snapshots.batches(connection, table), start=1):
            for line in lines:
                tally.add(line)
            name = f"{archives.TABLES}{table.name}/{number:06d}.jsonl"
            yield archives.member(name, b"".join(line + b"\n" for line in lines))
            self.progress(len(lines))
        self.parts.append(Part(table, tally.count, tally.digest))

    def _uploads(self, session: Session, store: Store) -> Iterator[bytes]:
        if not self._has(StoredFile.__tablename__):
            return
        for record in files.every(session):
            try:
                token = store.get(record.public_id)
            except FileNotFoundError:
                self.missing.append(record.public_id)
                continue
            self.files.add(archives.file_line(record.public_id, token))
            yield archives.member(f"{archives.FILES}{record.public_id}", token)

    def _has(self, table: str) -> bool:
        return any(part.table.name == table for part in self.parts)


def _ledger(path: Path) -> bytes:
    # A line that is just being written has no end yet.
    content = path.read_bytes() if path.exists() else b""
    return content[: content.rfind(b"\n") + 1]
