"""Semester plans in the coordinator's hands: asking for one, moving, locking, keeping, dropping."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor, Permission
from portal.core.db import new_id
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.insight.actions import proposing
from portal.insight.events import PlanAsked, PlanDropped, PlanItemChanged, PlanKept, PlanStopped
from portal.insight.models import PlanItem, SemesterPlan
from portal.insight.policy.planning.checking import Rule, Violation, check
from portal.insight.policy.planning.instance import Place
from portal.insight.queries import plan_instance, plan_refusals, plans
from portal.insight.states import STANDING, PlanState
from portal.visits.models import Programme

# A worker that lives looks once a second whether to stop, and takes some more to finish.
HEARS_WITHIN = timedelta(seconds=30)


@dataclass(frozen=True)
class Wanted:
    """What a plan is asked for."""

    programme: Programme
    first_on: date
    last_on: date
    # Sessions for each school ("1", "2"), or as many as its MoU promises ("mou").
    sessions: str
    gap_weeks: int
    travel: int
    balance: int
    seconds: int


@dataclass(frozen=True)
class Move:
    """Another time for a session of a plan, and who goes, the leader first."""

    day: date
    starts: time
    worker_ids: tuple[UUID, ...]


def ask(session: Session, actor: Actor, wanted: Wanted) -> SemesterPlan:
    """Ask for a plan; the worker makes it.

    Raises Rejected "plan_over" (nothing of the semester is left), "plan_busy" (one is being made).
    """
    _check_may_write(actor)
    if wanted.last_on <= clock.today():
        raise Rejected("plan_over", "semester")
    _check_none_is_made(session)
    plan = SemesterPlan(
        id=new_id(),
        first_on=wanted.first_on,
        last_on=wanted.last_on,
        programme_id=wanted.programme.id,
        state=PlanState.SOLVING,
        made_by=actor.user_id,
        made_at=clock.now(),
        asked_at=clock.now(),
        wanted={
            "sessions": wanted.sessions,
            "gap_weeks": wanted.gap_weeks,
            "travel": wanted.travel,
            "balance": wanted.balance,
            "seconds": wanted.seconds,
        },
    )
    session.add(plan)
    session.flush()
    emit(session, actor, PlanAsked(plan.id, plan.first_on, plan.last_on, None))
    return plan


def ask_again(session: Session, actor: Actor, before: SemesterPlan) -> SemesterPlan:
    """Ask for a plan that changes another as little as it can; that one stands until it is kept.

    What was offered already stays out of it; what is locked stays where it is. Raises
    Rejected("plan_busy").
    """
    _check_may_write(actor)
    _lock(session, before, *STANDING)
    _check_none_is_made(session)
    plan = SemesterPlan(
        id=new_id(),
        first_on=before.first_on,
        last_on=before.last_on,
        programme_id=before.programme_id,
        state=PlanState.SOLVING,
        follows_id=before.id,
        made_by=actor.user_id,
        made_at=clock.now(),
        asked_at=clock.now(),
        wanted=dict(before.wanted),
    )
    session.add(plan)
    session.flush()
    _take_over(session, before, plan)
    emit(session, actor, PlanAsked(plan.id, plan.first_on, plan.last_on, before.id))
    return plan


def _take_over(session: Session, before: SemesterPlan, plan: SemesterPlan) -> None:
    """Copy what was not offered yet; a school's next session is its first again."""
    for number, item in plans.counted_anew(plans.items_of(session, before)):
        session.add(
            PlanItem(
                plan_id=plan.id,
                school_id=item.school_id,
                ordinal=number,
                starts_at=item.starts_at,
                ends_at=item.ends_at,
                worker_ids=list(item.worker_ids),
                locked=item.locked,
                facts=dict(item.facts),
            )
        )
    session.flush()


def stop(session: Session, actor: Actor, plan: SemesterPlan) -> None:
    """Let the worker stop looking for a better plan; what is found so far stays.

    Where no worker has heard of it after a while, the next press ends the plan by itself.
    """
    _check_may_write(actor)
    _lock(session, plan, PlanState.SOLVING)
    if unheard(plan):
        proposing.break_off(session, plan, proposing.STOPPED)
    plan.cancel_at = plan.cancel_at or clock.now()
    emit(session, actor, PlanStopped(plan.id))


