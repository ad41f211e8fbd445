"""When schools last had a session."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.schools.models import School
from portal.visits.models import Visit
from portal.visits.states import VisitState


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
