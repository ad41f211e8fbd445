"""How far plans, follow-ups and forms are, and the words they are described with."""

from __future__ import annotations

from enum import StrEnum

from portal.core.access import Permission
from portal.core.machine import Machine, Move


class PlanState(StrEnum):
    """How far a return-to-school plan is; a shared one is replaced by the next."""

    DRAFT = "draft"
    SHARED = "shared"
    REPLACED = "replaced"
    # The child left the school, or its case ended.
    ENDED = "ended"


class ReaderPart(StrEnum):
    """Why somebody at the school reads a plan."""

    TEACHER = "teacher"
    PRINCIPAL = "principal"
    FOCAL_TEAM = "focal_team"


class FollowUpState(StrEnum):
    """Whether forms about a child at its school come due."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class FormKind(StrEnum):
    """Why a form is due."""

    # The child is back at school for the first time, or after a break.
    FIRST_DAY = "first_day"
    REGULAR = "regular"
    # Some months after the case was closed.
    SENTINEL = "sentinel"


class FormState(StrEnum):
    """How far a form is; a missed one may still be sent until it closes."""

    WAITING = "waiting"
    SENT = "sent"
    MISSED = "missed"
    CANCELLED = "cancelled"


class Band(StrEnum):
    """What the answers add up to, from calm to acute; too few answers are never calm."""

    GREEN = "green"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"
    TOO_LITTLE = "too_little"


class AlertKind(StrEnum):
    """Why a form, or its absence, asks for somebody soon."""

    RED_FLAG = "red_flag"
    HARASSED = "harassed"
    RED_BAND = "red_band"
    RISE = "rise"
    ORANGE_TWICE = "orange_twice"
    SILENT = "silent"
    # After the case was closed.
    RELAPSE = "relapse"


class AlertState(StrEnum):
    """Whether somebody takes care of an alert."""

    OPEN = "open"
    TAKEN = "taken"
    CLOSED = "closed"


S, P = FormState, Permission
# What a teacher may still fill in.
UNSENT = frozenset({S.WAITING, S.MISSED})

PLAN_MACHINE = Machine(
    (
        Move("share", frozenset({PlanState.DRAFT}), PlanState.SHARED, P.CASE_WORK),
        Move("replace", frozenset({PlanState.SHARED}), PlanState.REPLACED, P.CASE_WORK),
        Move("end", frozenset({PlanState.SHARED}), PlanState.ENDED, P.CASE_WORK),
    )
)

FOLLOW_UP_MACHINE = Machine(
    (
        Move("pause", frozenset({FollowUpState.ACTIVE}), FollowUpState.PAUSED, P.CASE_WORK),
        Move("resume", frozenset({FollowUpState.PAUSED}), FollowUpState.ACTIVE, P.CASE_WORK),
        Move(
            "end",
            frozenset({FollowUpState.ACTIVE, FollowUpState.PAUSED}),
            FollowUpState.ENDED,
            P.CASE_WORK,
        ),
    )
)

FORM_MACHINE = Machine(
    (
        Move("send", UNSENT, S.SENT, P.MONITORING_FILL),
        Move("cancel", UNSENT, S.CANCELLED, P.CASE_WORK),
    )
)
