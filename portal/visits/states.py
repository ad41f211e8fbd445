"""The states of a visit and the moves between them."""

from __future__ import annotations

from enum import StrEnum

from portal.core.access import Permission
from portal.core.machine import Machine, Move


class VisitState(StrEnum):
    """Where a visit stands."""

    REQUESTED = "requested"
    SCHEDULED = "scheduled"
    DELIVERED = "delivered"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"


S = VisitState

# States in which a visit keeps its time of worker and school.
HOLDING_TIME = frozenset({S.REQUESTED, S.SCHEDULED, S.DELIVERED})

VISIT_MACHINE = Machine(
    (
        Move("approve", frozenset({S.REQUESTED}), S.SCHEDULED, Permission.VISIT_APPROVE),
        Move("undo_approval", frozenset({S.SCHEDULED}), S.REQUESTED, Permission.VISIT_APPROVE),
        Move("reassign", frozenset({S.SCHEDULED}), S.SCHEDULED, Permission.VISIT_APPROVE),
        Move("decline", frozenset({S.REQUESTED}), S.DECLINED, Permission.VISIT_APPROVE),
        Move("withdraw", frozenset({S.REQUESTED}), S.WITHDRAWN, Permission.VISIT_REQUEST),
        Move("cancel_by_school", frozenset({S.SCHEDULED}), S.CANCELLED, Permission.VISIT_REQUEST),
        Move("cancel", frozenset({S.SCHEDULED}), S.CANCELLED, Permission.VISIT_APPROVE),
        Move("deliver", frozenset({S.SCHEDULED}), S.DELIVERED, Permission.VISIT_DELIVER),
    )
)
