"""The blueprint the pages of monitoring share, and the words their templates use for codes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from portal.monitoring.queries import words

bp = Blueprint("monitoring", __name__)


@bp.app_template_global()
def monitoring_words() -> Any:
    """Return what the codes of monitoring are called: `monitoring_words().BANDS[band]`."""
    return words
