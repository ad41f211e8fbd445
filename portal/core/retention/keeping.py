"""How long what is kept: rules that features register, a dry run, and the run."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from babel.support import LazyProxy
from sqlalchemy import Select, delete, func, not_, select
from sqlalchemy.orm import Session

from portal.core import clock, settings
from portal.core.access import Actor
from portal.core.db import Database, transaction
from portal.core.events import Event, emit
from portal.core.retention.holds import held
from portal.core.settings import Office

BATCH = 500
YEARS = "_years"


@dataclass(frozen=True)
class Expired(Event, action="retention.applied"):
    """Records whose time was over went, as one of the rules says."""

    rule: str
    count: int


@dataclass(frozen=True)
class Rule:
    """One kind of records, how long it is kept, and how it goes.

    `old` returns a statement with two columns: what a row is known by, and since when it is old;
    `about` names the columns (ids) that a legal hold may speak of. `erase` takes what such rows are
    known by, and returns how many went.
    """

    name: str
    title: LazyProxy
    # The office's setting in days or years; without one a row goes when its own time is over.
    setting: str | None
    old: Callable[[datetime], Select[*tuple[Any, ...]]]
    erase: Callable[[Session, Sequence[Any]], int]
    about: tuple[Any, ...] = ()
    batch: int = BATCH


@dataclass(frozen=True)
class Planned:
    """What a rule would do now."""

    rule: Rule
    count: int
    oldest: datetime | date | None
    # How many rows would go too, if no hold kept them.
    held: int


@dataclass(frozen=True)
class Done:
    """What a rule did."""

    rule: Rule
    count: int


rules: dict[str, Rule] = {}


def register(rule: Rule) -> Rule:
    """Let a rule of a feature take part."""
    rules[rule.name] = rule
    return rule


def deleting(model: type[Any], column: Any) -> Callable[[Session, Sequence[Any]], int]:
    """Return what deletes the rows of a model that are known by this column."""

    def erase(session: Session, keys: Sequence[Any]) -> int:
        gone = session.execute(delete(model).where(column.in_(keys)).returning(column))
        return len(gone.all())

    return erase


def limit_of(rule: Rule, office: Office) -> datetime:
    """Return the moment before which records of a rule are too old."""
    moment = clock.now()
    if rule.setting is None:
        return moment
    period: int = office[rule.setting]
    if not rule.setting.endswith(YEARS):
        return moment - timedelta(days=period)
    year = moment.year - period
    last_day = calendar.monthrange(year, moment.month)[1]
    return moment.replace(year=year, day=min(moment.day, last_day))


def _free(rule: Rule, before: datetime) -> Select[*tuple[Any, ...]]:
    """Return the statement for what is too old and may go."""
    old = rule.old(before)
    return old.where(not_(held(*rule.about))) if rule.about else old


def plan(session: Session) -> list[Planned]:
    """Return what would go now; changes nothing."""
    office = settings.read(session)
    return [_planned(session, rule, limit_of(rule, office)) for rule in rules.values()]


def _planned(session: Session, rule: Rule, before: datetime) -> Planned:
    every = session.scalar(select(func.count()).select_from(rule.old(before).subquery()))
    free = _free(rule, before).subquery()
    count, oldest = session.execute(
        select(func.count(), func.min(free.c[1])).select_from(free)
    ).one()
    return Planned(rule, count, oldest, (every or 0) - count)


def run(database: Database, actor: Actor | None) -> list[Done]:
    """Let everything go whose time is over, in short transactions, and return what went.

    It can be broken off at any time; the next run goes on.
    """
    with database.reader() as session:
        office = settings.read(session)
    return [
        Done(rule, _apply(database, actor, rule, limit_of(rule, office))) for rule in rules.values()
    ]


def _apply(database: Database, actor: Actor | None, rule: Rule, before: datetime) -> int:
    total = 0
    while True:
        with database.writer() as session, transaction(session):
            found, gone = _apply_once(session, rule, before)
            if gone:
                emit(session, actor, Expired(None, rule.name, gone))
        total += gone
        # Rows that somebody else holds right now wait for the next run.
        if found < rule.batch or not gone:
            return total


def _apply_once(session: Session, rule: Rule, before: datetime) -> tuple[int, int]:
    free = _free(rule, before)
    key, since = free.selected_columns
    batch = free.order_by(since, key).limit(rule.batch).with_for_update(skip_locked=True)
    keys = [row[0] for row in session.execute(batch)]
    return len(keys), rule.erase(session, keys) if keys else 0
