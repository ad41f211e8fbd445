"""Cases in figures: how many began, how they ended, and whether it happened again.

Exact figures leave out what their reader must not know of (conflict lists). Published ones are the
same for everybody, of whole years and the whole city alone, and guarded (`small_cells`). Endings
and reopenings are read from the decisions about them, so a case that goes on keeps its past.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from portal.cases.models import Case, Decision, Sentinel
from portal.cases.states import (
    ENDINGS,
    CaseOutcome,
    Cause,
    DecisionKind,
    DecisionState,
)
from portal.core import clock, settings
from portal.core.access import Actor
from portal.insight.queries.boards import GROUP_OF
from portal.insight.queries.small_cells import guarded
from portal.people.policy import conflicts_of
from portal.schools.models import District, Level, School

# No school is known.
UNKNOWN = ""
MOST_YEARS = 6
# What the office counted before there was a portal: bullied children it dealt with, as Dinas Sosial
# Kota Metro published it in 2026. What made one of them is not said, so nothing is added to it.
BASELINE: Mapping[int, int] = {2021: 45, 2022: 73, 2023: 63, 2024: 53, 2025: 52}


@dataclass(frozen=True)
class Begun:
    """A case as it began, and where the child goes to school."""

    case_id: UUID
    child_id: UUID
    day: date
    group: str = UNKNOWN
    district: str = UNKNOWN


@dataclass(frozen=True)
class Ended:
    """A closure of a case, or its transfer to another body."""

    case_id: UUID
    day: date
    outcome: str

    @property
    def transferred(self) -> bool:
        """Say whether another body goes on."""
        return self.outcome == CaseOutcome.OTHER_BODY


@dataclass(frozen=True)
class Resumed:
    """A case that goes on after it was closed."""

    case_id: UUID
    day: date
    relapse: bool


@dataclass(frozen=True)
class Looked:
    """A day on which somebody was to ask how a child is, and what was found."""

    due_on: date
    found: str | None


@dataclass(frozen=True)
class Facts:
    """All that the figures are reckoned from; cases that were opened twice only among `ended`."""

    begun: Sequence[Begun]
    ended: Sequence[Ended]
    resumed: Sequence[Resumed]
    looked: Sequence[Looked]
    # A new case, or going on, so many months after a closure counts as happening again.
    months: int


def years_with_cases(session: Session, today: date) -> list[int]:
    """Return the calendar years from the first case to today, the newest first."""
    first = session.scalar(select(func.min(Case.opened_on)))
    oldest = max(first.year if first else today.year, today.year - MOST_YEARS + 1)
    return list(range(today.year, oldest - 1, -1))


def facts(session: Session, actor: Actor) -> Facts:
    """Return what somebody of the office may reckon with."""
    known = Case.id.not_in(conflicts_of(actor))
    decided = _decisions(session, known)
    return Facts(
        begun=_begun(session, known),
        ended=[
            Ended(case_id, day, outcome)
            for kind, case_id, day, outcome in decided
            if kind in ENDINGS
        ],
        resumed=[
            Resumed(case_id, day, outcome == Cause.RELAPSE)
            for kind, case_id, day, outcome in decided
            if kind not in ENDINGS
        ],
        looked=_looked(session, known),
        months=settings.read(session)["recurrence_months"],
    )


def published(session: Session, today: date) -> dict[int, int | None]:
    """Return how many cases began in each year that is over, rounded; None for fewer than five.

    The running year would tell who came last.
    """
    counts = Counter(day.year for day in session.scalars(select(Case.opened_on).where(_counted())))
    over = [year for year in years_with_cases(session, today) if year < today.year]
    return {year: guarded({"": counts[year]}).total for year in over}


def _counted() -> ColumnElement[bool]:
    """Return the condition for cases that are not another one opened twice."""
    return or_(Case.outcome.is_(None), Case.outcome != CaseOutcome.DUPLICATE)


def _begun(session: Session, known: ColumnElement[bool]) -> list[Begun]:
    found = (
        select(Case.id, Case.child_id, Case.opened_on, School.level, District.name)
        .outerjoin(School, School.id == Case.school_id)
        .outerjoin(District, District.code == School.district_code)
        .where(known, _counted())
    )
    return [
        Begun(
            case_id,
            child_id,
            day,
            GROUP_OF[Level(level)] if level else UNKNOWN,
            district or UNKNOWN,
        )
        for case_id, child_id, day, level, district in session.execute(found)
    ]


def _decisions(session: Session, known: ColumnElement[bool]) -> list[tuple[str, UUID, date, str]]:
    """Return kind, case, day and outcome of what ended a case or let it go on, in order."""
    carried_out = (DecisionState.APPROVED, DecisionState.MADE)
    found = (
        select(Decision.kind, Decision.case_id, Decision.decided_at, Decision.outcome)
        .join(Case, Case.id == Decision.case_id)
        .where(
            Decision.kind.in_((*ENDINGS, DecisionKind.CASE_REOPENED)),
            Decision.state.in_(carried_out),
            Decision.decided_at.is_not(None),
            known,
        )
        .order_by(Decision.decided_at)
    )
    return [
        (kind, case_id, clock.day_of(decided_at), outcome)
        for kind, case_id, decided_at, outcome in session.execute(found)
        if decided_at
    ]


def _looked(session: Session, known: ColumnElement[bool]) -> list[Looked]:
    found = (
        select(Sentinel.due_on, Sentinel.found)
        .join(Case, Case.id == Sentinel.case_id)
        .where(Sentinel.cancelled_at.is_(None), known)
    )
    return [Looked(due_on, found_so) for due_on, found_so in session.execute(found)]
