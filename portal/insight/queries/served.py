"""What coverage is counted from: sessions that count, memoranda in force, schools asked for.

Sessions of a school that became part of another count for that one. Days come as values or as
parameters of a statement that is kept (`core.prepared`).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, select
from sqlalchemy.orm import aliased

from portal.schools.models import LEVEL_GROUPS, District, Mou, School
from portal.schools.queries.schools import in_force
from portal.visits.models import Programme, Visit
from portal.visits.states import VisitState

# Where a session took place, whatever became of that school since.
HELD_AT = aliased(School, name="held_at")
# The school a session counts for.
COUNTS_FOR: ColumnElement[UUID] = func.coalesce(HELD_AT.merged_into_id, HELD_AT.id)
COUNTED = and_(Visit.state == VisitState.DELIVERED, Programme.counts_for_coverage)
PUPILS: ColumnElement[int] = func.coalesce(Visit.heads_girls, 0) + func.coalesce(
    Visit.heads_boys, 0
)
ADULTS: ColumnElement[int] = func.coalesce(Visit.heads_adults, 0)


def sessions_of_schools(*columns: Any) -> Select[*tuple[Any, ...]]:
    """Select columns of sessions, each with its programme and the school it was held at."""
    return (
        select(*columns)
        .select_from(Visit)
        .join(Programme, Programme.id == Visit.programme_id)
        .join(HELD_AT, HELD_AT.id == Visit.school_id)
    )


def served_schools(since: Any, until: Any) -> Subquery:
    """Return, per school that ever had one, its sessions ever and within a half-open time."""
    within = and_(Visit.starts_at >= since, Visit.starts_at < until)
    return (
        sessions_of_schools(
            COUNTS_FOR.label("school_id"),
            func.min(Visit.starts_at).label("first_at"),
            func.max(Visit.starts_at).label("last_at"),
            func.count().filter(within).label("sessions"),
            func.count().filter(within, Visit.school_confirmed_at.is_not(None)).label("confirmed"),
            func.sum(case((within, PUPILS), else_=0)).label("pupils"),
            func.sum(case((within, ADULTS), else_=0)).label("adults"),
        )
        .where(COUNTED)
        .group_by(COUNTS_FOR)
        .subquery("served")
    )


def partner_schools(day: Any) -> Subquery:
    """Return the schools with an MoU in force on a day, and since when it has been."""
    return (
        select(Mou.school_id, func.min(Mou.signed_on).label("partner_since"))
        .where(in_force(day))
        .group_by(Mou.school_id)
        .subquery("partner")
    )


def wanted_schools(
    group: str | None = None,
    *,
    district: Any = None,
    subdistrict: Any = None,
    ownership: Any = None,
    authority: Any = None,
) -> ColumnElement[bool]:
    """Return the condition for active schools of a level group and a kind; None means any.

    A statement that names a district (by its slug) joins `District` too.
    """
    conditions: list[ColumnElement[bool]] = [School.active.is_(True)]
    if group is not None:
        conditions.append(School.level.in_(LEVEL_GROUPS[group]))
    if district is not None:
        conditions.append(District.slug == district)
    if subdistrict is not None:
        conditions.append(School.subdistrict == subdistrict)
    if ownership is not None:
        conditions.append(School.ownership == ownership)
    if authority is not None:
        conditions.append(School.authority == authority)
    return and_(*conditions)
