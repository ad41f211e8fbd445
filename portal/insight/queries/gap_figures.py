"""How wide the gap between schools and the office is, reckoned from what passed between them.

What could still come in time is not judged yet; nothing waits unseen: a red flag nobody has
responded to counts with the time it has waited so far.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.insight.queries.gap import DueForm, Facts, Raised, SharedPlan, Whose
from portal.insight.queries.periods import Period
from portal.monitoring.states import AlertKind
from portal.people.models import User
from portal.schools.models import School

Key = TypeVar("Key")


@dataclass(frozen=True)
class Share:
    """How many of those that can be judged were as promised."""

    met: int
    of: int

    @property
    def rate(self) -> float | None:
        """Return the share; None where nothing can be judged."""
        return self.met / self.of if self.of else None


@dataclass(frozen=True)
class Figures:
    """The gap of one period: of the city, a school, or a case manager."""

    plans: Share
    on_time: Share
    answered: Share
    red_flags: int
    # Of the red flags, those nobody has responded to yet.
    unseen: int
    median_wait: timedelta | None
    worst_wait: timedelta | None
    silent: int
    silent_open: int

    @property
    def anything(self) -> bool:
        """Say whether there is anything to tell."""
        judged = self.plans.of + self.on_time.of + self.answered.of
        return bool(judged or self.red_flags or self.silent)


def figures(found: Facts, period: Period) -> Figures:
    """Return what the facts come to in a period."""
    today = clock.day_of(found.moment)
    plans = [each for each in found.plans if period.holds(each.shared_on)]
    due = [each for each in found.forms if period.holds(each.due_on)]
    sent = [each for each in found.forms if each.sent_on and period.holds(each.sent_on)]
    raised = [each for each in found.raised if period.holds(clock.day_of(each.raised_at))]
    flags = [each for each in raised if each.kind is AlertKind.RED_FLAG]
    silent = [each for each in raised if each.kind is AlertKind.SILENT]
    waits = [(each.responded_at or found.moment) - each.raised_at for each in flags]
    seconds = [each.total_seconds() for each in waits]
    return Figures(
        plans=_share(_acknowledged(each, today) for each in plans),
        on_time=_share(_kept(each.due_on, each.sent_on, today) for each in due),
        answered=_share(
            _kept(each.answer_by, each.answered_on, today) for each in sent if each.answer_by
        ),
        red_flags=len(flags),
        unseen=sum(each.responded_at is None for each in flags),
        median_wait=timedelta(seconds=median(seconds)) if seconds else None,
        worst_wait=max(waits, default=None),
        silent=len(silent),
        silent_open=sum(not each.closed for each in silent),
    )


def by_school(session: Session, found: Facts, period: Period) -> list[tuple[str, Figures]]:
    """Return the figures of each school with something to tell, by its name."""
    apart = _apart(found, period, lambda whose: whose.school_id)
    rows = session.execute(select(School.id, School.name).where(School.id.in_(apart)))
    return sorted(((name, apart[each]) for each, name in rows), key=lambda row: row[0].casefold())


def by_manager(session: Session, found: Facts, period: Period) -> list[tuple[str, Figures]]:
    """Return the figures of each case manager by name; last, under "", cases without one."""
    apart = _apart(found, period, lambda whose: whose.manager_id)
    rows = session.execute(
        select(User.id, User.full_name).where(User.id.in_([each for each in apart if each]))
    )
    named = sorted(((name, apart[each]) for each, name in rows), key=lambda row: row[0].casefold())
    return [*named, ("", apart[None])] if None in apart else named


def _apart(found: Facts, period: Period, key: Callable[[Whose], Key]) -> dict[Key, Figures]:
    plans: dict[Key, list[SharedPlan]] = defaultdict(list)
    forms: dict[Key, list[DueForm]] = defaultdict(list)
    raised: dict[Key, list[Raised]] = defaultdict(list)
    for plan in found.plans:
        plans[key(plan.whose)].append(plan)
    for form in found.forms:
        forms[key(form.whose)].append(form)
    for alert in found.raised:
        raised[key(alert.whose)].append(alert)
    reckoned = {
        each: figures(Facts(plans[each], forms[each], raised[each], found.moment), period)
        for each in {*plans, *forms, *raised}
    }
    return {each: gap for each, gap in reckoned.items() if gap.anything}


def _acknowledged(plan: SharedPlan, today: date) -> bool | None:
    """Say whether all who had to read a plan did in time; None while nobody can say."""
    # Whoever was let go before their time was up owed nothing.
    bound = [
        each
        for each in plan.readers
        if each.acknowledged_on or each.ended_on is None or each.ended_on > each.due_on
    ]
    kept = [_kept(each.due_on, each.acknowledged_on, today) for each in bound]
    if False in kept:
        return False
    return None if None in kept or not kept else True


def _kept(due_on: date, done_on: date | None, today: date) -> bool | None:
    """Say whether something was done by the end of its day; None while it still can be."""
    if done_on is not None:
        return done_on <= due_on
    return False if due_on < today else None


def _share(judged: Iterable[bool | None]) -> Share:
    known = [each for each in judged if each is not None]
    return Share(sum(known), len(known))
