"""The blueprint the pages of referrals share, and the words their templates use for codes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from portal.referrals.queries import words

bp = Blueprint("referrals", __name__)


@bp.app_template_global()
def referral_words() -> Any:
    """Return what the codes of referrals are called: `referral_words().STATES[state]`."""
    return words
