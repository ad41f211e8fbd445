"""A case's way through the stages of the procedure."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from portal.cases.actions.waiting import wait_for_stage
from portal.cases.models import Case, CaseStage
from portal.cases.queries import files
from portal.cases.states import Stage
from portal.core import clock
from portal.core.db import new_id


def enter(session: Session, case: Case, stage: Stage, reason: str = "") -> CaseStage:
    """Begin a stage; its clock starts now."""
    days = _definition(session, case, stage)["days"]
    passage = CaseStage(
        id=new_id(),
        case_id=case.id,
        stage=stage,
        began_at=clock.now(),
        due_on=clock.add_working_days(clock.today(), days),
        reason=reason,
    )
    session.add(passage)
    case.stage, case.stage_due_on = stage, passage.due_on
    wait_for_stage(session, case)
    return passage


def _definition(session: Session, case: Case, stage: Stage) -> dict[str, Any]:
    return files.procedure_of(session, case).stages[stage.rank - 1]
