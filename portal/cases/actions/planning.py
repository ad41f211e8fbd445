"""A case's plan: begun, written together, sent for approval, put in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from portal.cases.actions import tasks
from portal.cases.actions.deciding import Reasons, decide
from portal.cases.actions.file import begin, write_entry
from portal.cases.actions.peace import check_peace
from portal.cases.events import CaseChanged
from portal.cases.models import Case, Decision, Goal, Plan
from portal.cases.queries import files, plans
from portal.cases.queries.tasks import REVIEW_PLAN
from portal.cases.states import DecisionKind, DecisionState, EntryKind, PlanState, Stage
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit


@dataclass(frozen=True)
class PlanWords:
    """What a plan says as a whole."""

    best_interests: str
    child_view: str
    review_on: date | None


def begin_plan(session: Session, actor: Actor, case: Case) -> Plan:
    """Begin a plan; what the one in force has still to reach is taken along.

    Raises what `file.begin` raises, or Rejected("plan_open") while another one is being written or
    waits for approval.
    """
    begin(session, actor, case)
    last = plans.newest(session, case.id)
    if last is not None and last.state in plans.WRITTEN:
        raise Rejected("plan_open")
    plan = Plan(
        id=new_id(),
        case_id=case.id,
        number=last.number + 1 if last else 1,
        state=PlanState.DRAFT,
        best_interests=case.best_interests,
        child_view=case.child_view,
        review_on=clock.add_working_days(clock.today(), service_days(session, case) // 2),
        written_by=actor.user_id,
        written_at=clock.now(),
    )
    session.add(plan)
    session.flush()
    carried = _carry_over(session, case, plan)
    note(session, actor, case, plan, "begun", goals=len(carried))
    return plan


def _carry_over(session: Session, case: Case, plan: Plan) -> list[Goal]:
    former = plans.in_force(session, case.id)
    goals = plans.goals_of(session, former.id) if former else []
    carried = [
        Goal(
            id=new_id(),
            plan_id=plan.id,
            need_id=each.need_id,
            area=each.area,
            text=each.text,
            sign=each.sign,
            steps=each.steps,
            due_on=each.due_on,
            progress=each.progress,
            reviewed_on=each.reviewed_on,
            review=each.review,
        )
        for each in goals
        if each.progress in plans.UNDER_WAY
    ]
    session.add_all(carried)
    session.flush()
    return carried


def draft_of(session: Session, actor: Actor, case: Case) -> Plan:
    """Return the plan that is being written; a first one, or one after an approved one, is begun.

    Raises what `file.begin` raises, or Rejected("plan_waits").
    """
    begin(session, actor, case)
    last = plans.newest(session, case.id)
    if last is None or last.state not in plans.WRITTEN:
        return begin_plan(session, actor, case)
    check_draft(last)
    return last


def check_draft(plan: Plan) -> None:
    """Make sure that a plan is being written; raises Rejected("plan_waits" or "plan_fixed")."""
    if plan.state == PlanState.SUBMITTED:
        raise Rejected("plan_waits")
    if plan.state != PlanState.DRAFT:
        raise Rejected("plan_fixed")


def write_plan(session: Session, actor: Actor, case: Case, plan: Plan, words: PlanWords) -> None:
    """Change what a plan says as a whole.

    Raises what `file.begin` and `check_draft` raise, or Rejected("day_over").
    """
    begin(session, actor, case)
    session.refresh(plan)
    check_draft(plan)
    check_day(words.review_on, plan.review_on, "review_on")
    plan.best_interests, plan.child_view = words.best_interests, words.child_view
    plan.review_on = words.review_on
    note(session, actor, case, plan, "written")


def submit(
    session: Session,
    actor: Actor,
    case: Case,
    plan: Plan,
    reason: str,
    bases: tuple[UUID, ...] = (),
) -> Decision:
    """Send a plan for approval by somebody who does not work on the case.

    Raises what `file.begin`, `check_draft` and `deciding.decide` raise, Rejected("plan_empty"),
    Rejected("plan_words") or Rejected("no_mediation").
    """
    begin(session, actor, case)
    session.refresh(plan)
    check_draft(plan)
    goals = plans.goals_of(session, plan.id)
    if not goals:
        raise Rejected("plan_empty")
    if not (plan.best_interests and plan.child_view):
        raise Rejected("plan_words")
    # The forms of violence may have become known only after the goals were written.
    for goal in goals:
        check_peace(case, goal.text, goal.sign, goal.steps)
    plan.move(actor, "submit")
    reasons = Reasons(
        reason=reason,
        best_interests=plan.best_interests,
        child_view=plan.child_view,
        # What is approved, as it stands now.
        text="\n".join(f"{place}. {goal.text}" for place, goal in enumerate(goals, 1)),
        bases=bases,
    )
    return decide(session, actor, case, DecisionKind.PLAN, reasons, record_id=plan.id)


def settle(session: Session, actor: Actor, case: Case, plan: Plan, state: DecisionState) -> None:
    """Let a plan follow the decision about it: into force, or back to whoever writes it."""
    if plan.state != PlanState.SUBMITTED:
        return
    if state == DecisionState.APPROVED:
        former = plans.in_force(session, case.id)
        if former is not None:
            former.move(actor, "replace")
        plan.move(actor, "approve")
        plan.approved_at = clock.now()
        _ask_for_review(session, actor, case, plan)
    elif state == DecisionState.RETURNED:
        plan.move(actor, "return")
    else:
        plan.move(actor, "take_back" if plan.can(actor, "take_back") else "lapse")
    # The timeline tells of the decision; a line of its own would say the same.
    emit(session, actor, CaseChanged(case.id, EntryKind.PLAN))


def _ask_for_review(session: Session, actor: Actor, case: Case, plan: Plan) -> None:
    tasks.end_automatic(session, actor, case, REVIEW_PLAN)
    if plan.review_on is not None:
        tasks.add_automatic(session, case, REVIEW_PLAN, plan.review_on, case.manager_id)


def service_days(session: Session, case: Case) -> int:
    """Return how many working days the procedure gives to services, within which goals are due."""
    stage = files.procedure_of(session, case).stages[Stage.SERVICE.rank - 1]
    return int(stage["days"])


def check_day(day: date | None, before: date | None, field: str) -> None:
    """Make sure that a day is still to come, unless it stood there before.

    Raises Rejected("day_over").
    """
    if day is not None and day != before and day < clock.today():
        raise Rejected("day_over", field)


def note(session: Session, actor: Actor, case: Case, plan: Plan, what: str, **figures: int) -> None:
    """Write down on the timeline what was done to a plan."""
    facts = {"plan": plan.number, "state": str(plan.state), "step": what, **figures}
    write_entry(session, actor, case, EntryKind.PLAN, facts=facts, record_id=plan.id)
