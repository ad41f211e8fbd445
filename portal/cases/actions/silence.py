"""Cases in which nobody wrote for long: somebody is asked how the child is."""

from __future__ import annotations

from sqlalchemy import not_, select
from sqlalchemy.orm import Session

from portal.cases.actions.waiting import SILENT, wait_for_writing
from portal.cases.models import Case
from portal.cases.queries.caseload import is_silent
from portal.core import duties, settings
from portal.core.duties import Duty


def ask_about_silence(session: Session) -> dict[str, int]:
    """Ask about every open case silent for longer than the setting, once, and no longer than that.

    Returns how many are asked about from now on (`asked`) and no longer (`settled`).
    """
    silent = is_silent(settings.read(session)["silent_case_days"])
    asked = select(Duty.subject_id).where(Duty.kind == SILENT, Duty.closed_at.is_(None))
    heard = session.scalars(select(Case.id).where(Case.id.in_(asked), not_(silent))).all()
    for case_id in heard:
        duties.close_duties(session, case_id, SILENT)
    quiet = session.scalars(select(Case).where(silent, Case.id.not_in(asked))).all()
    for case in quiet:
        wait_for_writing(session, case)
    return {"asked": len(quiet), "settled": len(heard)}
