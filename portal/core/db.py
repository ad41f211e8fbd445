"""Engines, sessions and the only place that commits."""

from __future__ import annotations

import errno
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Engine, MetaData, String, create_engine, event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import DeclarativeBase, Mapped, Mapper, Session, mapped_column
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import ConnectionPoolEntry

from portal.core.crypto import place_of
from portal.core.errors import Rejected
from portal.core.types import Encrypted, Placed, Sealed, UtcDateTime

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLITE_BUSY_SECONDS = 15
POSTGRESQL_OPTIONS = "-c statement_timeout=10000 -c lock_timeout=5000 -c timezone=UTC"
# A server that is gone without a word is noticed in seconds, not after TCP's quarter of an hour.
POSTGRESQL_PATIENCE = {"connect_timeout": 5, "keepalives_idle": 30, "tcp_user_timeout": 15_000}
POOL_SECONDS = 10
# How SQLite (the file, the index of its journal), PostgreSQL and folders say that there is no room.
NO_ROOM = {
    "sqlite_errorcode": frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE}),
    "sqlstate": frozenset({"53100"}),
    "errno": frozenset({errno.ENOSPC, errno.EDQUOT}),
}
# The database cannot work just now: locked, restarting, out of reach, all connections in use.
OUTAGES = (OperationalError, InterfaceError, PoolTimeoutError)
PUBLIC_ID_BYTES = 16


def new_id() -> UUID:
    """Return a time-ordered UUID (version 7, RFC 9562).

    48 bits of milliseconds, 12 of their fraction (section 6.2, method 3), 62 random ones.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = (rest << 12) // 1_000_000
    ordered = (milliseconds << 16) | (0x7 << 12) | fraction
    return UUID(int=(ordered << 64) | (0x2 << 62) | secrets.randbits(62))


def new_public_id() -> str:
    """Return 128 random bits as 22 URL-safe characters; the only id people ever see."""
    return secrets.token_urlsafe(PUBLIC_ID_BYTES)


class Base(DeclarativeBase):
    """The mother of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime()}


class Identified:
    """A primary key made by the application, time-ordered, the same type on both engines."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)


class Public(Identified):
    """A record that appears in URLs, under a random id that tells nothing."""

    public_id: Mapped[str] = mapped_column(String(22), unique=True, default=new_public_id)


@event.listens_for(Mapper, "after_mapper_constructed")
def _watch_encrypted(mapper: Mapper[Any], model: type[Any]) -> None:
    """Seal the encrypted columns of a record when it is written, open them when it is read."""
    columns = encrypted_columns(mapper)
    if columns:
        watcher = _Watcher(model.__tablename__, {column.key: column for column in columns})
        event.listen(model, "before_insert", watcher.complete)
        event.listen(model, "before_update", watcher.seal)
        event.listen(model, "load", watcher.unseal)
        event.listen(model, "refresh", watcher.unseal)


@dataclass(frozen=True)
class _Watcher:
    """Gives the texts of one model's encrypted columns their place, and opens them there."""

    table: str
    columns: dict[str, Any]

    def complete(self, mapper: Mapper[Any], connection: Connection, record: Any) -> None:
        # The defaults of the columns would come too late: the place names the row.
        record.id = record.id or new_id()
        for name, column in self.columns.items():
            if record.__dict__.get(name) is None and column.default is not None:
                setattr(record, name, column.default.arg)
        self.seal(mapper, connection, record)

    def seal(self, _mapper: Mapper[Any], _connection: Connection, record: Any) -> None:
        for name in self.columns:
            text = record.__dict__.get(name)
            if text is not None and not isinstance(text, Sealed):
                record.__dict__[name] = Placed.at(place_of(self.table, name, record.id), text)

    def unseal(self, record: Any, *_context: Any) -> None:
        for name in self.columns:
            held = record.__dict__.get(name)
            if isinstance(held, Sealed):
                text = held.open(place_of(self.table, name, record.id))
                set_committed_value(record, name, text)


