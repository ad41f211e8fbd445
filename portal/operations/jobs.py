"""What operating the portal does by itself."""

from __future__ import annotations

from datetime import time, timedelta

from portal.core import i18n, schedule
from portal.core.db import transaction
from portal.core.schedule import Job, Outcome, Workshop, register
from portal.operations.actions import backups, drills
from portal.operations.queries.checks import BACKUP, DRILL, SKIPPED

_ = i18n.lazy

SUNDAY = 6
NOT_CONFIGURED: Outcome = {SKIPPED: True}


def _back_up(shop: Workshop) -> Outcome:
    if not backups.is_configured(shop.settings):
        return NOT_CONFIGURED
    made = backups.make(shop)
    _have_the_first_tried(shop)
    return {
        "rows": made.manifest.rows,
        "files": made.manifest.files,
        "lost_files": len(made.lost),
        "bytes": made.size,
        "removed": made.removed,
    }


def _have_the_first_tried(shop: Workshop) -> None:
    """Do not wait for Sunday where no backup was ever tried out."""
    with shop.database.writer() as session, transaction(session):
        record = schedule.records(session).get(DRILL)
        tried = record and record.started_at and SKIPPED not in record.outcome
        if record and not tried:
            schedule.hurry(session, DRILL)


def _try_out(shop: Workshop) -> Outcome:
    if not backups.is_configured(shop.settings):
        return NOT_CONFIGURED
    drilled = drills.drill(shop)
    return {
        "rows": drilled.findings.rows,
        "files": drilled.findings.files,
        "texts": drilled.findings.texts,
        "trail": drilled.entries,
        "bytes": drilled.made.size,
    }


FIGURES = {
    "rows": _("rows"),
    "files": _("uploads"),
    "bytes": _("bytes"),
    SKIPPED: _("not set up"),
}
register(
    Job(
        BACKUP,
        _("Backup"),
        _back_up,
        every=timedelta(hours=1),
        figures={
            **FIGURES,
            "lost_files": _("uploads missing from the store"),
            "removed": _("old backups removed"),
        },
    )
)
register(
    Job(
        DRILL,
        _("Restoring a backup as a test"),
        _try_out,
        at=time(2, 30),
        weekday=SUNDAY,
        figures={
            **FIGURES,
            "texts": _("encrypted texts opened"),
            "trail": _("entries of the trail checked"),
        },
    )
)
