"""Column types with one meaning on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, LargeBinary, text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from portal.core import crypto

# What columns that came later hold in rows that were there before.
EMPTY = text("''")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC; a naive value is a programming error."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return what is stored: the moment in UTC, on SQLite without saying so."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return what was stored as an aware moment in UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Sealed:
    """A ciphertext as a row holds it; it says nothing until it is opened at its place."""

    __slots__ = ("token",)

    def __init__(self, token: bytes) -> None:
        self.token = token

    def open(self, place: bytes) -> str:
        """Return the text; raises UndecipherableError."""
        return crypto.ring().decrypt(place, self.token).decode()


class Placed(str):
    """A text that knows where it will be written, so that it can be encrypted for that place."""

    place: bytes

    @classmethod
    def at(cls, place: bytes, text: str) -> Placed:
        """Return the text with its place."""
        placed = cls(text)
        placed.place = place
        return placed


class Encrypted(TypeDecorator[str]):
    """Text that is encrypted before it reaches the database, bound to its row.

    `core.db` gives each text its place when a record is written and opens it when a record is read.
    Statements that bypass the record can neither write it nor read more than a `Sealed`.
    """

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Return the ciphertext; a text without its place is a programming error."""
        if value is None:
            return None
        if not isinstance(value, Placed):
            raise TypeError("an encrypted column is written through its record only")
        return crypto.ring().encrypt(value.place, value.encode())

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Return the ciphertext, still sealed."""
        return None if value is None else Sealed(bytes(value))
