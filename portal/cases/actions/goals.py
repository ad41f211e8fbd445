"""The goals of a plan: each answers a need, and each is looked at again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.actions.assessing import meet_need
from portal.cases.actions.file import begin, check_past, moment_of, write_entry
from portal.cases.actions.peace import check_peace
from portal.cases.actions.planning import (
    check_day,
    check_draft,
    draft_of,
    note,
    service_days,
)
from portal.cases.models import Case, Goal, Need, Plan, Service
from portal.cases.queries import plans
from portal.cases.states import Area, Domain, EntryKind, PlanState, Progress
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import new_id
from portal.core.errors import Rejected

# Under which area a need of each domain is most likely answered.
USUAL_AREA: dict[Domain, Area] = {
    Domain.PSYCHOLOGICAL: Area.RECOVERY,
    Domain.FAMILY: Area.FAMILY_SUPPORT,
    Domain.SCHOOL: Area.SOCIAL_FUNCTIONING,
    Domain.HEALTH: Area.RECOVERY,
    Domain.SAFETY: Area.CASE_HANDLING,
}


@dataclass(frozen=True)
class Aimed:
    """What shall be reached for which need, how one will see it, and who does what for it."""

    need_id: UUID | None
    area: Area
    text: str
    due_on: date
    sign: str = ""
    steps: str = ""


@dataclass(frozen=True)
class Reviewed:
    """How far a goal is found to be; `need_met` is for one that was reached."""

    progress: Progress
    review: str
    reviewed_on: date
    need_met: bool = False


def suggest_goals(
    session: Session, actor: Actor, case: Case, signs: Mapping[Domain, str]
) -> list[Goal]:
    """Draft a goal for each unmet need that has none, in a likely area, due when services end.

    `signs` say by what one commonly sees, in each domain, that things are better. Raises what
    `planning.draft_of` raises, or Rejected("nothing_to_suggest").
    """
    begin(session, actor, case)
    plan = draft_of(session, actor, case)
    needs = plans.without_goal(session, case.id)
    if not needs:
        raise Rejected("nothing_to_suggest")
    due_on = clock.add_working_days(clock.today(), service_days(session, case))
    goals = [
        _goal(
            plan,
            Aimed(
                need_id=need.id,
                area=USUAL_AREA[Domain(need.domain)],
                text=need.text,
                sign=signs.get(Domain(need.domain), ""),
                due_on=due_on,
            ),
        )
        for need in needs
    ]
    session.add_all(goals)
    note(session, actor, case, plan, "suggested", goals=len(goals))
    return goals


def add_goal(session: Session, actor: Actor, case: Case, aimed: Aimed) -> Goal:
    """Add a goal to the plan that is being written.

    Raises what `planning.draft_of` raises, Rejected("need_missing") without a need of this case,
    Rejected("day_over") or Rejected("no_mediation").
    """
    begin(session, actor, case)
    plan = draft_of(session, actor, case)
    _check(session, case, aimed, None)
    goal = _goal(plan, aimed)
    session.add(goal)
    note(session, actor, case, plan, "goal_added")
    return goal


def edit_goal(session: Session, actor: Actor, case: Case, goal: Goal, aimed: Aimed) -> None:
    """Change a goal of the plan that is being written; raises what `add_goal` raises."""
    begin(session, actor, case)
    plan = session.get_one(Plan, goal.plan_id, populate_existing=True)
    check_draft(plan)
    _check(session, case, aimed, goal)
    for name, value in asdict(aimed).items():
        setattr(goal, name, value)
    note(session, actor, case, plan, "goal_changed")


def remove_goal(session: Session, actor: Actor, case: Case, goal: Goal) -> None:
    """Take a goal out of the plan that is being written.

    Raises what `file.begin` and `planning.check_draft` raise, or Rejected("goal_served") for one
    that an appointment serves already.
    """
    begin(session, actor, case)
    plan = session.get_one(Plan, goal.plan_id, populate_existing=True)
    check_draft(plan)
    if session.scalars(select(Service.id).where(Service.goal_id == goal.id)).first() is not None:
        raise Rejected("goal_served")
    session.delete(goal)
    note(session, actor, case, plan, "goal_removed")


def review_goal(session: Session, actor: Actor, case: Case, goal: Goal, found: Reviewed) -> None:
    """Write down how far a goal of the plan in force is, and that its need is met.

    Raises what `file.begin` raises, Rejected("goal_waits") for a plan that is not in force,
    Rejected("in_future"), or Rejected("not_reached").
    """
    begin(session, actor, case)
    plan = session.get_one(Plan, goal.plan_id, populate_existing=True)
    if plan.state != PlanState.APPROVED:
        raise Rejected("goal_waits")
    check_past(found.reviewed_on, "reviewed_on")
    if found.need_met and found.progress != Progress.REACHED:
        raise Rejected("not_reached", "need_met")
    goal.progress, goal.review = found.progress, found.review
    goal.reviewed_on = found.reviewed_on
    write_entry(
        session,
        actor,
        case,
        EntryKind.GOAL_REVIEWED,
        text=found.review,
        at=moment_of(found.reviewed_on),
        facts={"progress": str(found.progress), "area": str(goal.area)},
        record_id=goal.id,
    )
    need = session.get_one(Need, goal.need_id)
    if found.need_met and need.met_on is None:
        meet_need(session, actor, case, need, found.reviewed_on)


def _goal(plan: Plan, aimed: Aimed) -> Goal:
    return Goal(id=new_id(), plan_id=plan.id, progress=Progress.OPEN, **asdict(aimed))


def _check(session: Session, case: Case, aimed: Aimed, before: Goal | None) -> None:
    need = session.get(Need, aimed.need_id) if aimed.need_id else None
    if need is None or need.case_id != case.id:
        raise Rejected("need_missing", "need")
    check_day(aimed.due_on, before.due_on if before else None, "due_on")
    check_peace(case, aimed.text, aimed.sign, aimed.steps)
