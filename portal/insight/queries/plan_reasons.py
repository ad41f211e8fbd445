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
from portal.incidents.states import Outcome
from portal.insight.policy.planning.cost import MOST_NEED
from portal.schools.models import School
from portal.visits.models import Programme, Visit
from portal.visits.states import VisitState

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
    return max(0, (first - last.astimezone(clock.WIB).date()).days // MONTH_DAYS)


def _last_sessions(session: Session) -> dict[UUID, datetime]:
    rows = session.execute(
        select(Visit.school_id, func.max(Visit.starts_at))
        .join(Programme, Programme.id == Visit.programme_id)
        .where(Visit.state == VisitState.DELIVERED, Programme.counts_for_coverage)
        .group_by(Visit.school_id)
    )
    return {row[0]: row[1] for row in rows}


def _needs(session: Session) -> dict[UUID, int]:
    """Return the reports of the last half year, by school; spam and quarantine count nowhere."""
    since = clock.now() - timedelta(days=6 * MONTH_DAYS)
    rows = session.execute(
        select(Report.school_id, func.count())
        .where(
            Report.school_id.is_not(None),
            Report.received_at >= since,
            Report.quarantined.is_(False),
            Report.outcome != Outcome.SPAM,
        )
        .group_by(Report.school_id)
    )
    return {school_id: count for school_id, count in rows if school_id}
