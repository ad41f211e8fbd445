"""What becomes of return-to-school plans when a case, a family's word or a school's staff moves."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.actions.file import lock
from portal.cases.actions.forgetting import blank
from portal.cases.actions.tasks import add_automatic
from portal.cases.events import CaseAssigned, CaseChanged, CaseClosed, CaseForgotten, CaseReleased
from portal.cases.models import Case
from portal.cases.queries.sentences import explain
from portal.cases.queries.tasks import CHECK_SCHOOL
from portal.cases.states import EntryKind
from portal.core import clock
from portal.core.access import GRANTS, Actor, Permission
from portal.core.events import on
from portal.monitoring.actions import plan_waiting, plans
from portal.monitoring.models import PlanReader, ReturnPlan
from portal.monitoring.queries import following
from portal.monitoring.queries.plans import missing_consent, of_case
from portal.monitoring.queries.words import PLAN_STEPS
from portal.monitoring.states import PlanState
from portal.people.events import AppointmentEnded, ConflictRecorded
from portal.people.queries.appointments import appointments_of

explain(EntryKind.RETURN_PLAN, "step", PLAN_STEPS)


@on(CaseChanged)
def follow_consent(session: Session, actor: Actor | None, changed: CaseChanged) -> None:
    """Let the school read nothing any more once the family took its word back."""
    if changed.kind != EntryKind.CONSENT:
        return
    case = session.get_one(Case, changed.subject_id)
    if missing_consent(session, case) != "school_refused":
        return
    told = plans.end_shared(session, actor, case)
    # Forms go on without a plan as well; whether they may is for people to say.
    if told or following.current(session, case.id) is not None:
        due_on = clock.add_working_days(clock.today(), 1)
        add_automatic(session, case, CHECK_SCHOOL, due_on, case.manager_id)


@on(CaseChanged)
def follow_school(session: Session, actor: Actor | None, changed: CaseChanged) -> None:
    """Let a school that the child left read nothing any more."""
    if changed.kind != EntryKind.SCHOOL_CHANGED:
        return
    case = session.get_one(Case, changed.subject_id)
    elsewhere = select(ReturnPlan.id).where(
        ReturnPlan.case_id == case.id,
        ReturnPlan.state == PlanState.SHARED,
        ReturnPlan.school_id.is_distinct_from(case.school_id),
    )
    if session.scalars(elsewhere).first() is not None:
        plans.end_shared(session, actor, case)


@on(CaseClosed)
def end_with_case(session: Session, actor: Actor | None, closed: CaseClosed) -> None:
    """End a plan with its case."""
    plans.end_shared(session, actor, session.get_one(Case, closed.subject_id))


@on(CaseAssigned)
@on(CaseReleased)
def hand_over(
    session: Session, _actor: Actor | None, happened: CaseAssigned | CaseReleased
) -> None:
    """Let what waits about plans wait for whoever manages the case now."""
    session.flush()
    plan_waiting.hand_on(session, session.get_one(Case, happened.subject_id))


@on(ConflictRecorded)
def keep_from_plan(session: Session, actor: Actor | None, recorded: ConflictRecorded) -> None:
    """Let whoever must not see a case read none of its plans."""
    for plan in _read_by(session, recorded.user_id):
        if plan.case_id == recorded.record_id:
            plans.release_reader(session, actor, plan, recorded.user_id)


@on(AppointmentEnded)
def leave_plan(session: Session, actor: Actor | None, ended: AppointmentEnded) -> None:
    """Let whoever left a school read none of its plans."""
    if ended.school_id is None:
        return
    session.flush()
    still = {
        each.school_id
        for each in appointments_of(session, ended.user_id)
        if Permission.RETURN_PLAN_READ in GRANTS[each.role]
    }
    for plan in _read_by(session, ended.user_id):
        if plan.school_id == ended.school_id and plan.school_id not in still:
            # First, as whoever acknowledges it does.
            lock(session, session.get_one(Case, plan.case_id))
            plans.release_reader(session, actor, plan, ended.user_id)


def _read_by(session: Session, user_id: UUID) -> list[ReturnPlan]:
    """Return the drafts and shared plans somebody is asked to read, in the order of their locks."""
    asked = select(PlanReader.plan_id).where(
        PlanReader.user_id == user_id, PlanReader.ended_at.is_(None)
    )
    alive = ReturnPlan.state.in_((PlanState.DRAFT, PlanState.SHARED))
    return list(
        session.scalars(
            select(ReturnPlan).where(ReturnPlan.id.in_(asked), alive).order_by(ReturnPlan.case_id)
        )
    )


@on(CaseForgotten)
def forget_words(session: Session, _actor: Actor | None, happened: CaseForgotten) -> None:
    """Forget whom plans were about, what they said, and what readers wrote."""
    if happened.subject_id is None:
        return
    told = of_case(session, happened.subject_id)
    ids = [plan.id for plan in told]
    readers = session.scalars(select(PlanReader).where(PlanReader.plan_id.in_(ids))).all()
    blank([*told, *readers])
