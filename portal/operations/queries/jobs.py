"""What the portal does by itself and who does it, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, i18n, schedule
from portal.core.schedule import Heartbeat, Job, JobRecord
from portal.operations.queries.checks import LATE_JOB, SKIPPED

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


class Standing(StrEnum):
    """How a job stands."""

    BUSY = "busy"
    TROUBLED = "troubled"
    LATE = "late"
    WELL = "well"
    NEW = "new"
    # It ran, and found that nobody set up what it needs.
    OFF = "off"


@dataclass(frozen=True)
class Line:
    """One job on the page; `record` is missing until a worker has run."""

    job: Job
    record: JobRecord | None
    standing: Standing
    rhythm: str
    result: str


def list_jobs(session: Session) -> list[Line]:
    """Return all registered jobs with how they went last, in the order of their names."""
    records = schedule.records(session)
    moment = clock.now()
    return [
        Line(job, record, _standing(record, moment), rhythm_of(job), result_of(job, record))
        for job in sorted(schedule.jobs.values(), key=lambda job: str(job.label).casefold())
        for record in [records.get(job.name)]
    ]


def list_workers(session: Session) -> list[Heartbeat]:
    """Return the workers of the last day, the freshest first."""
    return list(session.scalars(select(Heartbeat).order_by(Heartbeat.seen_at.desc())))


def _standing(record: JobRecord | None, moment: datetime) -> Standing:
    if record is None:
        return Standing.NEW
    if record.leased_until and record.leased_until > moment:
        return Standing.BUSY
    if record.problem:
        return Standing.TROUBLED
    # Whoever had it in hand died, and nobody has taken it over.
    if record.leased_until or record.due_at < moment - LATE_JOB:
        return Standing.LATE
    if record.good_at is None:
        return Standing.NEW
    return Standing.OFF if SKIPPED in record.outcome else Standing.WELL


def rhythm_of(job: Job) -> str:
    """Return how often a job is done, in words."""
    if job.every is not None:
        if job.every % HOUR:
            return i18n.ngettext("every minute", "every %(num)s minutes", job.every // MINUTE)
        return i18n.ngettext("every hour", "every %(num)s hours", job.every // HOUR)
    at = i18n.clock_time(job.at) if job.at else ""
    if job.weekday is None:
        return i18n.gettext("every day at %(time)s WIB", time=at)
    day = clock.monday_of(clock.today()) + timedelta(days=job.weekday)
    return i18n.gettext("every %(day)s at %(time)s WIB", day=i18n.weekday(day), time=at)


def result_of(job: Job, record: JobRecord | None) -> str:
    """Return what a run brought about; empty where it never ended well."""
    if record is None or record.problem or record.good_at is None:
        return ""
    if not any(record.outcome.values()):
        return i18n.gettext("nothing was to be done")
    return " · ".join(
        _figure(str(job.figures.get(name, name)), value)
        for name, value in record.outcome.items()
        if value
    )


def _figure(label: str, value: object) -> str:
    if value is True:
        return label
    return f"{label}: {i18n.number(value) if isinstance(value, int | float) else value}"
