"""The score of every active school, in SQL: what speaks for going there next.

Reports count for whoever may read figures of reports, and for nobody else: neither the sum nor the
order tells others anything about them. What somebody must not know of counts for them as not told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Any, Self
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    exists,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from portal.core import clock
from portal.core.access import Actor, Permission
from portal.core.clock import SchoolYear
from portal.core.prepared import NOW, TODAY, prepared
from portal.core.settings import Office
from portal.incidents.models import Report
from portal.incidents.states import Purpose
from portal.insight.models import SuggestionChoice, Verdict
from portal.insight.queries.boards import Basis
from portal.insight.queries.periods import Period, Span
from portal.insight.queries.reports import counted
from portal.insight.queries.served import partner_schools, served_schools
from portal.people.policy import conflicts_of
from portal.schools.models import LEVEL_GROUPS, District, School
from portal.visits.models import Visit
from portal.visits.states import HOLDING_TIME, VisitState

AHEAD = sorted(HOLDING_TIME - {VisitState.DELIVERED})


@dataclass(frozen=True)
class Weights:
    """What each ground counts, as the office has set it."""

    never: int
    long_ago: int
    report: int
    # Reports together count no more than this.
    reports_most: int
    cell: int
    # What "long ago" is in months, and a thin cell in per cent.
    months: int
    percent: int

    @classmethod
    def of(cls, office: Office) -> Self:
        """Return the office's settings."""
        return cls(
            office["suggest_never"],
            office["suggest_long"],
            office["suggest_report"],
            office["suggest_report_most"],
            office["suggest_cell"],
            office["suggest_long_months"],
            office["suggest_cell_percent"],
        )


def running() -> ColumnElement[bool]:
    """Return the condition for decisions that hold now."""
    return and_(SuggestionChoice.ended_at.is_(None), SuggestionChoice.until >= TODAY)


def moments(weights: Weights) -> dict[str, Any]:
    """Return from when to when what is counted: the school year, the semester, "long ago"."""
    today = clock.today()
    since, until = SchoolYear.of(today).bounds
    told_since, told_until = Period.of(Span.SEMESTER, today).bounds
    long_before = clock.at_wib(clock.months_before(today, weights.months), time.min)
    return {
        "day": today,
        "since": since,
        "until": until,
        "told_since": told_since,
        "told_until": told_until,
        "long_before": long_before,
    }


@prepared
def listed(
    actor: Actor, basis: Basis, weights: Weights, **moments: Any
) -> Select[*tuple[Any, ...]]:
    """Select the schools to go to next; those put off, or with a session ahead, are left out."""
    grounds = _grounds(actor, moments)
    score = _score(grounds, weights)
    first = func.coalesce(SuggestionChoice.verdict == Verdict.FIRST, False)
    ahead = exists().where(
        Visit.school_id == School.id, Visit.state.in_(AHEAD), Visit.starts_at > NOW
    )
    statement = _with(grounds).where(
        or_(score > 0, first),
        func.coalesce(SuggestionChoice.verdict != Verdict.LATER, True),
        ~ahead,
    )
    if basis is Basis.PARTNERS:
        statement = statement.where(grounds.c.partner_since.is_not(None))
    return statement.order_by(
        first.desc(),
        score.desc(),
        grounds.c.partner_since.nulls_last(),
        grounds.c.last_at.nulls_first(),
        School.name,
        School.id,
    )


@prepared
def one(
    actor: Actor, weights: Weights, *, school_id: UUID, **moments: Any
) -> Select[*tuple[Any, ...]]:
    """Select one active school with what speaks for it."""
    return _with(_grounds(actor, moments)).where(School.id == school_id)


def _with(grounds: Subquery) -> Select[*tuple[Any, ...]]:
    """Select schools with what speaks for them and what was decided."""
    return (
        select(
            School,
            District.name.label("district"),
            grounds.c.partner_since,
            grounds.c.last_at,
            grounds.c.never,
            grounds.c.long_ago,
            grounds.c.reports,
            grounds.c.reached_here,
            grounds.c.schools_here,
            SuggestionChoice,
        )
        .join(grounds, grounds.c.id == School.id)
        .join(District, District.code == School.district_code)
        .outerjoin(SuggestionChoice, and_(SuggestionChoice.school_id == School.id, running()))
    )


def _grounds(actor: Actor, moments: dict[str, Any]) -> Subquery:
    """Return, per active school, the facts its score is made of."""
    served = served_schools(moments["since"], moments["until"])
    mou = partner_schools(moments["day"])
    told = _told(actor, moments)
    group = case(*((School.level.in_(levels), name) for name, levels in LEVEL_GROUPS.items()))
    cell = (School.district_code, group)
    reached = case((served.c.sessions > 0, 1), else_=0)
    return (
        select(
            School.id,
            mou.c.partner_since,
            served.c.last_at,
            served.c.last_at.is_(None).label("never"),
            func.coalesce(served.c.last_at < moments["long_before"], False).label("long_ago"),
            func.coalesce(told.c.reports, 0).label("reports"),
            func.sum(reached).over(partition_by=cell).label("reached_here"),
            func.count().over(partition_by=cell).label("schools_here"),
        )
        .outerjoin(served, served.c.school_id == School.id)
        .outerjoin(mou, mou.c.school_id == School.id)
        .outerjoin(told, told.c.school_id == School.id)
        .where(School.active)
        .subquery("grounds")
    )


def _told(actor: Actor, moments: dict[str, Any]) -> Subquery:
    """Return the reports of the semester per school, as far as this actor may know of them."""
    told_of = aliased(School, name="told_of")
    school_id = func.coalesce(told_of.merged_into_id, told_of.id)
    known = true() if actor.may(Permission.REPORT_FIGURES_INSIDE) else false()
    return (
        select(school_id.label("school_id"), func.count().label("reports"))
        .select_from(Report)
        .join(told_of, told_of.id == Report.school_id)
        .where(
            known,
            counted(),
            Report.purpose == Purpose.REPORT,
            Report.received_at >= moments["told_since"],
            Report.received_at < moments["told_until"],
            Report.id.not_in(conflicts_of(actor)),
        )
        .group_by(school_id)
        .subquery("told")
    )


def _score(grounds: Subquery, weights: Weights) -> ColumnElement[int]:
    reports = grounds.c.reports * weights.report
    thin = grounds.c.reached_here * 100 < weights.percent * grounds.c.schools_here
    return (
        case((grounds.c.never, weights.never), else_=0)
        + case((grounds.c.long_ago, weights.long_ago), else_=0)
        + case((reports > weights.reports_most, weights.reports_most), else_=reports)
        + case((thin, weights.cell), else_=0)
    )
