"""The code, and an answer to the office."""

from __future__ import annotations

from typing import Any, Self

from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from portal.core import i18n
from portal.hotline.forms.steps import TOO_LONG, QuietForm
from portal.incidents.actions.conversing import MOST_LETTERS
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy

# Answers for which nobody needs to type.
YES, NOT_YET, TALK = "ya", "jangan_dulu", "bicara"


def ready_answers(*, child: bool) -> dict[str, str]:
    """Return the ready answers by their codes, in the words of whoever gives them."""
    talk = i18n.pgettext("anak", "I want to talk in person") if child else None
    return {
        YES: i18n.gettext("Yes, you may contact the homeroom teacher"),
        NOT_YET: i18n.gettext("Not yet, please"),
        TALK: talk or i18n.gettext("I want to talk in person"),
    }


def message(label: Any) -> TextAreaField:
    """Return the field for words to the office."""
    too_long = Length(max=MOST_LETTERS, message=TOO_LONG)
    return TextAreaField(label, [too_long], filters=[stripped], default="")


class CodeForm(QuietForm):
    """The code, and words that were written before the page closed."""

    code = StringField(
        _("Your code"),
        [Needed(_("Type the code of 16 letters and figures that you wrote down."))],
        default="",
    )
    text = message(_("Your message, sent as soon as the code fits"))

    @classmethod
    def after(cls, unsent: AnswerForm) -> Self:
        """Return the form that asks for the code once more, with the words that wait."""
        chosen = ready_answers(child=False).get(unsent.ready.data or "")
        return cls(formdata=None, text=together(chosen, unsent.text.data))


class AnswerForm(PortalForm):
    """Words to the office: one's own, a ready answer, or both."""

    text = message(_("Your message"))
    ready = StringField(default="")

    def words(self, *, child: bool) -> str:
        """Return what is to be sent."""
        return together(ready_answers(child=child).get(self.ready.data or ""), self.text.data)


def together(*parts: str | None) -> str:
    """Return texts as one, a blank line between."""
    return "\n\n".join(part for part in parts if part)
