"""What is never offered after sexual violence: peace with whoever did it."""

from __future__ import annotations

import re

from portal.cases.models import Case
from portal.core.errors import Rejected

# The form of violence, by the codes of reports, after which no peace is offered.
SEXUAL = "sexual"
PEACE = re.compile(
    r"\b(?:di|me)?mediasi|\bislah\b|\brekonsiliasi|\b(?:ber|per|men|di)damai|\bdamai dengan"
    r"|\b(?:secara|jalan|jalur|surat|cara|uang|upaya|kesepakatan|perjanjian|penyelesaian)"
    r" (?:damai|kekeluargaan)"
    r"|\bmediat(?:e|ion|ing)|\breconcil|\b(?:make|making) peace",
    re.IGNORECASE,
)


def check_peace(case: Case, *texts: str) -> None:
    """Make sure that no words offer peace with whoever did it, where violence was sexual.

    Raises Rejected("no_mediation").
    """
    if SEXUAL in case.kinds and any(PEACE.search(each) for each in texts):
        raise Rejected("no_mediation")
