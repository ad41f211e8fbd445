"""Reading what a reporter is told right after sending."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from portal.hotline.models import Telling
from portal.incidents.models import Report


def times_of(session: Session, telling: Telling) -> Row[*tuple[Any, ...]] | None:
    """Return `received_at` and `read_until` of the report a story became."""
    times = select(Report.received_at, Report.read_until)
    return session.execute(times.where(Report.id == telling.report_id)).one_or_none()
