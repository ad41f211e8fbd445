"""When schools last had a session, and which never had one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from portal.schools.models import School
from portal.visits.models import Programme, Visit
from portal.visits.states import VisitState


def never_served(school_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Return the condition that a school never had a session that counts."""
    earlier, programme = aliased(Visit), aliased(Programme)
    return ~exists(
        select(earlier.id)
        .join(programme, programme.id == earlier.programme_id)
        .where(
            earlier.school_id == school_id,
            earlier.state == VisitState.DELIVERED,
            programme.counts_for_coverage,
        )
    )


def last_sessions(session: Session, school_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Return when each of these schools, or one that became part of it, last had a session."""
    school_id = func.coalesce(School.merged_into_id, School.id)
    rows = session.execute(
        select(school_id, func.max(Visit.starts_at))
        .join(School, School.id == Visit.school_id)
        .where(Visit.state == VisitState.DELIVERED, school_id.in_(school_ids))
        .group_by(school_id)
    )
    return {row[0]: row[1] for row in rows}
