"""A case's way through the stages of the procedure.

Every step names the passage its page showed, by its place among the case's passages: an old page,
or a second press, does nothing to a stage that began meanwhile.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.cases.actions.deciding import Reasons, decide
from portal.cases.actions.due import keep_due_day
from portal.cases.actions.file import begin, write_entry
from portal.cases.actions.waiting import wait_for_stage
from portal.cases.events import CaseChanged, StageDone, StageReopened
from portal.cases.models import Case, CaseStage, CaseTick
from portal.cases.queries import files
from portal.cases.queries import stages as queries
from portal.cases.states import ASKING_FOR, NEVER_SKIPPED, DecisionKind, EntryKind, Stage
from portal.core import clock, duties
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit


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
    keep_due_day(session, case)
    wait_for_stage(session, case)
    return passage


def sign(session: Session, actor: Actor, case: Case, shown: int) -> None:
    """Finish the present stage and begin the next.

    Raises Rejected("stage_incomplete", missing=...) while something required is not there,
    Rejected("stage_closes_case") for the last stage, and what `_start` raises.
    """
    passage = _start(session, actor, case, shown)
    if passage.stage == Stage.TERMINATION:
        raise Rejected("stage_closes_case")
    missing = queries.missing(session, case)
    if missing:
        raise Rejected("stage_incomplete", missing="; ".join(missing))
    _pass(session, actor, case, passage)
    enter(session, case, _after(passage))


def skip(session: Session, actor: Actor, case: Case, shown: int, reasons: Reasons) -> None:
    """Pass over the present stage by a decision, and begin the next.

    Raises Rejected("stage_cannot_skip") for the first and the last, and what `_start` raises.
    """
    passage = _start(session, actor, case, shown)
    if passage.stage in NEVER_SKIPPED:
        raise Rejected("stage_cannot_skip")
    decide(session, actor, case, DecisionKind.STAGE_SKIPPED, reasons, record_id=passage.id)
    passage.skipped, passage.reason = True, reasons.reason
    _end(passage, actor)
    facts = {"stage": str(passage.stage)}
    write_entry(session, actor, case, EntryKind.STAGE_SKIPPED, facts=facts, text=reasons.reason)
    emit(session, actor, StageDone(case.id, passage.stage, skipped=True))
    enter(session, case, _after(passage))


def go_back(
    session: Session, actor: Actor, case: Case, shown: int, stage: Stage, reasons: Reasons
) -> None:
    """Leave the present stage for an earlier one by a decision; those between follow again.

    Raises Rejected("stage_not_earlier"), Rejected("closure_waits") while somebody is asked whether
    the case may be closed, and what `_start` raises.
    """
    passage = _start(session, actor, case, shown)
    if stage.rank >= Stage(passage.stage).rank:
        raise Rejected("stage_not_earlier", "stage")
    if duties.is_open(session, case.id, ASKING_FOR[DecisionKind.CLOSURE]):
        raise Rejected("closure_waits")
    passage.broken_off = True
    _end(passage, actor)
    again = enter(session, case, stage, reasons.reason)
    session.flush()
    decide(session, actor, case, DecisionKind.STAGE_REOPENED, reasons, record_id=again.id)
    facts = {"stage": str(stage), "from": str(passage.stage)}
    write_entry(session, actor, case, EntryKind.STAGE_REOPENED, facts=facts, text=reasons.reason)
    emit(session, actor, StageReopened(case.id, stage))


def finish(session: Session, actor: Actor, case: Case) -> None:
    """End the way of a case that is closed or handed over; its clock stops.

    The last stage counts as gone through only with all it needs; whatever is left otherwise was
    broken off. The caller has locked the case and decided about it.
    """
    passage = queries.present(session, case)
    if passage is not None:
        if passage.stage == Stage.TERMINATION and not queries.missing(session, case):
            _pass(session, actor, case, passage)
        else:
            passage.broken_off = True
            _end(passage, actor)
    case.stage_due_on = None
    keep_due_day(session, case)
    wait_for_stage(session, case)


def tick(session: Session, actor: Actor, case: Case, shown: int, code: str) -> None:
    """Tick an item of the present checklist; raises what `_by_hand` raises."""
    passage = _by_hand(session, actor, case, shown, code)
    if _ticked(session, passage, code) is None:
        session.add(
            CaseTick(
                case_stage_id=passage.id,
                code=code,
                ticked_by=actor.user_id,
                ticked_at=clock.now(),
            )
        )
        emit(session, actor, CaseChanged(case.id, "tick"))


def untick(session: Session, actor: Actor, case: Case, shown: int, code: str) -> None:
    """Take a tick back; raises what `_by_hand` raises."""
    passage = _by_hand(session, actor, case, shown, code)
    ticked = _ticked(session, passage, code)
    if ticked is not None:
        session.delete(ticked)
        emit(session, actor, CaseChanged(case.id, "untick"))


def _start(session: Session, actor: Actor, case: Case, shown: int) -> CaseStage:
    """Return the present passage, if it is the one the page showed.

    Raises Rejected("state_changed"), and what `begin` raises.
    """
    begin(session, actor, case)
    passage = queries.present(session, case)
    so_far = session.scalar(select(func.count()).where(CaseStage.case_id == case.id))
    if passage is None or shown != so_far:
        raise Rejected("state_changed")
    return passage


def _by_hand(session: Session, actor: Actor, case: Case, shown: int, code: str) -> CaseStage:
    """Raises Rejected("state_changed") for what cannot be ticked here, and what `_start` raises."""
    passage = _start(session, actor, case, shown)
    items = _definition(session, case, Stage(passage.stage))["items"]
    if code not in {each["code"] for each in items if not each["evidence"]}:
        raise Rejected("state_changed")
    return passage


def _ticked(session: Session, passage: CaseStage, code: str) -> CaseTick | None:
    return session.scalar(
        select(CaseTick).where(CaseTick.case_stage_id == passage.id, CaseTick.code == code)
    )


def _pass(session: Session, actor: Actor, case: Case, passage: CaseStage) -> None:
    _end(passage, actor)
    facts = {"stage": str(passage.stage)}
    write_entry(session, actor, case, EntryKind.STAGE_DONE, facts=facts)
    emit(session, actor, StageDone(case.id, passage.stage, skipped=False))


def _end(passage: CaseStage, actor: Actor) -> None:
    passage.ended_at, passage.signed_by = clock.now(), actor.user_id


def _after(passage: CaseStage) -> Stage:
    return list(Stage)[Stage(passage.stage).rank]


def _definition(session: Session, case: Case, stage: Stage) -> dict[str, Any]:
    return files.procedure_of(session, case).stages[stage.rank - 1]
