"""Which schools to go to next: a published score, and what the office decided otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor
from portal.core.settings import Office
from portal.insight.models import SuggestionChoice, Verdict
from portal.insight.queries import scoring
from portal.insight.queries.boards import GROUP_OF, Basis
from portal.insight.queries.scoring import Weights
from portal.people.models import User
from portal.schools.models import School


class Ground(StrEnum):
    """Why a school is suggested; in the order in which the arithmetic is told."""

    NEVER = "never"
    LONG_AGO = "long_ago"
    REPORTS = "reports"
    CELL = "cell"


@dataclass(frozen=True)
class Suggestion:
    """A school with what speaks for it, and what the office decided about it."""

    school: School
    district: str
    partner_since: date | None
    last_at: datetime | None
    # What each ground gives; those that give nothing are left out.
    points: dict[Ground, int]
    choice: SuggestionChoice | None

    @property
    def score(self) -> int:
        """Return the sum."""
        return sum(self.points.values())

    @property
    def group(self) -> str:
        """Return the school's column of the matrix."""
        return GROUP_OF[self.school.level]

    @property
    def put_first(self) -> bool:
        """Say whether the office put it before all others."""
        return self.choice is not None and self.choice.verdict == Verdict.FIRST


@dataclass(frozen=True)
class Decided:
    """What somebody decided about a school, and whether it still holds."""

    choice: SuggestionChoice
    school: School
    by: str
    running: bool


def suggested(
    session: Session, actor: Actor, office: Office, basis: Basis, limit: int
) -> list[Suggestion]:
    """Return the schools to go to next, in one statement; those put off are left out."""
    weights = Weights.of(office)
    statement, values = scoring.listed(actor, basis, weights, **scoring.moments(weights))
    rows = session.execute(statement.limit(limit), values)
    return [_suggestion(row, weights) for row in rows]


def count(session: Session, actor: Actor, office: Office, basis: Basis) -> int:
    """Return how many schools are suggested."""
    weights = Weights.of(office)
    statement, values = scoring.listed(actor, basis, weights, **scoring.moments(weights))
    found = statement.with_only_columns(School.id).order_by(None).subquery()
    return session.scalar(select(func.count()).select_from(found), values) or 0


def suggestion_of(session: Session, actor: Actor, office: Office, school: School) -> Suggestion:
    """Return what speaks for an active school, whatever was decided and whatever is ahead."""
    weights = Weights.of(office)
    statement, values = scoring.one(actor, weights, school_id=school.id, **scoring.moments(weights))
    return _suggestion(session.execute(statement, values).one(), weights)


def decisions(session: Session, school: School) -> list[Decided]:
    """Return what was decided about a school, the newest first."""
    return _decided(session, SuggestionChoice.school_id == school.id)


def put_off(session: Session) -> list[Decided]:
    """Return the schools that are put off now."""
    return _decided(session, scoring.running(), SuggestionChoice.verdict == Verdict.LATER)


def get_choice(session: Session, school: School, public_id: str) -> SuggestionChoice | None:
    """Return one decision about a school."""
    return session.scalar(
        select(SuggestionChoice).where(
            SuggestionChoice.public_id == public_id, SuggestionChoice.school_id == school.id
        )
    )


def running_of(session: Session, school_id: UUID) -> Sequence[SuggestionChoice]:
    """Return what holds for a school now."""
    held = select(SuggestionChoice).where(
        SuggestionChoice.school_id == school_id, scoring.running()
    )
    return session.scalars(held).all()


def _decided(session: Session, *conditions: ColumnElement[bool]) -> list[Decided]:
    rows = session.execute(
        select(SuggestionChoice, School, User.full_name)
        .join(School, School.id == SuggestionChoice.school_id)
        .join(User, User.id == SuggestionChoice.made_by)
        .where(*conditions)
        .order_by(SuggestionChoice.made_at.desc(), SuggestionChoice.id.desc())
    )
    today = clock.today()
    return [
        Decided(choice, school, by, choice.ended_at is None and choice.until >= today)
        for choice, school, by in rows
    ]


def _suggestion(row: Any, weights: Weights) -> Suggestion:
    told = min(row.reports * weights.report, weights.reports_most)
    thin = row.reached_here * 100 < weights.percent * row.schools_here
    points = {
        Ground.NEVER: weights.never if row.never else 0,
        Ground.LONG_AGO: weights.long_ago if row.long_ago else 0,
        Ground.REPORTS: told,
        Ground.CELL: weights.cell if thin else 0,
    }
    return Suggestion(
        row.School,
        row.district,
        row.partner_since,
        row.last_at,
        {ground: given for ground, given in points.items() if given},
        row.SuggestionChoice,
    )
