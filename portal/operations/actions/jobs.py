"""What an administrator may have done at once."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.core import schedule
from portal.core.access import Actor
from portal.core.events import emit
from portal.core.schedule import Job
from portal.operations.events import JobHurried


def run_now(session: Session, actor: Actor, job: Job) -> None:
    """Have a job run as soon as a worker is free, whatever its rhythm."""
    # Where no worker ever ran, it has no row yet.
    schedule.enrol(session)
    schedule.hurry(session, job.name)
    emit(session, actor, JobHurried(None, job.name))
