"""How Alembic reaches the database and the models."""

from __future__ import annotations

from alembic import context

import portal.core.duties
import portal.core.files
import portal.core.settings
import portal.people.models
import portal.schools.models
import portal.visits.models  # noqa: F401 - importing the models registers their tables
from portal.core.db import Base


def run() -> None:
    """Run the migrations in one transaction, on SQLite with batch operations."""
    engine = context.config.attributes["engine"]
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            user_module_prefix="",
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
