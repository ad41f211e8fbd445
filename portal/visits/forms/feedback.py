"""What pupils say of a session, in four taps; each of them may be left out."""

from __future__ import annotations

from typing import Any

from wtforms import RadioField
from wtforms.fields import SelectChoice

from portal.core import i18n
from portal.visits.policy.feedback import QUESTIONS
from portal.web.forms import PortalForm

_ = i18n.lazy

# In words for pupils; whoever reads the sums reads what pupils read.
ASKED: dict[str, Any] = {
    "mood": _("How was the session for you?"),
    "understood": _("Did you understand what it was about?"),
    "whom": _("Do you know whom you can tell when somebody hurts you or a friend?"),
    "safer": _("Would you dare to ask for help more than before?"),
}
ANSWERS: dict[str, dict[str, Any]] = {
    "mood": {
        "good": _("I liked it"),
        "fair": _("It was all right"),
        "poor": _("I did not like it"),
    },
    "understood": {
        "yes": _("Yes, all of it"),
        "partly": _("Some of it"),
        "no": _("Hardly anything"),
    },
    "whom": {
        "yes": _("Yes, I know somebody"),
        "unsure": _("I am not quite sure"),
        "no": _("Nobody yet"),
    },
    "safer": {
        "yes": _("Yes, more than before"),
        "same": _("The same as before"),
        "no": _("Less than before"),
    },
}


def _field(question: str) -> RadioField:
    answers = ANSWERS[question]
    return RadioField(
        ASKED[question],
        choices=[SelectChoice(each, answers[each]) for each in QUESTIONS[question]],
        validate_choice=False,
        default="",
    )


class FeedbackForm(PortalForm):
    """One pupil's sheet; no cookie, and so no token, ties it to a browser."""

    class Meta(PortalForm.Meta):
        csrf = False

    mood = _field("mood")
    understood = _field("understood")
    whom = _field("whom")
    safer = _field("safer")

    def given(self) -> dict[str, str]:
        """Return the answers by question; what is no answer of ours counts as none."""
        sent = {each: self[each].data or "" for each in QUESTIONS}
        return {each: answer for each, answer in sent.items() if answer in QUESTIONS[each]}
