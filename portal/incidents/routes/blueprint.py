"""The blueprint the pages of reports share, and the words their templates use for codes."""

from __future__ import annotations

from flask import Blueprint

from portal.incidents.forms.words import URGENCIES
from portal.incidents.queries.words import STATE_NAMES
from portal.incidents.states import ReportState, Urgency

bp = Blueprint("incidents", __name__)


@bp.app_template_global()
def report_state(state: str) -> str:
    """Return what a state of a report is called."""
    return str(STATE_NAMES[ReportState(state)])


@bp.app_template_global()
def urgency_name(urgency: str) -> str:
    """Return what an urgency is called."""
    return str(URGENCIES[Urgency(urgency)])
