"""The states of a semester plan and the moves between them."""

from __future__ import annotations

from enum import StrEnum

from portal.core.access import Permission
from portal.core.machine import Machine, Move


class PlanState(StrEnum):
    """Where a semester plan stands."""

    # What is locked does not go together; nothing was planned.
    DRAFT = "draft"
    SOLVING = "solving"
    READY = "ready"
    SENT = "sent"
    DROPPED = "dropped"


S = PlanState

# From these offers leave, and sessions are moved.
STANDING = frozenset({S.READY, S.SENT})

# The worker that makes a plan lets it go on by itself, from SOLVING to READY or DRAFT.
PLAN_MACHINE = Machine(
    (
        Move("send", STANDING, S.SENT, Permission.PLAN_WRITE),
        Move("give_way", STANDING, S.DROPPED, Permission.PLAN_WRITE),
        Move("drop", STANDING | {S.DRAFT}, S.DROPPED, Permission.PLAN_WRITE),
    )
)
