"""Ending the office's work on a case, handing it to another body, and going on with it later."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.actions import sentinels, stages
from portal.cases.actions.deciding import Reasons, decide, lapse_all
from portal.cases.actions.file import begin, lock, write_entry
from portal.cases.actions.opening import assign, release
from portal.cases.actions.passing_on import tell_manager
from portal.cases.actions.serving import cancel_planned
from portal.cases.actions.tasks import cancel_all
from portal.cases.actions.waiting import wait_for_manager
from portal.cases.events import CaseClosed, CaseReopened
from portal.cases.models import Case, CaseAssignment, Decision
from portal.cases.queries import files
from portal.cases.queries import stages as queries
from portal.cases.queries.access import conflicts_beside
from portal.cases.queries.evidence import CLOSURE_APPROVED
from portal.cases.states import (
    CaseOutcome,
    CaseState,
    Cause,
    DecisionKind,
    EntryKind,
    Part,
    Stage,
)
from portal.core import clock, duties
from portal.core.access import Actor
from portal.core.errors import Rejected
from portal.core.events import emit

# These end a case wherever it stands; the others need the whole way through the procedure.
FROM_ANY_STAGE = frozenset(
    {
        CaseOutcome.DUPLICATE,
        CaseOutcome.MOVED_AWAY,
        CaseOutcome.NO_NEED_FOUND,
        CaseOutcome.FAMILY_WITHDREW,
    }
)


def propose_closure(
    session: Session, actor: Actor, case: Case, outcome: CaseOutcome, reasons: Reasons
) -> Decision:
    """Ask the division head to close a case.

    Raises what `begin` and `decide` raise; for an outcome that only the last stage knows
    Rejected("stages_left", "outcome") before it, and there
    Rejected("stage_incomplete", "outcome", missing=...) while more is missing than this word.
    """
    begin(session, actor, case)
    if outcome not in possible_outcomes(case):
        raise Rejected("stages_left", "outcome")
    if outcome not in FROM_ANY_STAGE:
        missing = queries.missing(session, case, besides=CLOSURE_APPROVED)
        if missing:
            raise Rejected("stage_incomplete", "outcome", missing="; ".join(missing))
    return decide(session, actor, case, DecisionKind.CLOSURE, reasons, outcome=outcome)


def possible_outcomes(case: Case) -> list[CaseOutcome]:
    """Return how a case can end in the stage it is in, other than by another body's work."""
    last = case.stage == Stage.TERMINATION
    endings = [each for each in CaseOutcome if each is not CaseOutcome.OTHER_BODY]
    return [each for each in endings if last or each in FROM_ANY_STAGE]


def propose_transfer(session: Session, actor: Actor, case: Case, reasons: Reasons) -> Decision:
    """Ask the division head to let another body go on; raises what `begin` and `decide` raise."""
    begin(session, actor, case)
    other = CaseOutcome.OTHER_BODY
    return decide(session, actor, case, DecisionKind.TRANSFER, reasons, outcome=other)


def end_case(session: Session, actor: Actor, case: Case, decision: Decision) -> None:
    """Carry out an approved closure or transfer: nothing of the case stays pending.

    The manager of a closed case keeps reading it, to look back and to go on with it; what another
    body goes on with is in nobody's hands any more.
    """
    transferred = decision.kind == DecisionKind.TRANSFER
    cancel_all(session, actor, case)
    cancel_planned(session, actor, case)
    lapse_all(session, actor, case)
    stages.finish(session, actor, case)
    case.move(actor, "transfer" if transferred else "close")
    case.closed_on = clock.today()
    case.outcome = CaseOutcome.OTHER_BODY if transferred else _outcome_of(decision)
    facts = {"outcome": str(case.outcome or ""), "transferred": transferred}
    write_entry(session, actor, case, EntryKind.CLOSED, facts=facts, record_id=decision.id)
    for worker in sorted(files.workers_of(session, case.id)):
        if transferred or worker != case.manager_id:
            release(session, actor, case, worker)
    duties.close_duties(session, case.id)
    # A case that was opened twice goes on under its other number.
    if not transferred and case.outcome != CaseOutcome.DUPLICATE:
        sentinels.schedule(session, case)
    ended = CaseClosed(case.id, str(case.outcome or ""), transferred, decision.record_id)
    emit(session, actor, ended)