def encrypted_columns(mapper: Mapper[Any]) -> list[Any]:
    """Return the columns of a model whose text is encrypted."""
    return [column for column in mapper.columns if isinstance(column.type, Encrypted)]


@dataclass(frozen=True)
class Database:
    """One database with two doors: `writer()` may change it, `reader()` cannot."""

    writing: Engine
    reading: Engine

    def writer(self) -> Session:
        """Open a session whose transactions take the write lock at once."""
        return Session(self.writing, expire_on_commit=False)

    def reader(self) -> Session:
        """Open a session that the database itself keeps from writing."""
        return Session(self.reading, expire_on_commit=False, autoflush=False)

    @contextmanager
    def side_write(self) -> Iterator[Session]:
        """Open the one door for the writes a GET may do (security.md section 5, ADR 16)."""
        with self.writer() as session, transaction(session):
            yield session

    def dispose(self) -> None:
        """Close all pooled connections."""
        self.writing.dispose()
        self.reading.dispose()


@contextmanager
def transaction(session: Session) -> Iterator[Session]:
    """Commit what the block did, or undo all of it.

    Raises Rejected("state_changed") when somebody else changed the same record meanwhile.
    """
    try:
        yield session
        session.commit()
    except StaleDataError as error:
        session.rollback()
        raise Rejected("state_changed") from error
    except BaseException:
        session.rollback()
        raise


def is_outage(error: BaseException) -> bool:
    """Say whether the database cannot work just now, or broke off, through no fault of the code."""
    return isinstance(error, OUTAGES) or bool(getattr(error, "connection_invalidated", False))


def is_full(error: BaseException) -> bool:
    """Say whether something found no room to be stored, in the database or in a folder."""
    # SQLite ends the whole transaction then, so that leaving a savepoint fails on top of it.
    while error.__context__ is not None:
        if _names_no_room(error):
            return True
        error = error.__context__
    return _names_no_room(error)


def _names_no_room(error: BaseException) -> bool:
    cause = getattr(error, "orig", None) or error
    return any(getattr(cause, name, None) in codes for name, codes in NO_ROOM.items())


def connect(url: str) -> Database:
    """Return the database behind a URL, `sqlite:///...` or `postgresql+psycopg://...`."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _connect_sqlite(parsed)
    return _connect_postgresql(parsed)


def _connect_sqlite(url: URL) -> Database:
    engines = []
    # Errors name no values (hide_parameters): what people typed has no business in a log.
    for begin, pragmas in (
        ("BEGIN IMMEDIATE", ("secure_delete=ON",)),
        ("BEGIN", ("query_only=ON",)),
    ):
        engine = create_engine(
            url, connect_args={"timeout": SQLITE_BUSY_SECONDS}, hide_parameters=True
        )
        event.listen(engine, "connect", _sqlite_setup(pragmas))
        event.listen(engine, "begin", _sqlite_begin(begin))
        engines.append(engine)
    return Database(*engines)


def _sqlite_setup(extra: tuple[str, ...]) -> Any:
    pragmas = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", *extra)

    def prepare(connection: Any, _entry: ConnectionPoolEntry) -> None:
        # The driver must not open transactions by itself, or "BEGIN IMMEDIATE" comes too late.
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    return prepare


def _sqlite_begin(statement: str) -> Any:
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    return begin


def _connect_postgresql(url: URL) -> Database:
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    # Two pools: a request that writes reads as well, and readers that hold every connection of a
    # shared pool would wait for each other without end.
    writing, reading = (
        create_engine(
            url,
            pool_pre_ping=True,
            pool_timeout=POOL_SECONDS,
            hide_parameters=True,
            connect_args={"options": POSTGRESQL_OPTIONS, **POSTGRESQL_PATIENCE},
        )
        for _door in ("writing", "reading")
    )
    return Database(writing, reading.execution_options(postgresql_readonly=True))
