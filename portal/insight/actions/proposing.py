"""Writing down what was planned: places, why a school stands where it stands, what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.insight.events import PlanMade
from portal.insight.models import PlanItem, SemesterPlan
from portal.insight.policy.planning.checking import Violation
from portal.insight.policy.planning.cost import points
from portal.insight.policy.planning.instance import Instance, Item, Place, monday_of
from portal.insight.policy.planning.solving import Plan, Step
from portal.insight.queries.plan_instance import Reading, key_of, moment_of
from portal.insight.states import PlanState

NO_HOURS, CLOSED = "hours", "calendar"
# Why a plan ended before there was one: an error of the portal, or somebody who would not wait.
BROKEN, STOPPED = "plan_broken", "plan_stopped"


def save(session: Session, plan: SemesterPlan, reading: Reading, found: Plan) -> None:
    """Write a plan's sessions, in the place of those that were not offered yet."""
    _check_being_made(plan)
    session.execute(
        delete(PlanItem).where(
            PlanItem.plan_id == plan.id, PlanItem.visit_id.is_(None), PlanItem.locked.is_(False)
        )
    )
    kept = {
        key_of(item): item
        for item in session.scalars(select(PlanItem).where(PlanItem.plan_id == plan.id))
    }
    for item in reading.instance.items:
        facts = _facts(reading, found.solution, item)
        if item in kept:
            kept[item].facts = facts
        else:
            session.add(_row(plan, reading.instance, item, found.solution.get(item), facts))
    plan.solver, plan.cost, plan.bound = found.solver, found.total, found.bound
    plan.wanted = {**plan.wanted, "partners": reading.partners, "settled": reading.settled}
    session.flush()


def _row(
    plan: SemesterPlan, instance: Instance, item: Item, place: Place | None, facts: dict[str, Any]
) -> PlanItem:
    row = PlanItem(plan_id=plan.id, school_id=UUID(item.school), ordinal=item.ordinal, facts=facts)
    if place is not None:
        row.starts_at = moment_of(place)
        row.ends_at = row.starts_at + timedelta(minutes=instance.minutes)
        row.worker_ids = list(place.workers)
    return row


def _facts(reading: Reading, solution: Mapping[Item, Place], item: Item) -> dict[str, Any]:
    instance, reason = reading.instance, reading.reasons[item.school]
    school = instance.school[item.school]
    place = solution.get(item)
    weeks = {monday_of(day) for day in school.days}
    until = instance.week_of(place.day) if place else len(instance.weeks)
    before = instance.weeks[:until]
    facts: dict[str, Any] = {
        "months": reason.months,
        "need": reason.need,
        "heads": reason.heads,
        "points": points(instance, item),
        "crew": school.crew,
        "closed": sum(1 for monday in before if monday not in weeks),
        "full": sum(1 for monday in before if monday in weeks),
    }
    if place is None:
        ways = instance.ways[instance.base, school.district]
        back = instance.ways[school.district, instance.base]
        facts["missing"] = (instance.minutes + ways + back) * school.crew
        facts["why"] = NO_HOURS if weeks & set(instance.weeks) else CLOSED
    return facts


def report(session: Session, plan: SemesterPlan, step: Step, best: int) -> None:
    """Write down how far the work is."""
    _check_being_made(plan)
    plan.progress = {"step": step.name, "percent": round(step.share * 100), "best": best}
    session.flush()


def finish(session: Session, plan: SemesterPlan) -> None:
    """Let a plan be looked at."""
    plan.follow(frozenset({PlanState.SOLVING}), PlanState.READY)
    plan.solved_at, plan.progress = clock.now(), {}
    rows = session.scalars(select(PlanItem.starts_at).where(PlanItem.plan_id == plan.id))
    placed = sum(1 for moment in rows if moment is not None)
    emit(session, None, PlanMade(plan.id, plan.solver, placed))


def break_off(session: Session, plan: SemesterPlan, why: str) -> None:
    """End what cannot be finished: with the first plan if one is saved, else saying why not."""
    if plan.greedy_cost is not None:
        finish(session, plan)
        return
    plan.follow(frozenset({PlanState.SOLVING}), PlanState.DRAFT)
    plan.progress, plan.problems = {}, [{"code": why}]
    session.flush()


def _check_being_made(plan: SemesterPlan) -> None:
    if plan.state != PlanState.SOLVING:
        raise Rejected("state_changed")


def give_up(session: Session, plan: SemesterPlan, found: list[Violation]) -> None:
    """Say which locks cannot hold; nothing is planned."""
    plan.follow(frozenset({PlanState.SOLVING}), PlanState.DRAFT)
    plan.progress = {}
    plan.problems = [
        {
            "rule": each.rule.value,
            "school": each.school,
            "ordinal": each.ordinal,
            "worker": each.worker,
            "day": each.day.isoformat() if each.day else None,
            "other": each.other,
        }
        for each in found
    ]
    session.flush()
