"""What the codes of a case mean in words."""

from __future__ import annotations

from typing import Any

from portal.cases.states import (
    Area,
    Barrier,
    CaseOutcome,
    CaseRelation,
    CaseState,
    Cause,
    ConsentAbout,
    ConsentAnswer,
    ContactWay,
    DecisionKind,
    DecisionState,
    Domain,
    Nature,
    Origin,
    Part,
    PlanState,
    Progress,
    ServiceKind,
    ServiceState,
    Side,
    Stage,
    Wellbeing,
)
from portal.core import i18n

_ = i18n.lazy

CASE_STATES: dict[CaseState, Any] = {
    CaseState.OPEN: _("In progress"),
    CaseState.CLOSED: _("Closed"),
    CaseState.TRANSFERRED: _("Handed to another body"),
}
STAGES: dict[Stage, Any] = {
    Stage.INTAKE: _("Intake"),
    Stage.OUTREACH: _("Outreach"),
    Stage.ASSESSMENT: _("Assessment"),
    Stage.PLAN: _("Intervention plan"),
    Stage.SERVICE: _("Service delivery"),
    Stage.MONITORING: _("Monitoring and evaluation"),
    Stage.TERMINATION: _("Closure"),
}
ORIGINS: dict[Origin, Any] = {
    Origin.REPORT: _("A report"),
    Origin.VISIT: _("A session at school"),
    Origin.REFERRAL_IN: _("Sent by another body"),
}
PARTS: dict[Part, Any] = {
    Part.MANAGER: _("Case manager"),
    Part.COLLEAGUE: _("Helps with it"),
}
RELATIONS: dict[CaseRelation, Any] = {
    CaseRelation.SIBLINGS: _("Siblings"),
    CaseRelation.SAME_EVENT: _("The same event"),
    CaseRelation.DUPLICATE: _("Opened twice"),
}
DOMAINS: dict[Domain, Any] = {
    Domain.PSYCHOLOGICAL: _("Feelings and behaviour"),
    Domain.FAMILY: _("Family"),
    Domain.SCHOOL: _("School and friends"),
    Domain.HEALTH: _("Body and health"),
    Domain.SAFETY: _("Safety"),
}
CONCERNS: tuple[Any, ...] = (
    _("No concern"),
    _("Some concern"),
    _("Much concern"),
    _("Needs help at once"),
)
AREAS: dict[Area, Any] = {
    Area.CASE_HANDLING: _("Handling of the case"),
    Area.RECOVERY: _("Psychosocial recovery"),
    Area.FAMILY_SUPPORT: _("Support of the family"),
    Area.SOCIAL_FUNCTIONING: _("Getting on at school and with others"),
}
PROGRESS: dict[Progress, Any] = {
    Progress.OPEN: _("Not reviewed yet"),
    Progress.PARTLY: _("Partly reached"),
    Progress.REACHED: _("Goal reached"),
    Progress.DROPPED: _("No longer a goal"),
}
PLAN_STATES: dict[PlanState, Any] = {
    PlanState.DRAFT: _("Draft"),
    PlanState.SUBMITTED: _("Waiting for approval"),
    PlanState.APPROVED: _("Approved"),
    PlanState.REPLACED: _("Replaced by a newer one"),
}
SERVICES: dict[ServiceKind, Any] = {
    ServiceKind.COUNSELLING: _("Counselling"),
    ServiceKind.PSYCHOSOCIAL: _("Psychosocial support"),
    ServiceKind.HOME_VISIT: _("Home visit"),
    ServiceKind.GROUP: _("Group"),
    ServiceKind.CONFERENCE: _("Case conference"),
    ServiceKind.ACCOMPANIMENT: _("Accompaniment"),
    ServiceKind.OTHER: _("Something else"),
}
SERVICE_STATES: dict[ServiceState, Any] = {
    ServiceState.PLANNED: _("Planned"),
    ServiceState.HELD: _("Took place"),
    ServiceState.MISSED: _("Nobody came"),
    ServiceState.CANCELLED: _("Cancelled"),
}
BARRIERS: dict[Barrier, Any] = {
    Barrier.NO_ANSWER: _("No answer"),
    Barrier.WORK: _("Work"),
    Barrier.DISTANCE: _("Too far"),
    Barrier.COST: _("Costs"),
    Barrier.ILLNESS: _("Illness"),
    Barrier.FEAR_OR_SHAME: _("Fear or shame"),
    Barrier.UNWILLING: _("Does not want to"),
    Barrier.MOVED: _("Moved away"),
    Barrier.OTHER: _("Another reason"),
}
WAYS: dict[ContactWay, Any] = {
    ContactWay.PHONE: _("Phone call"),
    ContactWay.MESSAGE: _("Message"),
    ContactWay.HOME_VISIT: _("Visit at home"),
    ContactWay.AT_OFFICE: _("At the office"),
    ContactWay.AT_SCHOOL: _("At school"),
}
CONSENTS: dict[ConsentAbout, Any] = {
    ConsentAbout.SERVICES: _("Services of the office"),
    ConsentAbout.SHARING_WITH_SCHOOL: _("Telling the school what it needs to know"),
    ConsentAbout.REFERRAL: _("A referral"),
    ConsentAbout.PHOTOS: _("Photos"),
}
CONSENT_ANSWERS: dict[ConsentAnswer, Any] = {
    ConsentAnswer.GIVEN: _("They agreed"),
    ConsentAnswer.REFUSED: _("Did not agree"),
    ConsentAnswer.WITHDRAWN: _("Took the agreement back"),
    ConsentAnswer.NOT_ASKED: _("Was not asked, to protect the child"),
}
DECISIONS: dict[DecisionKind, Any] = {
    DecisionKind.PLAN: _("Intervention plan"),
    DecisionKind.REFERRAL: _("Referral"),
    DecisionKind.CLOSURE: _("Closing the case"),
    DecisionKind.TRANSFER: _("Handing the case to another body"),
    DecisionKind.CONFERENCE: _("Agreed in a case conference"),
    DecisionKind.CONSENT_NOT_ASKED: _("Acting without asking the guardian"),
    DecisionKind.STAGE_SKIPPED: _("Skipping a stage"),
    DecisionKind.STAGE_REOPENED: _("Going back to a stage"),
    DecisionKind.CASE_REOPENED: _("Reopening the case"),
    DecisionKind.OTHER: _("Another decision"),
}
DECISION_STATES: dict[DecisionState, Any] = {
    DecisionState.PROPOSED: _("Waiting for approval"),
    DecisionState.APPROVED: _("Approved"),
    DecisionState.RETURNED: _("Sent back for improvement"),
    DecisionState.WITHDRAWN: _("Taken back"),
    DecisionState.MADE: _("Decision made"),
}
OUTCOMES: dict[CaseOutcome, Any] = {
    CaseOutcome.GOALS_REACHED: _("Goals reached"),
    CaseOutcome.PARTLY_REACHED: _("Goals partly reached"),
    CaseOutcome.FAMILY_WITHDREW: _("The family no longer wants help"),
    CaseOutcome.MOVED_AWAY: _("Moved away"),
    CaseOutcome.OTHER_BODY: _("Another body goes on"),
    CaseOutcome.NO_NEED_FOUND: _("No need was found"),
    CaseOutcome.DUPLICATE: _("Opened twice"),
}
SIDES: dict[Side, Any] = {
    Side.INTERNAL: _("In the office"),
    Side.EXTERNAL: _("Outside the office"),
}
NATURES: dict[Nature, Any] = {
    Nature.STRUCTURAL: _("Structural: rules, money, people, distance"),
    Nature.CULTURAL: _("Cultural: habits, shame, beliefs"),
    Nature.PERSONAL: _("Personal: what somebody can or wants"),
}
CAUSES: dict[Cause, Any] = {
    Cause.RELAPSE: _("It happened again, or the child needs help once more"),
    Cause.WRONG_CLOSURE: _("It should not have been closed"),
}
WELLBEING: dict[Wellbeing, Any] = {
    Wellbeing.WELL: _("The child is well"),
    Wellbeing.CONCERN: _("Something worries us"),
    Wellbeing.RELAPSE: _("It happened again"),
    Wellbeing.NOT_REACHED: _("Nobody could be reached"),
}
