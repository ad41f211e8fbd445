"""What the audit trail says, for tests that read it."""

from __future__ import annotations

from portal.core import audit
from portal.core.audit import AuditEntry
from portal.core.db import Database


def trail(database: Database, *subjects: str) -> list[AuditEntry]:
    """Return the entries about these kinds of records (or all), oldest first."""
    with database.reader() as session:
        every = list(audit.entries(session))
        assert audit.verify(session) is None
    return [entry for entry in every if not subjects or entry.subject in subjects]


def last(database: Database, *subjects: str) -> AuditEntry:
    """Return the newest entry about these kinds of records."""
    return trail(database, *subjects)[-1]
