"""How a case went from stage to stage, and how many working days that took."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.cases.models import CaseStage
from portal.cases.states import Stage
from portal.core import clock
from portal.core.prepared import prepared


@lru_cache(maxsize=64)
def _open_days(year: int) -> tuple[date, ...]:
    first, last = date(year, 1, 1), date(year, 12, 31)
    every = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return tuple(day for day in every if clock.is_working_day(day))


def working_days(first: date, last: date) -> int:
    """Return how many working days come after `first` up to `last`, below nought for days past."""
    if last < first:
        return -working_days(last, first)
    years = (_open_days(year) for year in range(first.year, last.year + 1))
    return sum(bisect_right(days, last) - bisect_right(days, first) for days in years)


@dataclass(frozen=True)
class Passage:
    """One passage of a case through a stage, without the words written about it."""

    id: UUID
    case_id: UUID
    stage: Stage
    began_on: date
    due_on: date
    ended_on: date | None
    skipped: bool
    broken_off: bool
    signed_by: UUID | None

    @property
    def finished(self) -> bool:
        """Say whether it ended because everything was there."""
        return self.ended_on is not None and not self.skipped and not self.broken_off

    @property
    def allowed(self) -> int:
        """Return how many working days it may take."""
        return working_days(self.began_on, self.due_on)

    @property
    def used(self) -> int:
        """Return how many working days it took, or takes so far."""
        return working_days(self.began_on, self.ended_on or clock.today())

    @property
    def late(self) -> bool:
        """Say whether it ended after its day, or should be over by now."""
        return (self.ended_on or clock.today()) > self.due_on


def passages() -> Select[*tuple[Any, ...]]:
    """Return the query for passages in the order they were gone through, for `read`."""
    return select(
        CaseStage.id,
        CaseStage.case_id,
        CaseStage.stage,
        CaseStage.began_at,
        CaseStage.due_on,
        CaseStage.ended_at,
        CaseStage.skipped,
        CaseStage.broken_off,
        CaseStage.signed_by,
    ).order_by(CaseStage.case_id, CaseStage.began_at, CaseStage.id)


def read(
    session: Session, found: Select[*tuple[Any, ...]], values: dict[str, Any] | None = None
) -> list[Passage]:
    """Return the passages a query of `passages` finds."""
    return [
        Passage(
            row.id,
            row.case_id,
            Stage(row.stage),
            clock.day_of(row.began_at),
            row.due_on,
            clock.day_of(row.ended_at) if row.ended_at else None,
            row.skipped,
            row.broken_off,
            row.signed_by,
        )
        for row in session.execute(found, values)
    ]


def of_case(session: Session, case_id: UUID) -> list[Passage]:
    """Return a case's passages, the oldest first."""
    return read(session, *_of_case(case_id=case_id))


@prepared
def _of_case(*, case_id: UUID) -> Select[*tuple[Any, ...]]:
    return passages().where(CaseStage.case_id == case_id)
