"""Weeks of social workers: what fills them, what they hold, and the terms behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor
from portal.core.settings import Office
from portal.visits.models import Leave, WorkerTerms
from portal.visits.queries.load import Load, Worker
from portal.visits.queries.slots import load_diary
from portal.visits.queries.visits import expected_between

WEEKS = 8
WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class WorkWeek:
    """One week of a worker."""

    monday: date
    load: Load

    @property
    def friday(self) -> date:
        """Return the last day of the office's week."""
        return self.monday + timedelta(days=4)


@dataclass(frozen=True)
class Outlook:
    """The coming weeks of a worker, the first one first."""

    worker: Worker
    weeks: tuple[WorkWeek, ...]
    part_time: bool

    @property
    def full_weeks(self) -> int:
        """Return how many weeks hold no more."""
        return sum(week.load.full for week in self.weeks)

    @property
    def starved_weeks(self) -> int:
        """Return in how many weeks urgent work finds no time."""
        return sum(week.load.starved for week in self.weeks)


def outlook(session: Session, office: Office, first: date, count: int = WEEKS) -> list[Outlook]:
    """Return so many weeks of every worker, from the week of a day on."""
    monday = clock.monday_of(first)
    mondays = [monday + WEEK * number for number in range(count)]
    diary = load_diary(session, office, monday, mondays[-1])
    found = []
    for worker in diary.workers:
        weeks = tuple(WorkWeek(each, diary.week_load(worker, each)) for each in mondays)
        less = weeks[0].load.weekly_minutes < office["worker_weekly_minutes"]
        found.append(Outlook(worker, weeks, part_time=less))
    return found


def week(session: Session, office: Office, worker_id: UUID, day: date) -> Load | None:
    """Return what fills the week of a day; None for whoever is no social worker."""
    diary = load_diary(session, office, day, day)
    worker = diary.worker(worker_id)
    return diary.week_load(worker, day) if worker else None


def list_terms(session: Session, worker_id: UUID) -> list[WorkerTerms]:
    """Return a worker's terms, the newest first."""
    terms = select(WorkerTerms).where(WorkerTerms.user_id == worker_id)
    return list(session.scalars(terms.order_by(WorkerTerms.from_on.desc())))


def left_alone(
    session: Session, actor: Actor, worker_id: UUID, leave: list[Leave]
) -> list[Row[*tuple[Any, ...]]]:
    """Return the sessions, settled or offered, from which leave keeps a worker, in order."""
    ahead = [each for each in leave if each.last_day >= clock.today()]
    if not ahead:
        return []
    first = max(min(each.first_day for each in ahead), clock.today())
    last = max(each.last_day for each in ahead)
    return [
        row
        for row in expected_between(session, actor, worker_id, first, last)
        if any(_covers(each, clock.day_of(row.starts_at)) for each in ahead)
    ]


def _covers(leave: Leave, day: date) -> bool:
    return leave.first_day <= day <= leave.last_day
