"""A plan at the school: shared, read, acknowledged, and ended when the school may know no more."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from portal.cases.actions.file import begin, lock, write_entry
from portal.cases.actions.peace import check_peace
from portal.cases.actions.tasks import end_automatic
from portal.cases.models import Case
from portal.cases.queries import files
from portal.cases.queries.tasks import SHARE_PLAN
from portal.cases.states import EntryKind
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.monitoring.actions import plan_waiting, scheduling
from portal.monitoring.events import ReturnPlanAcknowledged, ReturnPlanMoved
from portal.monitoring.models import PlanReader, ReturnPlan
from portal.monitoring.queries import plans as queries
from portal.monitoring.queries.plans import Candidate
from portal.monitoring.states import PlanState, ReaderPart
from portal.people.queries.confidential import kept_away


def share(
    session: Session, actor: Actor, case: Case, plan: ReturnPlan, teacher_id: UUID | None
) -> None:
    """Let the school read a draft in place of the plan before.

    `teacher_id` fills in the forms, unless somebody does so already. Raises what `file.begin`,
    moving and `scheduling.start` raise, what `missing_consent` names, Rejected("other_school")
    after a change of school, Rejected("return_plan_empty"), what `check_peace` raises,
    Rejected("teacher_needed"), or Rejected("teacher_chosen", "teacher").
    """
    begin_with(session, actor, case, plan)
    _check_may_be_told(session, case, plan)
    watching = queries.watching_at(session, case)
    fit = queries.readers_to_be(session, case, plan)
    readers = _readers_now(session, plan, fit)
    teaching = [each.user.id for each in fit if each.teaches]
    if not teaching:
        raise Rejected("teacher_needed")
    teacher_id = next(iter(watching), teacher_id)
    if teacher_id is None or (not watching and teacher_id not in teaching):
        raise Rejected("teacher_chosen", "teacher")
    earlier = queries.in_state(session, case.id, PlanState.SHARED)
    if earlier is not None:
        earlier.move(actor, "replace")
        _stop(session, actor, case, earlier, "replaced")
    plan.move(actor, "share")
    plan.shared_at, plan.shared_by = clock.now(), actor.user_id
    session.flush()
    for reader in readers:
        plan_waiting.wait_for_reader(session, plan, reader)
    plan_waiting.wait_for_school(session, case, plan)
    note_step(session, actor, case, plan, "shared")
    end_automatic(session, actor, case, SHARE_PLAN)
    scheduling.start(session, actor, plan, teacher_id)


def begin_with(session: Session, actor: Actor, case: Case, plan: ReturnPlan) -> None:
    """Lock a case and one of its plans; raises what `file.begin` raises."""
    begin(session, actor, case)
    session.refresh(plan, with_for_update=True)


def _check_may_be_told(session: Session, case: Case, plan: ReturnPlan) -> None:
    if plan.state != PlanState.DRAFT:
        raise Rejected("state_changed")
    if plan.school_id != case.school_id:
        raise Rejected("other_school")
    missing = queries.missing_consent(session, case)
    if missing == "school_refused":
        raise Rejected("school_refused")
    if missing:
        raise Rejected("school_consent_needed")
    if not any((plan.helps, plan.avoids, plan.safety_steps)):
        raise Rejected("return_plan_empty")
    # What it tells to avoid, and what the child wants, may name peace to keep it away.
    check_peace(case, plan.helps, plan.safety_steps)


def _readers_now(
    session: Session, plan: ReturnPlan, people: Sequence[Candidate]
) -> list[PlanReader]:
    """Return the rows of those who are asked from now on."""
    fit = {each.user.id: each.part for each in people}
    rows = {each.user_id: each for each in queries.reader_rows(session, plan.id)}
    for user_id in rows.keys() - fit.keys():
        session.delete(rows[user_id])
    readers = [
        rows.get(user_id) or _new_reader(session, plan, user_id, part)
        for user_id, part in fit.items()
    ]
    for reader in readers:
        reader.part, reader.asked_at = fit[reader.user_id], clock.now()
    session.flush()
    return readers


def _new_reader(session: Session, plan: ReturnPlan, user_id: UUID, part: ReaderPart) -> PlanReader:
    reader = PlanReader(
        id=new_id(), plan_id=plan.id, user_id=user_id, part=part, asked_at=clock.now()
    )
    session.add(reader)
    return reader


def ask_reader(
    session: Session, actor: Actor, plan: ReturnPlan, user_id: UUID, part: ReaderPart
) -> PlanReader:
    """Ask somebody more at the school to read a shared plan; whoever reads it already, goes on.

    Raises Rejected("state_changed") unless it is shared, or Rejected("reader_conflict") for
    whoever must not see the case.
    """
    case = session.get_one(Case, plan.case_id)
    lock(session, case)
    session.refresh(plan, with_for_update=True)
    if plan.state != PlanState.SHARED:
        raise Rejected("state_changed")
    if user_id in kept_away(session, case.id):
        raise Rejected("reader_conflict")
    known = {each.user_id: each for each in queries.reader_rows(session, plan.id)}
    reader = known.get(user_id)
    if reader is not None and reader.ended_at is None:
        return reader
    if reader is None:
        reader = _new_reader(session, plan, user_id, part)
    reader.part, reader.asked_at = part, clock.now()
    reader.acknowledged_at = reader.ended_at = None
    session.flush()
    plan_waiting.wait_for_reader(session, plan, reader)
    plan_waiting.wait_for_school(session, case, plan)
    emit(session, actor, ReturnPlanMoved(plan.id, case.id, "reader_asked"))
    return reader


def release_reader(session: Session, actor: Actor | None, plan: ReturnPlan, user_id: UUID) -> None:
    """Let somebody read a plan no longer; nothing happens when they do not read it anyway."""
    rows = queries.reader_rows(session, plan.id)
    reader = next((each for each in rows if each.user_id == user_id and not each.ended_at), None)
    if reader is None:
        return
    if plan.state == PlanState.DRAFT:
        session.delete(reader)
        return
    reader.ended_at = clock.now()
    plan_waiting.let_off(session, reader)
    plan_waiting.settle(session, session.get_one(Case, plan.case_id), plan)
    emit(session, actor, ReturnPlanMoved(plan.id, plan.case_id, "reader_released"))


def release_leaver(session: Session, plan_id: UUID, user_id: UUID) -> None:
    """Let somebody whose time at a school ran out read a plan no longer."""
    plan = session.get_one(ReturnPlan, plan_id)
    lock(session, session.get_one(Case, plan.case_id))
    release_reader(session, None, plan, user_id)


def acknowledge(session: Session, actor: Actor, plan: ReturnPlan, words: str) -> None:
    """Note that somebody at the school read a plan, and what they ask or add; more may follow.

    That they may read it is asked before (`queries.plans.get_readable`). Raises
    Rejected("state_changed") once it is not shared any more.
    """
    case = session.get_one(Case, plan.case_id)
    # In the order in which the office locks them.
    lock(session, case)
    session.refresh(plan, with_for_update=True)
    if plan.state != PlanState.SHARED:
        raise Rejected("state_changed")
    reader = _row_of(session, actor, plan)
    if reader.acknowledged_at is None:
        reader.acknowledged_at = clock.now()
        plan_waiting.let_off(session, reader)
        plan_waiting.settle(session, case, plan)
        note_step(session, actor, case, plan, "acknowledged")
        emit(session, actor, ReturnPlanAcknowledged(plan.id))
    if words:
        reader.words = f"{reader.words}\n\n{words}" if reader.words else words
        plan_waiting.wait_for_manager(session, case)


def _row_of(session: Session, actor: Actor, plan: ReturnPlan) -> PlanReader:
    """Return the reader's row; a principal who came later gets one of their own."""
    known = {each.user_id: each for each in queries.reader_rows(session, plan.id)}
    reader = known.get(actor.user_id)
    if reader is None:
        return _new_reader(session, plan, actor.user_id, ReaderPart.PRINCIPAL)
    if reader.ended_at is not None:
        reader.ended_at, reader.part = None, ReaderPart.PRINCIPAL
    return reader


