"""The words that a copy of somebody's data uses for codes."""

from __future__ import annotations

from portal.auditlog.exports.copy_sections import Words
from portal.auditlog.forms import requests
from portal.auditlog.models import RequestKind
from portal.auditlog.states import RequestState
from portal.core.access import Role
from portal.people.forms.roles import ROLE_NAMES
from portal.visits.forms.names import STATE_NAMES
from portal.visits.states import VisitState

WORDS = Words(
    role=lambda code: str(ROLE_NAMES[Role(code)]),
    request_kind=lambda code: str(requests.KIND_NAMES[RequestKind(code)]),
    request_state=lambda code: str(requests.STATE_NAMES[RequestState(code)]),
    visit_state=lambda code: str(STATE_NAMES[VisitState(code)]),
)
