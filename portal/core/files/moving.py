"""From one store to another: every file, compared byte by byte, as often as it takes."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from uuid import UUID

from portal.core import crypto
from portal.core.crypto import UndecipherableError
from portal.core.db import Database
from portal.core.files.kept import StoredFile, every
from portal.core.files.stores import Store

# What was handed in while a round went by is met in the next one.
ROUNDS = 3

Progress = Callable[[int], None]


@dataclass
class Moved:
    """What a move did; the names are those of the files in both stores."""

    copied: int = 0
    # Lay in the other store already, the same in every byte.
    there: int = 0
    missing: list[str] = field(default_factory=list)
    # No ciphertexts of this portal: kept by version 0.1 and not sealed since, or damaged.
    strange: list[str] = field(default_factory=list)
    # Read back from the other store they were not what had been put there.
    changed: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Say whether the other store has every file."""
        return not (self.missing or self.strange or self.changed)


def waiting(database: Database, seen: Collection[UUID] = ()) -> list[StoredFile]:
    """Return what tells where each file lies, but for those seen before."""
    with database.reader() as session:
        return [record for record in every(session) if record.id not in seen]


def move(database: Database, source: Store, target: Store, progress: Progress) -> Moved:
    """Copy every file the database knows into another store; the present one keeps its own.

    What lies there already is compared and left, so this can be broken off and begun again.
    `progress` hears of each file. Raises StoreUnavailableError.
    """
    moved = Moved()
    seen: set[UUID] = set()
    for _round in range(ROUNDS):
        for record in waiting(database, seen):
            _copy(source, target, record.public_id, moved)
            seen.add(record.id)
            progress(1)
    return moved


def _copy(source: Store, target: Store, name: str, moved: Moved) -> None:
    try:
        token = source.get(name)
    except FileNotFoundError:
        # Where an earlier move went on from, and its old copies were cleared away.
        if _content(target, name) is None:
            moved.missing.append(name)
        else:
            moved.there += 1
        return
    try:
        crypto.ring().is_current(token)
    except UndecipherableError:
        moved.strange.append(name)
        return
    if _content(target, name) == token:
        moved.there += 1
        return
    target.put(name, token)
    if _content(target, name) == token:
        moved.copied += 1
    else:
        moved.changed.append(name)


def _content(store: Store, name: str) -> bytes | None:
    try:
        return store.get(name)
    except FileNotFoundError:
        return None
