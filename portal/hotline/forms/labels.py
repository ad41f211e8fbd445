"""What people read for each answer, by the codes of the questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms.fields import SelectChoice

from portal.core import i18n
from portal.incidents.queries.words import ANSWERS

_ = i18n.lazy

# In the order in which they are offered; whoever tells is spoken to where it is about them.
LABELS: dict[str, dict[str, Any]] = {
    **ANSWERS,
    "teller": {
        **ANSWERS["teller"],
        "pupil": _("A pupil, and it is about me"),
        "witness": _("A pupil, and I saw or heard it"),
    },
    "danger": {**ANSWERS["danger"], "unsure": _("I am not sure")},
    "reported": {
        **ANSWERS["reported"],
        "unknown": _("I do not know, or would rather not say"),
    },
}

# A second line under an answer.
EXAMPLES: dict[str, Any] = {
    "online": _("WhatsApp groups, social media, games"),
}


def choices_of(question: str) -> list[SelectChoice]:
    """Return the answers to a question, for a field."""
    return [SelectChoice(code, label) for code, label in LABELS[question].items()]


def said(question: str, codes: Sequence[str]) -> str:
    """Return answers in words, in the order in which they were offered."""
    return ", ".join(str(label) for code, label in LABELS[question].items() if code in codes)
