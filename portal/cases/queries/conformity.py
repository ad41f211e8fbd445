"""Whether cases went the way the procedure asks for, from the moments of their passages.

Figures leave out the cases their reader must not know of (conflict lists); cases are named by
number, and only those that reader may list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from portal.cases import policy
from portal.cases.models import Case, CaseStage
from portal.cases.queries.passages import Passage, passages, read
from portal.cases.states import Stage
from portal.core import clock
from portal.core.access import Actor
from portal.people.policy import conflicts_of

MOST_NAMED = 100


@dataclass(frozen=True)
class Tally:
    """How some passages went, through one stage or of one case."""

    passed: int
    in_time: int
    # Working days, of half of those passed at most; None where nothing was passed.
    used: float | None
    allowed: float | None
    skipped: int
    # Gone through once more, because somebody went back.
    again: int
    # Still going on, after their day.
    overdue: int

    @property
    def share(self) -> float | None:
        """Return the share that was finished in time."""
        return self.in_time / self.passed if self.passed else None

    @property
    def departs(self) -> bool:
        """Say whether anything went another way than the procedure asks for."""
        return self.in_time < self.passed or bool(self.skipped or self.again or self.overdue)


@dataclass(frozen=True)
class Named:
    """A case that went another way, for whoever may list it."""

    public_id: str
    number: str
    tally: Tally


@dataclass(frozen=True)
class Conformity:
    """How the cases opened in a year (or ever) went."""

    cases: int
    all: Tally
    by_stage: dict[Stage, Tally]
    named: list[Named]
    # How many more went another way than are named.
    unnamed: int


def years(session: Session) -> list[int]:
    """Return the years since the first case was opened, the newest first."""
    first = session.scalar(select(func.min(Case.opened_on)))
    this_year = clock.today().year
    return list(range(this_year, min(first.year if first else this_year, this_year) - 1, -1))


def of_year(session: Session, actor: Actor, year: int | None) -> Conformity:
    """Return how the cases opened in a year went; of all years for None."""
    opened = _opened_in(year)
    known = Case.id.not_in(conflicts_of(actor))
    rows = read(session, passages().join(Case, Case.id == CaseStage.case_id).where(opened, known))
    again = _gone_back_to(rows)
    by_stage: dict[Stage, list[Passage]] = {each: [] for each in Stage}
    by_case: dict[UUID, list[Passage]] = defaultdict(list)
    for each in rows:
        by_stage[each.stage].append(each)
        by_case[each.case_id].append(each)
    departing = {
        case_id: tally
        for case_id, theirs in by_case.items()
        if (tally := _tally(theirs, again)).departs
    }
    listed = session.execute(
        select(Case.id, Case.public_id, Case.number)
        .where(opened, policy.listed_to(actor))
        .order_by(Case.opened_on.desc(), Case.number.desc())
    )
    named = [
        Named(row.public_id, row.number, departing[row.id]) for row in listed if row.id in departing
    ]
    return Conformity(
        cases=len(by_case),
        all=_tally(rows, again),
        by_stage={stage: _tally(theirs, again) for stage, theirs in by_stage.items()},
        named=named[:MOST_NAMED],
        unnamed=max(0, len(named) - MOST_NAMED),
    )


def _opened_in(year: int | None) -> ColumnElement[bool]:
    if year is None:
        return true()
    return Case.opened_on.between(date(year, 1, 1), date(year, 12, 31))


def _gone_back_to(rows: Sequence[Passage]) -> frozenset[UUID]:
    """Return the passages that began because a later one was left, of rows in their order."""
    return frozenset(
        now.id
        for before, now in pairwise(rows)
        if before.case_id == now.case_id and before.broken_off
    )


def _tally(rows: Iterable[Passage], again: frozenset[UUID]) -> Tally:
    every = list(rows)
    passed = [each for each in every if each.finished]
    return Tally(
        passed=len(passed),
        in_time=sum(not each.late for each in passed),
        used=median(each.used for each in passed) if passed else None,
        allowed=median(each.allowed for each in passed) if passed else None,
        skipped=sum(each.skipped for each in every),
        again=sum(each.id in again for each in every),
        overdue=sum(each.ended_on is None and each.late for each in every),
    )
