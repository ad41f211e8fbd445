"""The stages of a case, what is decided about it, and the words it is described with."""

from __future__ import annotations

from enum import StrEnum

from portal.core.access import Permission
from portal.core.machine import Machine, Move


class CaseState(StrEnum):
    """Whether the office works on a case."""

    OPEN = "open"
    CLOSED = "closed"
    # Another body goes on with it; nobody at the office works on it any more.
    TRANSFERRED = "transferred"


class Stage(StrEnum):
    """The seven stages of the procedure, in order."""

    INTAKE = "intake"
    OUTREACH = "outreach"
    ASSESSMENT = "assessment"
    PLAN = "intervention_plan"
    SERVICE = "service_delivery"
    MONITORING = "monitoring_evaluation"
    TERMINATION = "termination"

    @property
    def rank(self) -> int:
        """Return 1 for the first stage."""
        return list(Stage).index(self) + 1


# Every case begins with the one and ends with the other.
NEVER_SKIPPED = (Stage.INTAKE, Stage.TERMINATION)


class Origin(StrEnum):
    """How a case came to the office."""

    REPORT = "report"
    VISIT = "visit"
    REFERRAL_IN = "referral_in"


class Domain(StrEnum):
    """What an assessment looks at."""

    PSYCHOLOGICAL = "psychological"
    FAMILY = "family"
    SCHOOL = "school"
    HEALTH = "health"
    SAFETY = "safety"


class Area(StrEnum):
    """What a goal of the plan is about: the four domains of the procedure."""

    CASE_HANDLING = "case_handling"
    RECOVERY = "psychosocial_recovery"
    FAMILY_SUPPORT = "family_support"
    SOCIAL_FUNCTIONING = "social_functioning"


class Progress(StrEnum):
    """How far a goal is."""

    OPEN = "open"
    PARTLY = "partly"
    REACHED = "reached"
    DROPPED = "dropped"


class PlanState(StrEnum):
    """How far an intervention plan is; an approved one is replaced by the next."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REPLACED = "replaced"


class ServiceKind(StrEnum):
    """What is done for a child and a family."""

    COUNSELLING = "counselling"
    PSYCHOSOCIAL = "psychosocial_support"
    HOME_VISIT = "home_visit"
    GROUP = "group"
    CONFERENCE = "case_conference"
    ACCOMPANIMENT = "accompaniment"
    OTHER = "other"


class ServiceState(StrEnum):
    """Whether a service took place."""

    PLANNED = "planned"
    HELD = "held"
    MISSED = "missed"
    CANCELLED = "cancelled"


class Barrier(StrEnum):
    """Why somebody could not be met."""

    NO_ANSWER = "no_answer"
    WORK = "work"
    DISTANCE = "distance"
    COST = "cost"
    ILLNESS = "illness"
    FEAR_OR_SHAME = "fear_or_shame"
    UNWILLING = "unwilling"
    MOVED = "moved"
    OTHER = "other"


class ContactWay(StrEnum):
    """How the office and a family meet."""

    PHONE = "phone"
    MESSAGE = "message"
    HOME_VISIT = "home_visit"
    AT_OFFICE = "at_office"
    AT_SCHOOL = "at_school"


class ConsentAbout(StrEnum):
    """What somebody is asked to agree to."""

    SERVICES = "services"
    SHARING_WITH_SCHOOL = "sharing_with_school"
    REFERRAL = "referral"
    PHOTOS = "photos"


class ConsentAnswer(StrEnum):
    """What came of asking."""

    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    # Asking would endanger the child: the reason and the legal basis are written down.
    NOT_ASKED = "not_asked"


class DecisionKind(StrEnum):
    """What is decided about a case."""

    PLAN = "plan"
    REFERRAL = "referral"
    CLOSURE = "closure"
    TRANSFER = "transfer"
    CONFERENCE = "conference"
    CONSENT_NOT_ASKED = "consent_not_asked"
    STAGE_SKIPPED = "stage_skipped"
    STAGE_REOPENED = "stage_reopened"
    CASE_REOPENED = "case_reopened"
    OTHER = "other"


class DecisionState(StrEnum):
    """How far a decision is; one that needs nobody else's word is made at once."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    MADE = "made"


class CaseOutcome(StrEnum):
    """How a case ended, for the figures."""

    GOALS_REACHED = "goals_reached"
    PARTLY_REACHED = "partly_reached"
    FAMILY_WITHDREW = "family_withdrew"
    MOVED_AWAY = "moved_away"
    OTHER_BODY = "other_body"
    NO_NEED_FOUND = "no_need_found"
    DUPLICATE = "duplicate"


class Side(StrEnum):
    """Where an obstacle lies, seen from the office."""

    INTERNAL = "internal"
    EXTERNAL = "external"


class Nature(StrEnum):
    """What kind of obstacle it is."""

    STRUCTURAL = "structural"
    CULTURAL = "cultural"
    PERSONAL = "personal"


