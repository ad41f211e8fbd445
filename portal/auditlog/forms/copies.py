"""The words that a copy of somebody's data uses for codes."""

from __future__ import annotations

from typing import Any

from portal.auditlog.exports.copies import Words
from portal.auditlog.forms.requests import KIND_NAMES, STATE_NAMES
from portal.auditlog.models import RequestKind
from portal.auditlog.states import RequestState
from portal.core import i18n
from portal.core.access import Role
from portal.people.forms.roles import ROLE_NAMES
from portal.visits.states import VisitState

_ = i18n.lazy

VISIT_STATE_NAMES: dict[VisitState, Any] = {
    VisitState.REQUESTED: _("Waiting for an answer"),
    VisitState.SCHEDULED: _("Approved"),
    VisitState.DELIVERED: _("Took place"),
    VisitState.DECLINED: _("Not possible yet"),
    VisitState.WITHDRAWN: _("Withdrawn"),
    VisitState.CANCELLED: _("Cancelled"),
}

WORDS = Words(
    role=lambda code: str(ROLE_NAMES[Role(code)]),
    request_kind=lambda code: str(KIND_NAMES[RequestKind(code)]),
    request_state=lambda code: str(STATE_NAMES[RequestState(code)]),
    visit_state=lambda code: str(VISIT_STATE_NAMES[VisitState(code)]),
)
