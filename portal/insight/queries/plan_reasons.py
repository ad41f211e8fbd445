"""Why a school stands where it stands in a plan, and how many people are expected there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.settings import Office
from portal.incidents.models import Report
from portal.insight.policy.planning.cost import MOST_NEED
from portal.insight.queries import reports
from portal.insight.queries.served import COUNTED, COUNTS_FOR, sessions_of_schools
from portal.schools.models import School
from portal.visits.models import Programme, Visit

MONTH_DAYS = 30
# People are estimated in tens.
ROUND_TO = 10


@dataclass(frozen=True)
class Reason:
    """Why a school stands where it stands, and how many people are expected there."""

    months: int | None
    need: int
    heads: int


def reasons(
    session: Session,
    schools: Sequence[School],
    programme: Programme,
    office: Office,
    first: date,
) -> dict[str, Reason]:
    """Return why each school stands where it stands on a day, by the ids that planning knows."""
    last, need = _last_sessions(session), _needs(session)
    return {
        str(school.id): Reason(
            months=_months(last.get(school.id), first),
            need=min(need.get(school.id, 0), MOST_NEED),
            heads=heads_of(school, programme, office),
        )
        for school in schools
    }


def heads_of(school: School, programme: Programme, office: Office) -> int:
    """Return how many people to expect: a grade of the school, as far as it is known."""
    heads: int = office["usual_audience"]
    if school.pupil_count:
        heads = round(school.pupil_count / len(school.grades) / ROUND_TO) * ROUND_TO
    return min(max(ROUND_TO, heads), programme.most_people)


def _months(last: datetime | None, first: date) -> int | None:
    if last is None:
        return None
    return max(0, (first - clock.day_of(last)).days // MONTH_DAYS)


def _last_sessions(session: Session) -> dict[UUID, datetime]:
    """Return the last session that counts for each school, as coverage counts it."""
    rows = session.execute(
        sessions_of_schools(COUNTS_FOR, func.max(Visit.starts_at))
        .where(COUNTED)
        .group_by(COUNTS_FOR)
    )
    return {row[0]: row[1] for row in rows}


def _needs(session: Session) -> dict[UUID, int]:
    """Return the reports of the last half year, by school.

    What tells of a school that became part of another counts for that one.
    """
    since = clock.now() - timedelta(days=6 * MONTH_DAYS)
    names_for = func.coalesce(School.merged_into_id, School.id)
    rows = session.execute(
        select(names_for, func.count())
        .select_from(Report)
        .join(School, School.id == Report.school_id)
        .where(Report.received_at >= since, reports.counted())
        .group_by(names_for)
    )
    return {row[0]: row[1] for row in rows}