def unheard(plan: SemesterPlan) -> bool:
    """Say whether a plan is still being made long after somebody stopped it."""
    return plan.cancel_at is not None and clock.now() - plan.cancel_at > HEARS_WITHIN


def set_locked(
    session: Session, actor: Actor, plan: SemesterPlan, item: PlanItem, *, locked: bool
) -> None:
    """Keep a session where it is whatever is planned anew, or let it go."""
    _check_may_write(actor)
    _lock(session, plan, *STANDING)
    _check_open(item)
    if item.starts_at is None:
        raise Rejected("plan_nowhere")
    item.locked = locked
    _changed(session, actor, plan, item, item.starts_at)


def move(session: Session, actor: Actor, plan: SemesterPlan, item: PlanItem, wanted: Move) -> None:
    """Put a session to another time, and lock it there.

    Raises Rejected `plan_<rule>` with what speaks against it: the rules of `checking`.
    """
    _check_may_write(actor)
    _lock(session, plan, *STANDING)
    _check_open(item)
    place = Place(
        wanted.day,
        plan_instance.minute_of(wanted.starts),
        tuple(str(worker_id) for worker_id in wanted.worker_ids),
    )
    found = against(session, plan, item, place)
    if found:
        raise plan_refusals.refusal(session, found[0])
    programme = session.get_one(Programme, plan.programme_id)
    item.starts_at = plan_instance.moment_of(place)
    item.ends_at = item.starts_at + timedelta(minutes=programme.minutes)
    item.worker_ids = list(place.workers)
    item.locked = True
    _changed(session, actor, plan, item, item.starts_at)


def against(session: Session, plan: SemesterPlan, item: PlanItem, place: Place) -> list[Violation]:
    """Return what speaks against a place for a session, among all others of the plan."""
    instance = plan_instance.read(session, plan).instance
    others = {
        plan_instance.key_of(each): where
        for each in plans.items_of(session, plan)
        if each.visit_id is None
        and each.id != item.id
        and (where := plan_instance.place_of(each)) is not None
    }
    mine = plan_instance.key_of(item)
    free = replace(instance, locks={mine: place})
    met = [each for each in check(free, {**others, mine: place}) if _concerns(each, item)]
    order = list(Rule)
    return sorted(met, key=lambda each: (each.school != mine.school, order.index(each.rule)))


def _concerns(found: Violation, item: PlanItem) -> bool:
    school = str(item.school_id)
    return (found.school, found.ordinal) == (school, item.ordinal) or found.other == school


def keep(session: Session, actor: Actor, plan: SemesterPlan) -> None:
    """Let a changed plan take the place of the one before."""
    _check_may_write(actor)
    _lock(session, plan, PlanState.READY)
    before = session.get(SemesterPlan, plan.follows_id) if plan.follows_id else None
    if before is None or before.state == PlanState.DROPPED:
        return
    session.refresh(before, with_for_update=True)
    before.move(actor, "give_way")
    emit(session, actor, PlanKept(plan.id, before.id))


def drop(session: Session, actor: Actor, plan: SemesterPlan) -> None:
    """Put a plan aside; what was offered from it stays."""
    _check_may_write(actor)
    session.refresh(plan, with_for_update=True)
    plan.move(actor, "drop")
    emit(session, actor, PlanDropped(plan.id))


def _check_may_write(actor: Actor) -> None:
    if not actor.may(Permission.PLAN_WRITE):
        raise Rejected("not_allowed")


def _check_none_is_made(session: Session) -> None:
    made = select(SemesterPlan.id).where(SemesterPlan.state == PlanState.SOLVING).limit(1)
    if session.scalar(made):
        raise Rejected("plan_busy")


def _check_open(item: PlanItem) -> None:
    if item.visit_id is not None:
        raise Rejected("plan_offered")


def _lock(session: Session, plan: SemesterPlan, *states: PlanState) -> None:
    """Read a plan anew, locked; raises Rejected("state_changed") unless it stands as thought."""
    session.refresh(plan, with_for_update=True)
    if plan.state not in states:
        raise Rejected("state_changed")


def _changed(
    session: Session, actor: Actor, plan: SemesterPlan, item: PlanItem, starts_at: datetime
) -> None:
    happened = PlanItemChanged(plan.id, item.school_id, item.ordinal, starts_at, item.locked)
    emit(session, actor, happened)
