"""How Alembic reaches the database and the models."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from alembic import context
from sqlalchemy import Connection

import portal.auditlog.models
import portal.cases.models
import portal.core.audit
import portal.core.drafts
import portal.core.duties
import portal.core.files
import portal.core.limits
import portal.core.links
import portal.core.receipts
import portal.core.retention
import portal.core.schedule
import portal.core.settings
import portal.hotline.models
import portal.incidents.models
import portal.insight.models
import portal.materials.models
import portal.monitoring.models
import portal.notifications.models
import portal.people.models
import portal.referrals.models
import portal.schools.models
import portal.visits.models  # noqa: F401 - importing the models registers their tables
from portal.core.db import Base


@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Let SQLite rebuild a table that others refer to."""
    if connection.dialect.name != "sqlite":
        yield
        return
    # Not possible inside a transaction, and the engine opens one with the first statement.
    raw = cast(Any, connection.connection.dbapi_connection)
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def _check_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"rows refer to nothing: {sorted({row[0] for row in broken})}")


def run() -> None:
    """Run the migrations in one transaction, on SQLite with batch operations."""
    engine = context.config.attributes["engine"]
    with engine.connect() as connection, _without_foreign_keys(connection):
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            # The worker's queue makes its own tables on PostgreSQL.
            include_name=lambda name, kind, _parents: (
                kind != "table" or not (name or "").startswith("huey_")
            ),
            user_module_prefix="",
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                # The limit is meant for pages; to rewrite a large table takes longer.
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                connection.exec_driver_sql("SET LOCAL lock_timeout = '60s'")
            context.run_migrations()
            _check_references(connection)
        connection.commit()


run()
