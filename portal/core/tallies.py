"""Counting in one statement, so that nothing gets lost between reading and writing."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.core.db import Base


def insert(session: Session, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that knows `on_conflict_do_update`, for the session's database."""
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    return postgresql.insert(table) if on_postgresql else sqlite.insert(table)


def count(session: Session, table: type[Base], key: dict[str, Any], **amounts: int) -> None:
    """Add amounts to the row of a key, made now if there is none."""
    new = insert(session, table).values(**key, **amounts)
    added = {name: getattr(table, name) + new.excluded[name] for name in amounts}
    session.execute(new.on_conflict_do_update(index_elements=list(key), set_=added))
