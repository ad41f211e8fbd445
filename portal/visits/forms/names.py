"""What states of a visit and ways of holding it are called."""

from __future__ import annotations

from typing import Any

from portal.core import i18n
from portal.visits.models import Method
from portal.visits.states import VisitState

_ = i18n.lazy

STATE_NAMES: dict[VisitState, Any] = {
    VisitState.REQUESTED: _("Waiting for an answer"),
    VisitState.OFFERED: _("Offered to the school"),
    VisitState.SCHEDULED: _("Approved"),
    VisitState.DELIVERED: _("Took place"),
    VisitState.NOT_DELIVERED: _("Did not take place"),
    VisitState.DECLINED: _("Not possible yet"),
    VisitState.WITHDRAWN: _("Withdrawn"),
    VisitState.CANCELLED: _("Cancelled"),
    VisitState.LAPSED: _("Not answered in time"),
}
METHOD_NAMES: dict[Method, Any] = {
    Method.INTERACTIVE: _("Interactive: games, scenarios, discussion"),
    Method.MIXED: _("Mixed: a talk and activities"),
    Method.LECTURE: _("A talk only"),
}
# How many people come, asked in the words of a programme's audience.
AUDIENCE_QUESTIONS: dict[str, Any] = {
    "pupils": _("About how many pupils"),
    "families": _("About how many adults"),
    "teachers": _("About how many adults"),
}
AUDIENCE_NAMES: dict[str, Any] = {
    "pupils": _("Pupils"),
    "families": _("Families"),
    "teachers": _("Teachers"),
}