def _outcome_of(decision: Decision) -> CaseOutcome | None:
    return CaseOutcome(decision.outcome) if decision.outcome else None


@dataclass(frozen=True)
class Reopening:
    """Why a case goes on, and where; without a stage, the usual one for that cause.

    It never goes on beyond the stage in which it ended.
    """

    cause: Cause
    reasons: Reasons
    stage: Stage | None = None


def reopen(session: Session, actor: Actor, case: Case, command: Reopening) -> Decision:
    """Go on with a case that was closed or handed to another body.

    Whoever managed it last is asked again; where that cannot be, it waits for the coordinators.
    Raises Rejected("not_allowed"), also for whoever must not see another case of the child, what
    moving raises, Rejected("stage_ahead", "stage") for one it was not in yet, or
    Rejected("case_open") while the child has another open case.
    """
    lock(session, case)
    if conflicts_beside(session, case, actor.user_id):
        # Not even that there is another case.
        raise Rejected("not_allowed")
    other = select(Case.id).where(Case.child_id == case.child_id, Case.state == CaseState.OPEN)
    # A case that somebody reopened meanwhile is refused by its move, with a sentence of its own.
    if session.scalars(other.where(Case.id != case.id)).first() is not None:
        raise Rejected("case_open")
    case.move(actor, "reopen")
    stage = command.stage or _usual_stage(case, command.cause)
    if stage not in possible_stages(case):
        raise Rejected("stage_ahead", "stage")
    case.closed_on, case.outcome = None, None
    case.times_reopened += 1
    sentinels.cancel_rest(session, case)
    decision = decide(
        session,
        actor,
        case,
        DecisionKind.CASE_REOPENED,
        command.reasons,
        outcome=command.cause,
    )
    facts = {"cause": str(command.cause), "stage": str(stage)}
    write_entry(session, actor, case, EntryKind.REOPENED, facts=facts, record_id=decision.id)
    stages.enter(session, case, stage)
    _ask_manager(session, actor, case)
    emit(session, actor, CaseReopened(case.id))
    return decision


def possible_stages(case: Case) -> list[Stage]:
    """Return where a case that ended can go on: no further than where it ended."""
    return [each for each in Stage if each.rank <= Stage(case.stage).rank]


def _usual_stage(case: Case, cause: Cause) -> Stage:
    """Return where a case goes on by itself: after a relapse with the assessment, if it was there.

    Whatever was closed by mistake goes on where it ended.
    """
    assessed = Stage.ASSESSMENT in possible_stages(case)
    return Stage.ASSESSMENT if cause is Cause.RELAPSE and assessed else Stage(case.stage)


def _ask_manager(session: Session, actor: Actor, case: Case) -> None:
    if case.manager_id is None:
        _assign_again(session, actor, case)
    elif case.manager_id != actor.user_id:
        tell_manager(session, case, case.manager_id)
    wait_for_manager(session, case)


def _assign_again(session: Session, actor: Actor, case: Case) -> None:
    """Give a case back to whoever managed it last, if they still may and can."""
    held = select(CaseAssignment.user_id).where(
        CaseAssignment.case_id == case.id, CaseAssignment.part == Part.MANAGER
    )
    last = session.scalars(held.order_by(CaseAssignment.since.desc())).first()
    if last is None:
        return
    try:
        assign(session, actor, case, last)
    except Rejected:
        # They left, must not see it or have too much to do: the coordinators look for somebody.
        return
