"""All rows of a database as they stood at one moment, in a form that belongs to no engine.

A row becomes one line of JSON, the same for the same values whichever engine holds them. So lines
can be kept in a file, laid into another database, and summed up to compare two databases.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection, types
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.exc import DataError, IntegrityError

from portal.core.db import Base, Database, encrypted_columns
from portal.core.types import UtcDateTime

BATCH = 1000
DIGEST_BYTES = 32
ID_LENGTH = 32
# Alembic's own table; it tells the revision and is written by the migrations alone.
VERSION_TABLE = "alembic_version"
# Stands in a database while it is filled from elsewhere. What it stands in is not whole.
MARK = "unfinished_restore"


class Kind(StrEnum):
    """What a column holds, whichever engine names it how."""

    TEXT = "text"
    WHOLE = "whole"
    REAL = "real"
    YES_NO = "yes_no"
    ID = "id"
    BYTES = "bytes"
    # Bytes that are a ciphertext, bound to their row.
    SEALED = "sealed"
    MOMENT = "moment"
    DAY = "day"
    TIME = "time"
    JSON = "json"


# The first that fits counts: some of these are special cases of others.
_KINDS: tuple[tuple[type[types.TypeEngine[Any]], Kind], ...] = (
    (types.JSON, Kind.JSON),
    (types.Uuid, Kind.ID),
    (types.LargeBinary, Kind.BYTES),
    (types.Boolean, Kind.YES_NO),
    (types.DateTime, Kind.MOMENT),
    (types.Date, Kind.DAY),
    (types.Time, Kind.TIME),
    (types.Float, Kind.REAL),
    (types.Integer, Kind.WHOLE),
    (types.String, Kind.TEXT),
)


@dataclass(frozen=True)
class _Form:
    """How values of a kind are read and written, and how a line holds them."""

    type: types.TypeEngine[Any]
    pack: Callable[[Any], Any]
    unpack: Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _bytes_packed(value: bytes) -> str:
    return b64encode(value).decode("ascii")


def _json_packed(value: Any) -> list[Any]:
    # In a list, so that JSON's null differs from no value. SQLite holds a lone figure as a number.
    found = json.loads(value) if isinstance(value, str) else value
    whole = isinstance(found, float) and found.is_integer()
    return [int(found) if whole else found]


def _json_unpacked(held: list[Any]) -> str:
    return json.dumps(held[0])


_FORMS = {
    Kind.TEXT: _Form(sa.String(), _same, _same),
    Kind.WHOLE: _Form(sa.BigInteger(), _same, _same),
    # SQLite knows no negative zero.
    Kind.REAL: _Form(sa.Double(), lambda value: value + 0.0, _same),
    Kind.YES_NO: _Form(sa.Boolean(), _same, _same),
    Kind.ID: _Form(sa.Uuid(), lambda value: value.hex, UUID),
    Kind.BYTES: _Form(sa.LargeBinary(), _bytes_packed, b64decode),
    Kind.SEALED: _Form(sa.LargeBinary(), _bytes_packed, b64decode),
    Kind.MOMENT: _Form(UtcDateTime(), datetime.isoformat, datetime.fromisoformat),
    Kind.DAY: _Form(sa.Date(), date.isoformat, date.fromisoformat),
    Kind.TIME: _Form(sa.Time(), time.isoformat, time.fromisoformat),
    # As text: neither the engine nor its driver may read numbers or order keys anew.
    Kind.JSON: _Form(types.NullType(), _json_packed, _json_unpacked),
}


@dataclass(frozen=True)
class Table:
    """A table and what its columns hold, by their names."""

    name: str
    columns: dict[str, Kind]

    @cached_property
    def forms(self) -> list[_Form]:
        """Return the forms of the columns, in their order."""
        return [_FORMS[kind] for kind in self.columns.values()]

    @cached_property
    def clause(self) -> sa.TableClause:
        """Return the table as statements name it."""
        kinds = self.columns.items()
        return sa.table(self.name, *(sa.column(name, _FORMS[kind].type) for name, kind in kinds))

    def pack(self, row: Iterable[Any]) -> bytes:
        """Return a row as a line, without its end."""
        held = [
            None if value is None else form.pack(value)
            for value, form in zip(row, self.forms, strict=True)
        ]
        return json.dumps(held, separators=(",", ":")).encode("ascii")

    def unpack(self, line: bytes) -> dict[str, Any]:
        """Return the values of a line by their columns; raises ValueError for what is no row."""
        return {
            name: None if value is None else form.unpack(value)
            for (name, form), value in zip(
                zip(self.columns, self.forms, strict=True), json.loads(line), strict=True
            )
        }


@dataclass
class Tally:
    """How many lines there are and their sum, which does not ask for their order."""

    count: int = 0
    total: int = 0

    def add(self, line: bytes) -> None:
        """Count a line."""
        self.count += 1
        digest = int.from_bytes(hashlib.sha256(line).digest(), "big")
        self.total = (self.total + digest) % (1 << 8 * DIGEST_BYTES)

    @property
    def digest(self) -> str:
        """Return the sum as 64 hexadecimal characters."""
        return self.total.to_bytes(DIGEST_BYTES, "big").hex()


class UnfitRowError(Exception):
    """A table takes no row like this one: too long a text or figure, or a reference to nothing."""

    def __init__(self, table: str) -> None:
        super().__init__(table)
        self.table = table


class UnknownTableError(Exception):
    """A table belongs to the portal, but no model of this version knows it; the text names it."""

    def __init__(self, table: str) -> None:
        super().__init__(
            f"This version of the portal does not know the table {table}, so its rows would be "
            "missing. Use the version that made it."
        )


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """Open a connection to which the database stands still, while others go on writing."""
    with database.reading.connect() as connection:
        if connection.dialect.name == "postgresql":
            # SQLite's transactions are like this anyway.
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


def revision(connection: Connection) -> str | None:
    """Return the revision of the schema; None where the portal has no tables."""
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.scalar(
        sa.select(sa.column("version_num")).select_from(sa.table(VERSION_TABLE))
    )


def is_unfinished(connection: Connection) -> bool:
    """Say whether the database is being filled from elsewhere, or this was broken off."""
    return sa.inspect(connection).has_table(MARK)


def tables(connection: Connection) -> list[Table]:
    """Return the portal's tables as this database has them, referred-to ones first.

    The database is asked, not the models: before an upgrade it may still be of an older version.
    Tables no model knows belong to others, such as a queue, unless they refer to ours; then
    UnknownTableError is raised. The caller has imported all models.
    """
    inspector = sa.inspect(connection)
    ordered = [name for name, _keys in inspector.get_sorted_table_and_fkc_names() if name]
    ours = [name for name in ordered if name in Base.metadata.tables]
    _refuse_unknown(inspector, set(ordered) - set(ours))
    columns = inspector.get_multi_columns(filter_names=ours)
    sealed = {
        (column.table.name, column.name)
        for mapper in Base.registry.mappers
        for column in encrypted_columns(mapper)
    }
    found = []
    for name in ours:
        kinds = {each["name"]: _kind_of(name, each) for each in columns[None, name]}
        for column, kind in kinds.items():
            if kind is Kind.BYTES and (name, column) in sealed:
                kinds[column] = Kind.SEALED
        # By name, since a migration may have put a new column elsewhere on each engine.
        found.append(Table(name, dict(sorted(kinds.items()))))
    return found


def _refuse_unknown(inspector: sa.Inspector, names: set[str]) -> None:
    for name in names:
        for key in inspector.get_foreign_keys(name):
            if key["referred_table"] in Base.metadata.tables:
                raise UnknownTableError(name)


def _kind_of(table: str, column: ReflectedColumn) -> Kind:
    held = column["type"]
    if isinstance(held, types.CHAR) and held.length == ID_LENGTH:
        # So SQLite holds an id.
        return Kind.ID
    kind = next((kind for known, kind in _KINDS if isinstance(held, known)), None)
    if kind is None:
        raise TypeError(f"{table}.{column['name']} is of a type snapshots do not know")
    return kind


def count(connection: Connection, table: Table) -> int:
    """Return how many rows a table holds."""
    return connection.scalar(sa.select(sa.func.count()).select_from(table.clause)) or 0


def batches(connection: Connection, table: Table) -> Iterator[list[bytes]]:
    """Yield all rows of a table as lines, a thousand at a time, in no particular order.

    Only those that refer to others of the same table come after these.
    """
    postgresql = connection.dialect.name == "postgresql"
    columns: list[Any] = [
        sa.cast(column, sa.Text) if postgresql and kind is Kind.JSON else column
        for column, kind in zip(table.clause.c, table.columns.values(), strict=True)
    ]
    # A cursor of the server: nothing but a batch is ever in memory.
    every = sa.select(*columns).order_by(*_referred_first(table))
    streamed = connection.execute(every, execution_options={"yield_per": BATCH})
    for rows in streamed.partitions():
        yield [table.pack(row) for row in rows]


def _referred_first(table: Table) -> list[sa.ColumnElement[Any]]:
    """Return an order in which no row refers to a later one: first those that refer to none, then
    by age. A school becomes part of one that is part of none; all else refers to what is older.
    """
    model = Base.metadata.tables.get(table.name)
    keys = model.foreign_keys if model is not None else ()
    own = {key.parent.name for key in keys if key.column.table is model}
    refer = [table.clause.c[name].is_not(None) for name in sorted(own & set(table.columns))]
    return [*refer, table.clause.c.id] if refer else []


def tally(connection: Connection, table: Table) -> Tally:
    """Return count and sum of a table's rows."""
    result = Tally()
    for lines in batches(connection, table):
        for line in lines:
            result.add(line)
    return result


def write(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows; raises UnfitRowError where this engine is stricter than the one they are from.

    It only ever inserts, so the guard of the trail has nothing to say.
    """
    if not rows:
        return
    try:
        connection.execute(sa.insert(table.clause), rows)
    except (DataError, IntegrityError) as error:
        # What the engine says repeats the values.
        raise UnfitRowError(table.name) from error


def clear(connection: Connection, found: Sequence[Table]) -> None:
    """Delete what migrations laid in, so that the rows of a snapshot can take its place."""
    for table in reversed(found):
        connection.execute(sa.delete(table.clause))
