"""The states of a visit and the moves between them."""

from __future__ import annotations

from enum import StrEnum

from portal.core.access import Permission
from portal.core.machine import Machine, Move


class VisitState(StrEnum):
    """Where a visit stands."""

    REQUESTED = "requested"
    # The office proposes a time; the school accepts it, or does not.
    OFFERED = "offered"
    SCHEDULED = "scheduled"
    DELIVERED = "delivered"
    NOT_DELIVERED = "not_delivered"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    # Nobody answered in time.
    LAPSED = "lapsed"


class Origin(StrEnum):
    """How a session came about."""

    SCHOOL = "school"
    CALLER = "caller"
    INVITATION = "invitation"
    WISH = "wish"
    PLAN = "plan"


class NotDelivered(StrEnum):
    """Why a scheduled session did not take place."""

    SCHOOL_NOT_READY = "school_not_ready"
    WORKER_ABSENT = "worker_absent"
    TRANSPORT = "transport"
    WEATHER = "weather"
    OTHER = "other"


class ChangeState(StrEnum):
    """Where a proposed change of a session stands."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class WishState(StrEnum):
    """Where a school's wish stands."""

    WAITING = "waiting"
    OFFERED = "offered"
    MET = "met"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


S = VisitState

# States in which a visit keeps its time of worker and school.
HOLDING_TIME = frozenset({S.REQUESTED, S.OFFERED, S.SCHEDULED, S.DELIVERED})

# States of a visit that is still expected.
TO_COME = HOLDING_TIME - {S.DELIVERED}

# From these the office can take a visit up again, where its time is still free.
ENDED_EARLY = frozenset({S.DECLINED, S.WITHDRAWN, S.CANCELLED, S.LAPSED})

VISIT_MACHINE = Machine(
    (
        Move("approve", frozenset({S.REQUESTED}), S.SCHEDULED, Permission.VISIT_APPROVE),
        Move("undo_approval", frozenset({S.SCHEDULED}), S.REQUESTED, Permission.VISIT_APPROVE),
        Move("reassign", frozenset({S.SCHEDULED}), S.SCHEDULED, Permission.VISIT_APPROVE),
        Move("decline", frozenset({S.REQUESTED}), S.DECLINED, Permission.VISIT_APPROVE),
        Move("withdraw", frozenset({S.REQUESTED}), S.WITHDRAWN, Permission.VISIT_REQUEST),
        Move("cancel_by_school", frozenset({S.SCHEDULED}), S.CANCELLED, Permission.VISIT_REQUEST),
        Move("cancel", frozenset({S.SCHEDULED}), S.CANCELLED, Permission.VISIT_APPROVE),
        Move("offer", frozenset({S.REQUESTED}), S.OFFERED, Permission.VISIT_APPROVE),
        Move("accept", frozenset({S.OFFERED}), S.SCHEDULED, Permission.VISIT_REQUEST),
        Move("turn_down", frozenset({S.OFFERED}), S.WITHDRAWN, Permission.VISIT_REQUEST),
        Move("take_back", frozenset({S.OFFERED}), S.CANCELLED, Permission.VISIT_APPROVE),
        Move("restore", ENDED_EARLY, S.REQUESTED, Permission.VISIT_APPROVE),
        Move("miss", frozenset({S.SCHEDULED}), S.NOT_DELIVERED, Permission.VISIT_DELIVER),
        Move("deliver", frozenset({S.SCHEDULED}), S.DELIVERED, Permission.VISIT_DELIVER),
    )
)

ASKED = frozenset({ChangeState.ASKED})

# Either side asks for a change and may take it back; the other one answers.
CHANGE_MACHINE = Machine(
    (
        Move("office_accept", ASKED, ChangeState.ACCEPTED, Permission.VISIT_APPROVE),
        Move("office_decline", ASKED, ChangeState.DECLINED, Permission.VISIT_APPROVE),
        Move("office_withdraw", ASKED, ChangeState.WITHDRAWN, Permission.VISIT_APPROVE),
        Move("school_accept", ASKED, ChangeState.ACCEPTED, Permission.VISIT_REQUEST),
        Move("school_decline", ASKED, ChangeState.DECLINED, Permission.VISIT_REQUEST),
        Move("school_withdraw", ASKED, ChangeState.WITHDRAWN, Permission.VISIT_REQUEST),
    )
)

WAITING = frozenset({WishState.WAITING})
WITH_OFFER = frozenset({WishState.OFFERED})

# What becomes of an offer made for a wish (met, waiting again, lapsed) the wish follows.
WISH_MACHINE = Machine(
    (
        Move("offer", WAITING, WishState.OFFERED, Permission.VISIT_APPROVE),
        Move("withdraw", WAITING, WishState.WITHDRAWN, Permission.VISIT_REQUEST),
    )
)