def note_words_read(session: Session, actor: Actor, case: Case) -> None:
    """Take what the school asked or added off the list of what waits, also once the case is over.

    Raises Rejected("not_allowed") for whoever does not work on the case.
    """
    lock(session, case)
    if not files.works_on(session, actor, case.id):
        raise Rejected("not_allowed")
    plan_waiting.note_words_read(session, case)


def end(session: Session, actor: Actor, case: Case, plan: ReturnPlan) -> None:
    """Let the school read a plan no longer; raises what `file.begin` and moving raise."""
    begin_with(session, actor, case, plan)
    plan.move(actor, "end")
    _stop(session, actor, case, plan, "ended")


def end_shared(session: Session, actor: Actor | None, case: Case) -> bool:
    """End what a school reads about a case, whoever does what leads to it; say whether it did."""
    plan = queries.in_state(session, case.id, PlanState.SHARED)
    if plan is None:
        return False
    session.refresh(plan, with_for_update=True)
    plan.follow(frozenset({PlanState.SHARED}), PlanState.ENDED)
    _stop(session, actor, case, plan, "ended")
    return True


def _stop(session: Session, actor: Actor | None, case: Case, plan: ReturnPlan, step: str) -> None:
    plan.ended_at = clock.now()
    plan_waiting.stop(session, case, plan)
    note_step(session, actor, case, plan, step)


def note_step(
    session: Session, actor: Actor | None, case: Case, plan: ReturnPlan, step: str
) -> None:
    """Tell what happened, and write on the case's timeline how far a plan is."""
    facts = {"plan": plan.number, "step": step}
    write_entry(session, actor, case, EntryKind.RETURN_PLAN, facts=facts, record_id=plan.id)
    if step != "acknowledged":
        emit(session, actor, ReturnPlanMoved(plan.id, case.id, step))
