"""What a session cost, in whole rupiah."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.access import Actor
from portal.core.errors import Rejected
from portal.core.events import emit
from portal.visits.events import CostAdded, CostRemoved
from portal.visits.models import CostKind, Visit, VisitCost
from portal.visits.policy.delivery import may_write_costs
from portal.visits.states import VisitState

# What was prepared for a session that then fell through was paid for all the same.
COSTS_MONEY = frozenset({VisitState.SCHEDULED, VisitState.DELIVERED, VisitState.NOT_DELIVERED})


@dataclass(frozen=True)
class Cost:
    """What money was for, and how much; `in_kind` is what somebody else gave, worth that much."""

    kind: CostKind
    amount: int
    in_kind: bool = False
    note: str = ""


def add_cost(session: Session, actor: Actor, visit: Visit, cost: Cost) -> VisitCost:
    """Write down a cost; raises Rejected("not_allowed") and Rejected("state_changed")."""
    _check(actor, visit)
    if visit.state not in COSTS_MONEY:
        raise Rejected("state_changed")
    made = VisitCost(
        visit_id=visit.id,
        kind=cost.kind,
        amount=cost.amount,
        in_kind=cost.in_kind,
        note=cost.note,
        recorded_by=actor.user_id,
        recorded_at=clock.now(),
    )
    session.add(made)
    session.flush()
    emit(session, actor, CostAdded(visit.id, kind=cost.kind, amount=cost.amount))
    return made


def remove_cost(session: Session, actor: Actor, visit: Visit, cost: VisitCost) -> None:
    """Take a cost out again; raises Rejected("not_allowed")."""
    _check(actor, visit)
    session.delete(cost)
    session.flush()
    emit(session, actor, CostRemoved(visit.id, kind=cost.kind, amount=cost.amount))


def _check(actor: Actor, visit: Visit) -> None:
    if not may_write_costs(actor, visit):
        raise Rejected("not_allowed")
