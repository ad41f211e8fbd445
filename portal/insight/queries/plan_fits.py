"""Which sessions of a plan no longer fit what became of calendars, hours and bookings since."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import clock
from portal.insight.models import PlanItem, SemesterPlan
from portal.insight.policy.planning.checking import check
from portal.insight.policy.planning.instance import Item
from portal.insight.queries import plan_instance, plans


def unfit(session: Session, plan: SemesterPlan) -> set[UUID]:
    """Return the sessions to come, not offered yet, that could not be planned so any more."""
    waiting = _waiting(session, plan)
    if not waiting:
        return set()
    instance = replace(plan_instance.read(session, plan).instance, locks={})
    places = {
        key: place
        for key, item in waiting.items()
        if (place := plan_instance.place_of(item)) is not None
    }
    broken = {Item(each.school, each.ordinal) for each in check(instance, places)}
    return {item.id for key, item in waiting.items() if key in broken}


def _waiting(session: Session, plan: SemesterPlan) -> dict[Item, PlanItem]:
    """Return what waits to be offered; a school's next session is its first again."""
    moment = clock.now()
    ahead = [
        each for each in plans.items_of(session, plan) if each.starts_at and each.starts_at > moment
    ]
    return {Item(str(each.school_id), number): each for number, each in plans.counted_anew(ahead)}
