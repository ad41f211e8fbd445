"""When something of a case is due first: its stage or one of its tasks.

The day stands in the case itself, so that a board of thousands is sorted and counted without
looking into their tasks.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.cases.models import Case
from portal.cases.queries import tasks


def keep_due_day(session: Session, case: Case) -> None:
    """Note the first day something is due, after a stage or a task began or ended."""
    session.flush()
    days = (case.stage_due_on, tasks.first_due(session, case.id))
    case.due_on = min((day for day in days if day is not None), default=None)
