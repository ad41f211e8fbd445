"""The blueprint the pages of cases share, and the words their templates use for codes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app

from portal.cases.queries import words
from portal.core import i18n

_ = i18n.lazy

bp = Blueprint("cases", __name__)

# The parts of a file, in the order in which work goes on; some stand in features above this one.
TABS = (
    ("overview", "cases.show", _("Overview")),
    ("stages", "cases.stages", _("Stages")),
    ("child", "cases.child", _("Child")),
    ("assessment", "cases.assessment", _("Assessment")),
    ("plan", "cases.plan", _("Plan")),
    ("services", "cases.services", _("Services")),
    ("family", "cases.family", _("Family")),
    ("decisions", "cases.decisions", _("Decisions")),
    ("referrals", "referrals.of_case", _("Referrals")),
    ("return", "monitoring.plan_of_case", _("Back at school")),
    ("monitoring", "monitoring.of_case", _("Monitoring")),
    ("closure", "cases.closure", _("Closure")),
    ("access", "cases.access", _("Access")),
)


@bp.app_template_global()
def case_words() -> Any:
    """Return what the codes of cases are called: `case_words().STAGES[stage]`."""
    return words


@bp.app_template_global()
def case_tabs() -> list[tuple[str, str, str]]:
    """Return the parts of a file: key, endpoint and label."""
    return [
        (key, endpoint, str(label))
        for key, endpoint, label in TABS
        if endpoint in current_app.view_functions
    ]
