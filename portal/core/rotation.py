"""A new key for what is encrypted: every text and every file, a little at a time.

Rotation asks each row which key it was made with, so there is nothing to remember between two runs:
it can be broken off anywhere and begun again. A row that somebody changes meanwhile keeps their
change; whoever writes uses the newest key anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import (
    ColumnClause,
    LargeBinary,
    Select,
    TableClause,
    column,
    func,
    select,
    table,
    text,
    update,
)
from sqlalchemy.orm import Session

from portal.core import crypto, files
from portal.core.crypto import UndecipherableError
from portal.core.db import Base, Database, encrypted_columns, transaction
from portal.core.files import Store, StoredFile

BATCH = 200
# What was written while a round went by is met in the next one.
ROUNDS = 3
# More than the name of a key takes.
HEAD_BYTES = 64

Progress = Callable[[int], None]


class StillNeededError(Exception):
    """An older key cannot go: so many texts and files were made with one."""

    def __init__(self, count: int) -> None:
        super().__init__(str(count))
        self.count = count


@dataclass
class Rotated:
    """What a rotation did, and what it could not open."""

    texts: int = 0
    files: int = 0
    # Places of what opens with no key on the ring: "draft.fields.<id>".
    unreadable: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Texts:
    """One encrypted column, as the database sees it: bytes."""

    table: TableClause
    id: ColumnClause[UUID]
    token: ColumnClause[bytes]

    def stale(self) -> Select[UUID, bytes]:
        """Select what was not made with the active key."""
        mark = b"|".join((crypto.FORMAT, crypto.ring().active.encode(), b""))
        return select(self.id, self.token).where(
            self.token.is_not(None),
            func.substr(self.token, 1, len(mark), type_=LargeBinary()) != mark,
        )

    def place(self, row_id: UUID) -> bytes:
        """Return the place a text of this column is bound to."""
        return crypto.place_of(self.table.name, self.token.name, row_id)


def _columns() -> Iterator[_Texts]:
    """Yield every encrypted column of every model."""
    # A table whose model nobody imported would be left out: see `portal.features`.
    for mapper in sorted(Base.registry.mappers, key=lambda each: each.class_.__tablename__):
        for encrypted in encrypted_columns(mapper):
            row_id = column("id", mapper.local_table.c.id.type)
            token: ColumnClause[bytes] = column(encrypted.name, LargeBinary())
            yield _Texts(table(encrypted.table.name, row_id, token), row_id, token)


def remaining(database: Database, store: Store) -> int:
    """Return how many texts and files were not made with the active key."""
    with database.reader() as session:
        return _remaining(session, store)


def _remaining(session: Session, store: Store, current: Collection[UUID] = ()) -> int:
    counts = (
        session.scalar(select(func.count()).select_from(each.stale().subquery())) or 0
        for each in _columns()
    )
    unknown = (record for record in files.every(session) if record.id not in current)
    return sum(counts) + sum(_is_stale(store, record) for record in unknown)


def rotate(database: Database, store: Store, progress: Progress) -> Rotated:
    """Encrypt with the active key whatever is not, and return what was done.

    `progress` hears how many were done since it last heard, after each committed step.
    """
    done = Rotated()
    for _round in range(ROUNDS):
        for each in _columns():
            _rotate_texts(database, each, done, progress)
        _rotate_files(database, store, done, progress)
        if remaining(database, store) <= len(done.unreadable):
            break
    return done


def _rotate_texts(database: Database, texts: _Texts, done: Rotated, progress: Progress) -> None:
    last: UUID | None = None
    while True:
        found = texts.stale().order_by(texts.id).limit(BATCH)
        if last is not None:
            found = found.where(texts.id > last)
        with database.reader() as session:
            rows = [(row_id, bytes(token)) for row_id, token in session.execute(found)]
        if not rows:
            return
        # Made before the transaction opens, so that nobody waits for it longer than needed.
        fresh = list(_with_active_key(texts, rows, done))
        with database.writer() as session, transaction(session):
            count = _replace(session, texts, fresh)
        done.texts += count
        progress(count)
        last = rows[-1][0]


def _with_active_key(
    texts: _Texts, rows: list[tuple[UUID, bytes]], done: Rotated
) -> Iterator[tuple[UUID, bytes, bytes]]:
    ring = crypto.ring()
    for row_id, token in rows:
        place = texts.place(row_id)
        try:
            yield row_id, token, ring.encrypt(place, ring.decrypt(place, token))
        except UndecipherableError:
            done.unreadable.add(place.decode())


def _replace(session: Session, texts: _Texts, fresh: list[tuple[UUID, bytes, bytes]]) -> int:
    """Write what still stands as it was read; the rest was changed, or is just being changed."""
    # Rows somebody else holds are left for the next round: nobody ever waits for a rotation, and
    # a rotation waits for nobody.
    wanted = texts.id.in_([row_id for row_id, _old, _new in fresh])
    held = select(texts.id).where(wanted).order_by(texts.id).with_for_update(skip_locked=True)
    free = set(session.scalars(held))
    count = 0
    for row_id, old, new in fresh:
        if row_id in free:
            unchanged = (texts.id == row_id) & (texts.token == old)
            swap = update(texts.table).where(unchanged).values({texts.token: new})
            count += session.execute(swap.returning(texts.id)).one_or_none() is not None
    return count


def _is_stale(store: Store, record: StoredFile) -> bool:
    try:
        return not crypto.ring().is_current(store.get(record.public_id, HEAD_BYTES))
    except FileNotFoundError:
        return False
    except UndecipherableError:
        return True


def _rotate_files(database: Database, store: Store, done: Rotated, progress: Progress) -> None:
    with database.reader() as session:
        stale = [record for record in files.every(session) if _is_stale(store, record)]
    for record in stale:
        try:
            # The row's lock keeps the file from being discarded meanwhile. One at a time: a file
            # may be large, and on SQLite everybody else waits.
            with database.writer() as session, transaction(session):
                own = select(StoredFile.id).where(StoredFile.id == record.id)
                there = session.scalar(own.with_for_update()) is not None
                count = int(there and files.reseal(store, record))
        except UndecipherableError:
            done.unreadable.add(f"{StoredFile.__tablename__}.content.{record.id}")
            continue
        done.files += count
        progress(count)


def forget_old(database: Database, store: Store) -> list[str]:
    """Take every older key off the ring and return their names.

    Raises StillNeededError. Backups that were made before can then no longer be read.
    """
    with database.reader() as session:
        # A store far away answers slowly, and what has the active key now keeps it.
        current = {record.id for record in files.every(session) if not _is_stale(store, record)}
    with database.writer() as session, transaction(session):
        _keep_writers_out(session)
        count = _remaining(session, store, current)
        if count:
            raise StillNeededError(count)
        return crypto.ring().forget_old_keys()


def _keep_writers_out(session: Session) -> None:
    """Wait for whoever is writing; a text under an older key might be about to be committed."""
    # On SQLite this transaction holds the write lock from its beginning on.
    if session.get_bind().dialect.name == "postgresql":
        for name in sorted({each.table.name for each in _columns()}):
            session.execute(text(f'LOCK TABLE "{name}" IN SHARE MODE'))
