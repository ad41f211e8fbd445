"""Databases on a PostgreSQL server of the tests, emptied and used again and again."""

from __future__ import annotations

import uuid
from collections.abc import Collection

import psycopg
import sqlalchemy as sa

from portal.core.db import Base

TEMPLATE = "portal_template"
# What tables, triggers, constraints and functions are made of: rows of PostgreSQL's own tables.
OF_THE_SCHEMA = (
    "pg_attribute WHERE attrelid >= 16384",
    "pg_attrdef",
    "pg_trigger",
    "pg_constraint",
    "pg_proc WHERE pronamespace = 'public'::regnamespace",
)
# What connections that outlive a test call themselves.
LASTING = "outlives-a-test"
# Whoever else is still there goes, and of the lasting ones whoever is in the middle of something.
SEND_AWAY = f"""
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
AND (application_name <> '{LASTING}' OR state <> 'idle')
"""  # noqa: S608 - a name of our own


def administer(url: sa.URL, statement: str) -> None:
    """Carry out what concerns the whole server."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


class Recycled:
    """Databases on the server of this test process; one is emptied and used again and again.

    Making a database from the template takes a fifth of a second, emptying one by a connection
    that stays a hundredth of that.
    """

    def __init__(self, server: sa.URL, reference_tables: Collection[str]) -> None:
        self.server = server
        self.spare: str | None = None
        self.cleaner: psycopg.Connection | None = None
        filled = [each.name for each in Base.metadata.sorted_tables]
        self.emptied = [name for name in filled if name not in reference_tables]
        # Every row carries the number of the transaction that wrote it, and later ones are higher:
        # as long as count and sum stay, nobody added, changed or removed a row. A copied database
        # keeps them.
        parts = [
            f"(SELECT concat(count(*), ' ', sum(xmin::text::bigint)) FROM {rows})"  # noqa: S608 - our own
            for rows in (*OF_THE_SCHEMA, *reference_tables)
        ]
        self.fingerprint = f"SELECT {', '.join(parts)}"
        with self._connected(TEMPLATE) as connection:
            self.original = connection.execute(self.fingerprint.encode()).fetchone()

    def take(self) -> str:
        """Return an empty, migrated database."""
        name, self.spare = self.spare, None
        name = name or self.take_new()
        # Connected from the beginning, so that it notices when the server was restarted meanwhile.
        self._cleaner_of(name)
        return name

    def take_new(self) -> str:
        """Return a database that nobody was ever connected to, fit for being copied."""
        name = f"t{uuid.uuid4().hex}"
        administer(self.server, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return name

    def give_back(self, name: str) -> None:
        """Empty a database for the next test; throw it away when more than rows has changed."""
        try:
            cleaner = self._cleaner_of(name)
            cleaner.execute(SEND_AWAY.encode())
            cleaner.execute("SELECT pg_temp.empty_all()")
            found = cleaner.execute(self.fingerprint.encode()).fetchone()
        except psycopg.Error:
            found = None
        if found == self.original:
            self.spare = name
        else:
            self.throw_away(name)

    def throw_away(self, name: str) -> None:
        """Drop a database, whoever is connected to it."""
        self.close()
        administer(self.server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def close(self) -> None:
        """Close the connection that empties."""
        if self.cleaner is not None:
            self.cleaner.close()
            self.cleaner = None

    def _cleaner_of(self, name: str) -> psycopg.Connection:
        if self.cleaner is None or self.cleaner.info.dbname != name:
            self.close()
            self.cleaner = self._connected(name)
            steps = "".join(f'DELETE FROM "{table}";' for table in self.emptied)  # noqa: S608 - our own
            # A function of this connection alone, so that the server plans each step but once.
            self.cleaner.execute(
                "CREATE FUNCTION pg_temp.empty_all() RETURNS void LANGUAGE plpgsql "
                f"AS $$ BEGIN {steps} END $$".encode()
            )
        return self.cleaner

    def _connected(self, name: str) -> psycopg.Connection:
        # Without SQLAlchemy, which would get to know a database for half of the time. Neither
        # foreign keys nor the guard of the trail ask this connection.
        address = self.server.set(drivername="postgresql", database=name)
        return psycopg.connect(
            address.render_as_string(hide_password=False),
            autocommit=True,
            options="-c lock_timeout=2000 -c session_replication_role=replica",
        )
