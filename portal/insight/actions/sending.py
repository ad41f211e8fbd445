"""Offering the sessions of a plan to their schools, each for itself and none of them twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.insight.actions.inviting import invitation
from portal.insight.events import PlanItemOffered, PlanSent
from portal.insight.models import PlanItem, SemesterPlan
from portal.insight.queries import plan_fits
from portal.insight.states import STANDING, PlanState
from portal.schools.models import School
from portal.visits.actions import offering
from portal.visits.models import Programme, Visit
from portal.visits.states import Origin

# So many leave with one press; another press sends the next.
MOST_AT_ONCE = 40


def waiting(session: Session, plan: SemesterPlan, until: datetime | None = None) -> list[UUID]:
    """Return the sessions of a plan that are not offered yet, the earliest first.

    Those whose time was taken meanwhile come last, so that they never stand in the way of others.
    """
    gone = PlanItem.id.in_(plan_fits.unfit(session, plan))
    found = (
        select(PlanItem.id)
        .where(
            PlanItem.plan_id == plan.id,
            PlanItem.visit_id.is_(None),
            PlanItem.starts_at > clock.now(),
        )
        .order_by(gone, PlanItem.starts_at, PlanItem.id)
        .limit(MOST_AT_ONCE)
    )
    if until is not None:
        found = found.where(PlanItem.starts_at < until)
    return list(session.scalars(found))


def check_sendable(session: Session, plan: SemesterPlan) -> None:
    """Refuse to send from a plan that is not settled; raises Rejected("plan_undecided")."""
    before = session.get(SemesterPlan, plan.follows_id) if plan.follows_id else None
    undecided = before is not None and before.state != PlanState.DROPPED
    if undecided or plan.state not in STANDING:
        raise Rejected("plan_undecided")


def offer(session: Session, actor: Actor, plan: SemesterPlan, item_id: UUID) -> Visit | None:
    """Offer one session to its school; None where that was done meanwhile.

    Raises Rejected as `offering.invite` does: what was free when it was planned may be taken.
    """
    item = session.scalar(select(PlanItem).where(PlanItem.id == item_id).with_for_update())
    if item is None or item.visit_id is not None or item.starts_at is None:
        return None
    school = session.get_one(School, item.school_id)
    programme = session.get_one(Programme, plan.programme_id)
    leader, *others = (UUID(worker_id) for worker_id in item.worker_ids)
    heads = int(item.facts.get("heads", 0))
    planned = replace(
        invitation(session, school, programme, item.starts_at, heads),
        worker_id=leader,
        others=tuple(others),
        origin=Origin.PLAN,
    )
    visit = offering.invite(session, actor, school, planned)
    item.visit_id = visit.id
    emit(session, actor, PlanItemOffered(plan.id, item.school_id, visit.id))
    return visit


def school_name(session: Session, item_id: UUID) -> str:
    """Return the school a session is for, to say what became of it."""
    found = select(School.name).join(PlanItem, PlanItem.school_id == School.id)
    return session.scalars(found.where(PlanItem.id == item_id)).one()


def sent(session: Session, actor: Actor, plan: SemesterPlan, offers: int, refused: int) -> None:
    """Write down that offers left."""
    if offers:
        plan.move(actor, "send")
        plan.sent_at = clock.now()
        emit(session, actor, PlanSent(plan.id, offers, refused))
