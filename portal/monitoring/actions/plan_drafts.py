"""Writing a return-to-school plan; nobody outside the office reads a draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.cases.actions.file import begin
from portal.cases.actions.tasks import add_automatic, end_automatic
from portal.cases.models import Case
from portal.cases.queries.tasks import SHARE_PLAN
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.monitoring.actions.plans import begin_with, note_step
from portal.monitoring.events import ReturnPlanMoved
from portal.monitoring.models import PlanReader, ReturnPlan
from portal.monitoring.queries import plans as queries
from portal.monitoring.states import PlanState

# A first day back further away than this was mistyped; a plan lives for a school year at most.
FARTHEST = timedelta(days=400)


@dataclass(frozen=True)
class Written:
    """What a plan says."""

    child_name: str
    returns_on: date
    class_name: str = ""
    review_on: date | None = None
    safety_steps: str = ""
    helps: str = ""
    avoids: str = ""
    agreed: str = ""
    contacts: str = ""


def draft(
    session: Session, actor: Actor, case: Case, written: Written, readers: Sequence[UUID]
) -> ReturnPlan:
    """Begin a plan for the child's present school.

    Raises what `file.begin` raises, Rejected("plan_school_needed") for a child without one,
    Rejected("plan_draft_there"), or what `edit` raises.
    """
    begin(session, actor, case)
    school_id = _school_of(case)
    _check_no_draft(session, case)
    _check_days(written)
    plan = _new_plan(session, actor, case, school_id, written)
    _choose(session, case, plan, readers)
    note_step(session, actor, case, plan, "drafted")
    # Of a draft that nobody shares the school hears nothing, and the child comes back all the same.
    add_automatic(session, case, SHARE_PLAN, _last_day(plan), case.manager_id)
    return plan


def edit(
    session: Session,
    actor: Actor,
    case: Case,
    plan: ReturnPlan,
    written: Written,
    readers: Sequence[UUID],
) -> None:
    """Write a draft anew, for the school the child goes to by now.

    Raises what `file.begin` raises, Rejected("state_changed") once it is no draft any more,
    Rejected("plan_school_needed"), Rejected("returns_far", "returns_on"),
    Rejected("review_before", "review_on"), or Rejected("reader_not_offered", "readers").
    """
    begin_with(session, actor, case, plan)
    _check_draft(plan)
    _check_days(written)
    plan.school_id = _school_of(case)
    for name, value in asdict(written).items():
        setattr(plan, name, value)
    # A new version also where only the readers are others: it is shared as it was shown.
    plan.written_by, plan.written_at = actor.user_id, clock.now()
    _choose(session, case, plan, readers)
    emit(session, actor, ReturnPlanMoved(plan.id, case.id, "edited"))


def revise(session: Session, actor: Actor, case: Case, shared: ReturnPlan) -> ReturnPlan:
    """Begin a new draft that says what the school reads now; until it is shared, that stays.

    Raises what `file.begin` raises, Rejected("state_changed") or Rejected("plan_draft_there").
    """
    begin_with(session, actor, case, shared)
    if shared.state != PlanState.SHARED:
        raise Rejected("state_changed")
    _check_no_draft(session, case)
    said = Written(**{name: getattr(shared, name) for name in queries.TOLD})
    plan = _new_plan(session, actor, case, shared.school_id, said)
    reading = [
        each.user_id for each in queries.reader_rows(session, shared.id) if not each.ended_at
    ]
    fit = {each.user.id for each in queries.candidates(session, case)}
    _choose(session, case, plan, [each for each in reading if each in fit])
    note_step(session, actor, case, plan, "drafted")
    return plan


def discard(session: Session, actor: Actor, case: Case, plan: ReturnPlan) -> None:
    """Throw a draft away; raises what `file.begin` raises, or Rejected("state_changed")."""
    begin_with(session, actor, case, plan)
    _check_draft(plan)
    throw_away(session, actor, plan)
    end_automatic(session, actor, case, SHARE_PLAN)


def throw_away(session: Session, actor: Actor | None, plan: ReturnPlan) -> None:
    """Delete a draft; only the timeline and the trail know that there was one."""
    for each in queries.reader_rows(session, plan.id):
        session.delete(each)
    session.flush()
    emit(session, actor, ReturnPlanMoved(plan.id, plan.case_id, "discarded"))
    session.delete(plan)


def _last_day(plan: ReturnPlan) -> date:
    """Return the last working day before the first day back, today at the earliest."""
    day = plan.returns_on - timedelta(days=1)
    while not clock.is_working_day(day):
        day -= timedelta(days=1)
    return max(day, clock.today())


def _school_of(case: Case) -> UUID:
    if case.school_id is None:
        raise Rejected("plan_school_needed")
    return case.school_id


def _check_draft(plan: ReturnPlan) -> None:
    if plan.state != PlanState.DRAFT:
        raise Rejected("state_changed")


def _check_no_draft(session: Session, case: Case) -> None:
    if queries.in_state(session, case.id, PlanState.DRAFT) is not None:
        raise Rejected("plan_draft_there")


def _check_days(written: Written) -> None:
    if abs(written.returns_on - clock.today()) > FARTHEST:
        raise Rejected("returns_far", "returns_on")
    if written.review_on is not None and written.review_on < written.returns_on:
        raise Rejected("review_before", "review_on")


def _new_plan(
    session: Session, actor: Actor, case: Case, school_id: UUID, written: Written
) -> ReturnPlan:
    plan = ReturnPlan(
        id=new_id(),
        case_id=case.id,
        school_id=school_id,
        number=queries.next_number(session, case.id),
        state=PlanState.DRAFT,
        written_by=actor.user_id,
        written_at=clock.now(),
        **asdict(written),
    )
    session.add(plan)
    session.flush()
    return plan


def _choose(session: Session, case: Case, plan: ReturnPlan, readers: Sequence[UUID]) -> None:
    """Let these people read a draft once it is shared, and nobody else but the principals."""
    fit = {each.user.id: each.part for each in queries.candidates(session, case)}
    if not fit.keys() >= set(readers):
        raise Rejected("reader_not_offered", "readers")
    known = {each.user_id: each for each in queries.reader_rows(session, plan.id)}
    for user_id in known.keys() - set(readers):
        session.delete(known[user_id])
    moment = clock.now()
    session.add_all(
        PlanReader(
            id=new_id(), plan_id=plan.id, user_id=user_id, part=fit[user_id], asked_at=moment
        )
        for user_id in dict.fromkeys(readers)
        if user_id not in known
    )
    session.flush()
