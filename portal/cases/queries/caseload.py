"""The tabs of the boards: which cases stand under each, and how many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, not_, select
from sqlalchemy.orm import Session

from portal.cases import policy
from portal.cases.models import Case, CaseTask
from portal.cases.states import CaseState, Stage
from portal.core import clock
from portal.core.access import Actor
from portal.core.prepared import TODAY, prepared, told
from portal.people.models import User

# Nobody needs to know whether it is 1,400 or 1,500.
MOST_COUNTED = 1000
MINE, TEAM, LATE, SILENT, UNMANAGED, ENDED = TABS = (
    "saya",
    "tim",
    "terlambat",
    "senyap",
    "tanpa-manajer",
    "selesai",
)
COUNTED = tuple(each for each in TABS if each != ENDED)
IS_OPEN = Case.state == CaseState.OPEN


def tabs_of(actor: Actor) -> tuple[str, ...]:
    """Return the boards of an actor, the one that opens by itself first."""
    if not policy.watches_over_cases(actor):
        return (MINE, LATE, SILENT, ENDED)
    own = (MINE,) if policy.is_given_cases(actor) else ()
    return (TEAM, *own, LATE, SILENT, UNMANAGED, ENDED)


def is_silent(days: int) -> ColumnElement[bool]:
    """Return the condition for open cases in which nobody wrote for this many whole days."""
    since = told(lambda: clock.at_wib(clock.today() - timedelta(days=days), time.min))
    return and_(IS_OPEN, Case.last_entry_at < since)


def is_late() -> ColumnElement[bool]:
    """Return the condition for open cases whose stage or one of whose tasks should be done."""
    return and_(IS_OPEN, Case.due_on < TODAY)


def is_waiting() -> ColumnElement[bool]:
    """Return the condition for tasks that are still to be done."""
    return CaseTask.done_at.is_(None)


def under(actor: Actor, tab: str, silent_days: int) -> ColumnElement[bool]:
    """Return the condition for the cases under a tab, besides `policy.listed_to`."""
    conditions: dict[str, Callable[[], ColumnElement[bool]]] = {
        MINE: lambda: and_(IS_OPEN, policy.worked_on_by(actor)),
        TEAM: lambda: IS_OPEN,
        LATE: is_late,
        SILENT: lambda: is_silent(silent_days),
        UNMANAGED: lambda: and_(IS_OPEN, Case.manager_id.is_(None)),
        ENDED: lambda: not_(IS_OPEN),
    }
    return conditions[tab]()


@dataclass(frozen=True)
class Figures:
    """How many open cases an actor may know of, by stage and tab, and how many they manage."""

    by_stage: dict[Stage, dict[str, int]]
    managed: int

    def count(self, tab: str, stage: Stage | None = None) -> int:
        """Return how many stand under a tab, all or those of a stage."""
        chosen = self.by_stage if stage is None else {stage} & self.by_stage.keys()
        return sum(self.by_stage[each][tab] for each in chosen)


def figures(session: Session, actor: Actor, silent_days: int, manager: str = "") -> Figures:
    """Return how many open cases an actor may know of, all or those of a manager (public id)."""
    query, values = _sums(actor, silent_days)
    if manager:
        query = query.where(managed_by(manager))
    rows = session.execute(query, values)
    found = {Stage(stage): list(map(int, rest)) for stage, *rest in rows}
    return Figures(
        {stage: dict(zip(COUNTED, rest, strict=False)) for stage, rest in found.items()},
        sum(rest[-1] for rest in found.values()),
    )


@prepared
def _sums(actor: Actor, silent_days: int) -> Select[*tuple[Any, ...]]:
    conditions = [under(actor, each, silent_days) for each in COUNTED]
    conditions.append(Case.manager_id == actor.user_id)
    sums = [func.sum(case((each, 1), else_=0)) for each in conditions]
    return select(Case.stage, *sums).where(policy.listed_to(actor), IS_OPEN).group_by(Case.stage)


def managed_by(public_id: str) -> ColumnElement[bool]:
    """Return the condition for the cases somebody manages."""
    return Case.manager_id.in_(select(User.id).where(User.public_id == public_id))


def managers(session: Session, actor: Actor) -> dict[str, str]:
    """Return the names of those who manage an open case the actor may know of, by public id."""
    return {row.public_id: row.full_name for row in session.execute(*_managers(actor))}


@prepared
def _managers(actor: Actor) -> Select[str, str]:
    theirs = select(Case.manager_id).where(policy.listed_to(actor), IS_OPEN)
    return (
        select(User.public_id, User.full_name)
        .where(User.id.in_(theirs))
        .order_by(User.full_name, User.id)
    )
