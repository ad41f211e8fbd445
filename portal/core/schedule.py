"""What the portal does by itself, when, and how the last time went.

The table `job` is the truth: several workers may look at it at once, and whoever takes the lease of
a job runs it. A worker that dies in the middle loses the lease by time, and another begins anew.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from babel.support import LazyProxy
from sqlalchemy import (
    JSON,
    ColumnElement,
    String,
    and_,
    delete,
    event,
    or_,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Mapped, Session, UOWTransaction, mapped_column

from portal.config import PACKAGE, Settings
from portal.core import clock
from portal.core.db import Base, Database, transaction

Outcome = dict[str, Any]
# A worker says that it lives once a minute; after three silent minutes nobody counts on it.
BEAT = timedelta(minutes=1)
SILENT = timedelta(minutes=3)
FORGOTTEN = timedelta(days=1)
WEEK_DAYS = 7
# A lease is renewed three times before it would run out.
RENEWALS = 3
WAITING_TO_WAKE = "waiting_to_wake"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Workshop:
    """What jobs work with."""

    database: Database
    settings: Settings


@dataclass(frozen=True)
class Job:
    """Something that is done again and again: after each `every`, or daily (weekly) at a time.

    `run` returns figures for the operations page, never a name or an address. It may be broken off
    at any point by a worker that dies, and is then begun anew.
    """

    name: str
    label: LazyProxy
    run: Callable[[Workshop], Outcome]
    every: timedelta | None = None
    # A wall-clock time in WIB; on one weekday (0 = Monday) or daily.
    at: time | None = None
    weekday: int | None = None
    # How soon a worker that died is given up; whoever lives renews it, so a run may take longer.
    lease: timedelta = timedelta(minutes=1)
    # Records whose writing starts it as soon as their transaction is committed.
    prompted_by: tuple[type[Base], ...] = ()
    # What the figures of its outcome are called on the operations page.
    figures: Mapping[str, LazyProxy] = field(default_factory=dict)

    def next_after(self, moment: datetime) -> datetime:
        """Return when it is due next."""
        if self.every is not None:
            return moment + self.every
        day = clock.day_of(moment)
        for offset in range(WEEK_DAYS + 1):
            coming = day + timedelta(days=offset)
            due = clock.at_wib(coming, self.at or time.min)
            if due > moment and self.weekday in (None, coming.weekday()):
                return due
        raise ValueError(self.weekday)


class JobRecord(Base):
    """When a job is due, who has it in hand, and how it went last."""

    __tablename__ = "job"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    due_at: Mapped[datetime]
    # Set while somebody runs it; in the past: somebody died over it.
    leased_until: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    # When it last ended well.
    good_at: Mapped[datetime | None]
    outcome: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # The kind of error and the line of code, never its words.
    problem: Mapped[str] = mapped_column(String(200), default="")


class Heartbeat(Base):
    """A worker that was alive at a moment."""

    __tablename__ = "heartbeat"

    worker: Mapped[str] = mapped_column(String(80), primary_key=True)
    version: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]


jobs: dict[str, Job] = {}


def register(job: Job) -> None:
    """Let a job be done from now on."""
    jobs[job.name] = job


def beat(session: Session, worker: str, version: str) -> None:
    """Write down that a worker lives, and forget those long silent."""
    moment = clock.now()
    session.execute(delete(Heartbeat).where(Heartbeat.seen_at < moment - FORGOTTEN))
    row = session.get(Heartbeat, worker)
    if row is None:
        row = Heartbeat(worker=worker, started_at=moment)
        session.add(row)
    row.seen_at, row.version = moment, version


def leave(session: Session, worker: str) -> None:
    """Take a worker off the list, because it ends."""
    session.execute(delete(Heartbeat).where(Heartbeat.worker == worker))


def living(session: Session) -> list[Heartbeat]:
    """Return the workers that gave a sign lately, the freshest first."""
    fresh = select(Heartbeat).where(Heartbeat.seen_at > clock.now() - SILENT)
    return list(session.scalars(fresh.order_by(Heartbeat.seen_at.desc(), Heartbeat.worker)))


def records(session: Session) -> dict[str, JobRecord]:
    """Return how the jobs went last, by name."""
    return {row.name: row for row in session.scalars(select(JobRecord))}


def enrol(session: Session) -> None:
    """Give every registered job its row; a new one is due at once if it repeats by the hour."""
    moment = clock.now()
    known = set(session.scalars(select(JobRecord.name)))
    for job in jobs.values():
        if job.name not in known:
            due = moment if job.every is not None else job.next_after(moment)
            try:
                with session.begin_nested():
                    session.add(JobRecord(name=job.name, due_at=due))
            except IntegrityError:
                # Another worker started at the same moment and was first.
                continue


def _free(moment: datetime) -> ColumnElement[bool]:
    """Return the condition for a job whose time has come, or whose worker died over it."""
    return or_(
        JobRecord.leased_until < moment,
        and_(JobRecord.leased_until.is_(None), JobRecord.due_at <= moment),
    )


def due(session: Session) -> list[Job]:
    """Return the jobs whose time has come and that nobody has in hand."""
    names = session.scalars(
        select(JobRecord.name).where(_free(clock.now())).order_by(JobRecord.due_at, JobRecord.name)
    )
    return [jobs[name] for name in names if name in jobs]


def make_due(session: Session, name: str) -> None:
    """Make a job due now; whoever looks next does it."""
    session.execute(update(JobRecord).where(JobRecord.name == name).values(due_at=clock.now()))


def hurry(session: Session, name: str) -> None:
    """Make a job due now, and wake a worker for it once this transaction is committed."""
    make_due(session, name)
    session.info.setdefault(WAITING_TO_WAKE, set()).add(name)


def run(shop: Workshop, job: Job) -> bool:
    """Do a job unless it is not due or somebody else has it in hand; False then.

    An error is written down with its kind and place and does not spread.
    """
    started = _take(shop.database, job)
    if started is None:
        return False
    outcome: Outcome = {}
    problem = ""
    with _renewing(shop.database, job, started):
        try:
            outcome = job.run(shop)
        except Exception as error:
            problem = _place_of(error)
            logger.warning("job %s: %s", job.name, problem)
    _put_back(shop.database, job, started, outcome, problem)
    return True


def _take(database: Database, job: Job) -> datetime | None:
    """Take the lease of a job and return since when it is held; None when it cannot be had."""
    moment = clock.now()
    with database.writer() as session, transaction(session):
        taken = session.execute(
            update(JobRecord)
            .where(JobRecord.name == job.name, _free(moment))
            .values(
                leased_until=moment + job.lease,
                started_at=moment,
                due_at=job.next_after(moment),
            )
            .returning(JobRecord.name)
        )
        return moment if taken.first() else None


def _held(job: Job, started: datetime) -> ColumnElement[bool]:
    # Whoever lost the lease meanwhile says nothing about the run of the one who has it now.
    return and_(JobRecord.name == job.name, JobRecord.started_at == started)


@contextmanager
def _renewing(database: Database, job: Job, started: datetime) -> Iterator[None]:
    """Keep the lease of a job for as long as the block takes."""
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(job.lease.total_seconds() / RENEWALS):
            later = clock.now() + job.lease
            try:
                with database.writer() as session, transaction(session):
                    session.execute(
                        update(JobRecord).where(_held(job, started)).values(leased_until=later)
                    )
            except DBAPIError as error:
                logger.warning("job %s: not renewed, %s", job.name, type(error.orig).__name__)

    thread = threading.Thread(target=renew, name=f"lease-{job.name}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _put_back(
    database: Database, job: Job, started: datetime, outcome: Outcome, problem: str
) -> None:
    """Give the lease back and write down how the run went."""
    moment = clock.now()
    ended: dict[str, Any] = {
        "leased_until": None,
        "ended_at": moment,
        "outcome": outcome,
        "problem": problem,
    }
    if not problem:
        ended["good_at"] = moment
    with database.writer() as session, transaction(session):
        session.execute(update(JobRecord).where(_held(job, started)).values(**ended))


def _place_of(error: Exception) -> str:
    # The first is `run` itself.
    frames = traceback.extract_tb(error.__traceback__)[1:]
    ours = [frame for frame in frames if PACKAGE in Path(frame.filename).parents] or frames
    where = f" in {Path(ours[-1].filename).stem}.{ours[-1].name}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{where}"[:200]


# What wakes workers from this process, told for which jobs once a transaction is committed. Each
# must be quick and must not fail. Commands and tests have none.
bells: list[Callable[[frozenset[str]], None]] = []


@event.listens_for(Session, "after_flush")
def _note_prompting(session: Session, _context: UOWTransaction) -> None:
    if not bells:
        return
    written = {type(record) for record in session.new}
    names = {job.name for job in jobs.values() if not written.isdisjoint(job.prompted_by)}
    if names:
        session.info.setdefault(WAITING_TO_WAKE, set()).update(names)


@event.listens_for(Session, "after_commit")
def _wake(session: Session) -> None:
    names = session.info.pop(WAITING_TO_WAKE, None)
    if names:
        for bell in bells:
            bell(frozenset(names))


@event.listens_for(Session, "after_rollback")
def _let_sleep(session: Session) -> None:
    session.info.pop(WAITING_TO_WAKE, None)
