"""What the codes of plans, follow-ups, forms and alerts are called."""

from __future__ import annotations

from typing import Any

from portal.core import i18n
from portal.monitoring.states import (
    AlertKind,
    AlertState,
    Band,
    FollowUpState,
    FormKind,
    FormState,
    PlanState,
    ReaderPart,
)

_ = i18n.lazy

PLAN_STATES: dict[PlanState, Any] = {
    PlanState.DRAFT: _("Plan in draft"),
    PlanState.SHARED: _("Shared with the school"),
    PlanState.REPLACED: _("Replaced by a newer plan"),
    PlanState.ENDED: _("Plan ended"),
}
PARTS: dict[ReaderPart, Any] = {
    ReaderPart.TEACHER: _("Teacher"),
    ReaderPart.PRINCIPAL: _("Principal"),
    ReaderPart.FOCAL_TEAM: _("School team"),
}
FOLLOW_UP_STATES: dict[FollowUpState, Any] = {
    FollowUpState.ACTIVE: _("Monitoring goes on"),
    FollowUpState.PAUSED: _("Monitoring paused"),
    FollowUpState.ENDED: _("Monitoring ended"),
}
FORM_KINDS: dict[FormKind, Any] = {
    FormKind.FIRST_DAY: _("First day back"),
    FormKind.REGULAR: _("Monitoring form"),
    FormKind.SENTINEL: _("Later check"),
}
FORM_STATES: dict[FormState, Any] = {
    FormState.WAITING: _("Waiting to be filled in"),
    FormState.SENT: _("Form sent"),
    FormState.MISSED: _("Form missed"),
    FormState.CANCELLED: _("Not needed any more"),
}
BANDS: dict[Band, Any] = {
    Band.GREEN: _("Calm"),
    Band.YELLOW: _("Keep watching"),
    Band.ORANGE: _("Worrying"),
    Band.RED: _("Acute"),
    Band.TOO_LITTLE: _("Too little observed"),
}
ALERTS: dict[AlertKind, Any] = {
    AlertKind.RED_FLAG: _("Red flag"),
    AlertKind.HARASSED: _("Teased or harassed again"),
    AlertKind.RED_BAND: _("Acute in a form"),
    AlertKind.RISE: _("Clearly worse than before"),
    AlertKind.ORANGE_TWICE: _("Worrying twice in a row"),
    AlertKind.SILENT: _("No form from the school"),
    AlertKind.RELAPSE: _("A worry after the case was closed"),
}
ALERT_STATES: dict[AlertState, Any] = {
    AlertState.OPEN: _("Nobody has taken it on yet"),
    AlertState.TAKEN: _("Somebody takes care of it"),
    AlertState.CLOSED: _("Alert settled"),
}
# What the lines of a case's timeline say of a step.
PLAN_STEPS: dict[str, Any] = {
    "drafted": _("plan begun"),
    "shared": _("shared with the school"),
    "acknowledged": _("acknowledged by the school"),
    "replaced": _("replaced by a newer one"),
    "ended": _("ended"),
}
STEPS: dict[str, Any] = {
    "started": _("begun"),
    "paused": _("paused"),
    "resumed": _("goes on"),
    "restarted": _("weekly again"),
    "ended": _("ended"),
    "teacher": _("another teacher fills in the forms"),
    "form_sent": _("form sent"),
    "form_corrected": _("form corrected"),
    "form_missed": _("form missed"),
    "answered": _("answered by the office"),
    "skipped": _("a form left out"),
    "asked_later": _("the school is asked how the child is"),
}
ALERT_STEPS: dict[str, Any] = {
    "raised": _("raised"),
    "taken": _("taken on"),
    "handed_on": _("handed on to the division head"),
    "closed": _("settled"),
}
