"""Who writes down what became of a session, and who says that it is right."""

from __future__ import annotations

from datetime import datetime, timedelta

from portal.core.access import Actor, Permission
from portal.materials.policy.access import may_ask_class
from portal.visits.models import Visit
from portal.visits.states import VisitState

# A session that takes place, or took place.
TAKES_PLACE = frozenset({VisitState.SCHEDULED, VisitState.DELIVERED})


def may_record(actor: Actor, visit: Visit) -> bool:
    """Say whether an actor records a session and what remains of it."""
    return actor.may(Permission.VISIT_DELIVER, assigned=visit.assigned_to(actor))


def may_add_photos(actor: Actor, visit: Visit) -> bool:
    """Say whether an actor hands in photographs of a session, which takes place then."""
    return visit.state in TAKES_PLACE and may_record(actor, visit)


def is_recent(visit: Visit, days: int, now: datetime) -> bool:
    """Say whether a session was recorded as delivered within so many days."""
    made = visit.state == VisitState.DELIVERED and visit.delivered_at
    return bool(made and now < made + timedelta(days=days))


def may_confirm(actor: Actor, visit: Visit) -> bool:
    """Say whether an actor speaks for the school of a delivered session."""
    delivered = visit.state == VisitState.DELIVERED
    return delivered and actor.may(Permission.VISIT_REQUEST, visit.school_id)


def is_doubted(visit: Visit) -> bool:
    """Say whether the school remembers a delivered session otherwise than it was recorded."""
    return visit.school_confirmed_at is None and visit.school_confirmed_by is not None


def may_ask_pupils(actor: Actor, visit: Visit) -> bool:
    """Say whether an actor may ask pupils how a session was."""
    return visit.state in TAKES_PLACE and may_ask_class(actor, visit.school_id)


def may_see_costs(actor: Actor, visit: Visit) -> bool:
    """Say whether an actor may see what a session cost."""
    return actor.may(Permission.VISIT_COST_READ, assigned=visit.assigned_to(actor))


def may_write_costs(actor: Actor, visit: Visit) -> bool:
    """Say whether an actor may write down what a session cost."""
    return actor.may(Permission.VISIT_COST_WRITE, assigned=visit.assigned_to(actor))