class Part(StrEnum):
    """Why somebody works on a case."""

    MANAGER = "manager"
    COLLEAGUE = "colleague"


class CaseRelation(StrEnum):
    """How two cases belong together."""

    SIBLINGS = "siblings"
    SAME_EVENT = "same_event"
    DUPLICATE = "duplicate"


class EntryKind(StrEnum):
    """What a line of a case's timeline tells of."""

    OPENED = "opened"
    NOTE = "note"
    REPORT_ADDED = "report_added"
    ASSIGNED = "assigned"
    IDENTITY = "identity"
    SCHOOL_CHANGED = "school_changed"
    STAGE_DONE = "stage_done"
    STAGE_SKIPPED = "stage_skipped"
    STAGE_REOPENED = "stage_reopened"
    ASSESSMENT = "assessment"
    PLAN = "plan"
    GOAL_REVIEWED = "goal_reviewed"
    SERVICE = "service"
    CONFERENCE = "conference"
    FAMILY_CONTACT = "family_contact"
    TASK = "task"
    CONSENT = "consent"
    DECISION = "decision"
    OBSTACLE = "obstacle"
    REFERRAL = "referral"
    CLOSED = "closed"
    REOPENED = "reopened"
    SENTINEL = "sentinel"
    RETURN_PLAN = "return_plan"
    MONITORING = "monitoring"
    ALERT = "alert"


class Cause(StrEnum):
    """Why a case that was closed goes on."""

    RELAPSE = "relapse"
    WRONG_CLOSURE = "wrong_closure"


class Wellbeing(StrEnum):
    """How a child is found some months after closure."""

    WELL = "well"
    CONCERN = "concern"
    RELAPSE = "relapse"
    NOT_REACHED = "not_reached"


S, P = CaseState, Permission

CASE_MACHINE = Machine(
    (
        Move("close", frozenset({S.OPEN}), S.CLOSED, P.CASE_CLOSE),
        Move("transfer", frozenset({S.OPEN}), S.TRANSFERRED, P.CASE_CLOSE),
        Move("reopen", frozenset({S.CLOSED, S.TRANSFERRED}), S.OPEN, P.CASE_REOPEN),
    )
)

PLAN_MACHINE = Machine(
    (
        Move("submit", frozenset({PlanState.DRAFT}), PlanState.SUBMITTED, P.CASE_WORK),
        Move("approve", frozenset({PlanState.SUBMITTED}), PlanState.APPROVED, P.CASE_PLAN_APPROVE),
        Move("return", frozenset({PlanState.SUBMITTED}), PlanState.DRAFT, P.CASE_PLAN_APPROVE),
        Move("take_back", frozenset({PlanState.SUBMITTED}), PlanState.DRAFT, P.CASE_WORK),
        # Its case ended while it waited; whoever ends a case works on nothing in it.
        Move("lapse", frozenset({PlanState.SUBMITTED}), PlanState.DRAFT, P.CASE_CLOSE),
        Move("replace", frozenset({PlanState.APPROVED}), PlanState.REPLACED, P.CASE_PLAN_APPROVE),
    )
)

NOT_HELD = frozenset({ServiceState.PLANNED, ServiceState.MISSED})
NOT_MISSED = frozenset({ServiceState.PLANNED, ServiceState.HELD})
SERVICE_MACHINE = Machine(
    (
        # Also from each other: what was recorded by mistake is put right.
        Move("hold", NOT_HELD, ServiceState.HELD, P.CASE_WORK),
        Move("miss", NOT_MISSED, ServiceState.MISSED, P.CASE_WORK),
        Move("cancel", frozenset({ServiceState.PLANNED}), ServiceState.CANCELLED, P.CASE_WORK),
        # The case ends, and with it what was still planned.
        Move("drop", frozenset({ServiceState.PLANNED}), ServiceState.CANCELLED, P.CASE_CLOSE),
    )
)

# Whose word a decision needs; the others are made by whoever works on the case.
APPROVALS: dict[DecisionKind, Permission] = {
    DecisionKind.PLAN: P.CASE_PLAN_APPROVE,
    DecisionKind.REFERRAL: P.REFERRAL_APPROVE,
    DecisionKind.CLOSURE: P.CASE_CLOSE,
    DecisionKind.TRANSFER: P.CASE_CLOSE,
}
# What their to-do is called.
ASKING_FOR: dict[DecisionKind, str] = {kind: f"approve_{kind}" for kind in APPROVALS}
# Both end the office's work on a case.
ENDINGS = (DecisionKind.CLOSURE, DecisionKind.TRANSFER)
D = DecisionState
DECISION_MACHINE = Machine(
    (
        *(
            move
            for kind, permission in APPROVALS.items()
            for move in (
                Move(f"approve_{kind}", frozenset({D.PROPOSED}), D.APPROVED, permission),
                Move(f"return_{kind}", frozenset({D.PROPOSED}), D.RETURNED, permission),
            )
        ),
        Move("withdraw", frozenset({D.PROPOSED}), D.WITHDRAWN, P.CASE_WORK),
    )
)
