"""Making the semester plans that were asked for."""

from __future__ import annotations

from datetime import timedelta
from time import monotonic
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import i18n, schedule
from portal.core.db import transaction
from portal.core.schedule import Job, Outcome, Workshop
from portal.insight.actions import proposing
from portal.insight.models import SemesterPlan
from portal.insight.policy.planning import apart, checking, engines, solving
from portal.insight.policy.planning.days import Limits
from portal.insight.policy.planning.solving import Plan, Step
from portal.insight.queries import plan_instance
from portal.insight.queries.plan_instance import Reading
from portal.insight.states import PlanState

_ = i18n.lazy

LOOK_SECONDS = 1.0
# Of the seconds a plan may take: for the first stage, for a week of the second, for all weeks.
FIRST_STAGE, ONE_WEEK, ALL_WEEKS = 0.3, 0.08, 0.55


def make_plans(shop: Workshop) -> Outcome:
    """Make every plan that waits for it; one a worker died over is begun anew.

    What raises leaves a plan that says so, and the operations page says what it was.
    """
    made = 0
    while (plan_id := _next(shop)) is not None:
        try:
            _make(shop, plan_id)
        except Exception:
            if _let_go(shop, plan_id):
                raise
            # Somebody put it aside meanwhile.
            continue
        made += 1
    return {"plans": made}


def _let_go(shop: Workshop, plan_id: UUID) -> bool:
    """End what could not be finished, so that the next plan is possible; say whether it stood."""
    with shop.database.writer() as session, transaction(session):
        plan = _locked(session, plan_id)
        if plan.state != PlanState.SOLVING:
            return False
        proposing.break_off(session, plan, proposing.BROKEN)
        return True


def _locked(session: Session, plan_id: UUID) -> SemesterPlan:
    """Return a plan that nobody stops or drops before this is written."""
    return session.get_one(SemesterPlan, plan_id, with_for_update=True)


def _next(shop: Workshop) -> UUID | None:
    with shop.database.reader() as session:
        return session.scalar(
            select(SemesterPlan.id)
            .where(SemesterPlan.state == PlanState.SOLVING)
            .order_by(SemesterPlan.asked_at, SemesterPlan.id)
            .limit(1)
        )


def _make(shop: Workshop, plan_id: UUID) -> None:
    """Save the greedy plan, then a better one if it is found before time is up or it is stopped."""
    with shop.database.reader() as session:
        plan = session.get_one(SemesterPlan, plan_id)
        reading = plan_instance.read(session, plan)
        seconds = float(plan.wanted["seconds"])
    clashes = checking.clashes(reading.instance)
    if clashes:
        with shop.database.writer() as session, transaction(session):
            proposing.give_up(session, _locked(session, plan_id), clashes)
        return
    first = solving.quickly(reading.instance)
    _save(shop, plan_id, reading, first)
    best = _search(shop, plan_id, reading, first, seconds) if engines.available() else first
    with shop.database.writer() as session, transaction(session):
        plan = _locked(session, plan_id)
        if best is not first:
            proposing.save(session, plan, reading, best)
        proposing.finish(session, plan)


def _save(shop: Workshop, plan_id: UUID, reading: Reading, first: Plan) -> None:
    with shop.database.writer() as session, transaction(session):
        plan = _locked(session, plan_id)
        proposing.save(session, plan, reading, first)
        plan.greedy_cost = first.total
        proposing.report(session, plan, Step("weeks", solving.WEEKS), first.total)


def _search(shop: Workshop, plan_id: UUID, reading: Reading, first: Plan, seconds: float) -> Plan:
    limits = Limits(seconds * FIRST_STAGE, seconds * ONE_WEEK, seconds * ALL_WEEKS)
    # The solver minds the time by itself; beyond twice of it, it is given up.
    until = monotonic() + 2 * seconds + 30
    with apart.solver(reading.instance, first, limits) as solver:
        while monotonic() < until:
            try:
                said = solver.wait(LOOK_SECONDS)
            except EOFError:
                # It died, for want of memory perhaps; the greedy plan is there.
                return first
            if isinstance(said, Plan):
                return said
            if _stopped(shop, plan_id, said, first.total):
                return first
    return first


def _stopped(shop: Workshop, plan_id: UUID, step: Step | None, best: int) -> bool:
    """Write down a step, and say whether somebody wants the search to end."""
    if step is None:
        with shop.database.reader() as session:
            plan = session.get_one(SemesterPlan, plan_id)
            return plan.cancel_at is not None or plan.state != PlanState.SOLVING
    with shop.database.writer() as session, transaction(session):
        plan = _locked(session, plan_id)
        proposing.report(session, plan, step, best)
        return plan.cancel_at is not None


schedule.register(
    Job(
        "plan",
        _("Making semester plans"),
        make_plans,
        every=timedelta(minutes=5),
        prompted_by=(SemesterPlan,),
        figures={"plans": _("plans")},
    )
)
