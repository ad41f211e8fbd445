"""What belongs to a case besides its own work: the reports it grew out of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.cases.models import CaseReport
from portal.core.access import Actor
from portal.core.prepared import prepared
from portal.incidents import policy
from portal.incidents.models import Report


@dataclass(frozen=True)
class LinkedReport:
    """A report of a case by its number; `opens` where this actor may read its file now."""

    public_id: str
    number: str
    received_at: datetime
    opens: bool


def reports_of(session: Session, actor: Actor, case_id: UUID) -> list[LinkedReport]:
    """Return the reports of a case that an actor may know of, the first received first."""
    rows = session.execute(*_reports(actor, case_id=case_id))
    return [
        LinkedReport(row.public_id, row.locator, row.received_at, bool(row.opens)) for row in rows
    ]


@prepared
def _reports(actor: Actor, *, case_id: UUID) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Report.public_id,
            Report.locator,
            Report.received_at,
            policy.open_to(actor).label("opens"),
        )
        .join(CaseReport, CaseReport.report_id == Report.id)
        .where(CaseReport.case_id == case_id, policy.listed_to(actor))
        .order_by(Report.received_at, Report.id)
    )
