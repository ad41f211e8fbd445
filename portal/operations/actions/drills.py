"""The weekly trial: a backup is made, fetched back and restored, and then thrown away.

It shows that what lies at the destination can be read back whole, restores into an empty database,
holds the same rows, an unbroken trail and texts and uploads the key ring opens. It cannot show that
the offline key opens it, since that key is not here: the backup of a trial opens with a second key
as well, which only this process knows and forgets. `portal backup check` shows the rest.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from pyrage.x25519 import Identity  # type: ignore[import-untyped]
from sqlalchemy.orm import Session

from portal.core.db import Base, connect
from portal.core.schedule import Workshop
from portal.operations.actions import backups, destinations, restoring
from portal.operations.actions.backups import Made
from portal.operations.actions.restoring import Archive, Findings


@dataclass(frozen=True)
class Drilled:
    """A backup that came back whole."""

    made: Made
    findings: Findings
    # Entries of the trail, all of which were walked.
    entries: int


def drill(shop: Workshop) -> Drilled:
    """Make a backup, restore it into a scratch file and compare.

    Raises whatever shows that it could not be relied on: UnreadableBackupError and what
    `backups.make` raises.
    """
    second = Identity.generate()
    made = backups.make(shop, also=[second.to_public()])
    place = destinations.destination(shop.settings.backup_url, shop.settings)
    with destinations.fetched(place, made.name) as path:
        return Drilled(made, *_tried(restoring.open_archive(path, [second])))


def _tried(archive: Archive) -> tuple[Findings, int]:
    with tempfile.TemporaryDirectory(prefix="portal-drill-") as folder:
        scratch = connect(f"sqlite:///{Path(folder) / 'scratch.db'}")
        try:
            Base.metadata.create_all(scratch.writing)
            # Nothing of it is meant to last.
            with scratch.writing.connect() as connection:
                findings = restoring.lay_in(connection, archive)
                with Session(connection) as session:
                    restoring.check_trail(session, archive.manifest.head)
        finally:
            scratch.dispose()
    return findings, int(archive.manifest.head.partition(":")[0] or 0)
