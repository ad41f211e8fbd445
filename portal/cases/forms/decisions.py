"""What is decided, answered and consented to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar
from uuid import UUID

from wtforms import DateField, RadioField, SelectField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional

from portal.cases.actions.consents import Asked
from portal.cases.forms.reasons import MOST_LETTERS, ReasonsForm
from portal.cases.models import Guardian
from portal.cases.queries.words import CONSENT_ANSWERS, CONSENTS
from portal.cases.states import ConsentAbout, ConsentAnswer
from portal.core import clock, i18n
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy

NOBODY = SelectChoice("", "–")
SPOKEN = (ConsentAnswer.GIVEN, ConsentAnswer.REFUSED, ConsentAnswer.WITHDRAWN)
ABOUT = [SelectChoice(each.value, name) for each, name in CONSENTS.items()]


class DecisionForm(ReasonsForm):
    """A decision that needs nobody else's word."""

    known_as = "decision"

    text = TextAreaField(
        _("What is decided?"),
        [Needed(_("Write what is decided.")), Length(max=MOST_LETTERS)],
        filters=[stripped],
    )


class AnswerForm(PortalForm):
    """What whoever decides writes back."""

    verb: ClassVar[str] = "approve"

    answer = TextAreaField(_("Your words"), [Length(max=MOST_LETTERS)], filters=[stripped])


class SendBackForm(AnswerForm):
    """What should be better."""

    verb = "return"

    answer = TextAreaField(
        _("What should be better?"),
        [Needed(_("Write what should be better; whoever proposed it reads it.")), Length(max=4000)],
        filters=[stripped],
    )


class ConsentForm(PortalForm):
    """What a guardian and the child said when they were asked."""

    known_as = "consent"

    about = SelectField(_("Asked about"), choices=ABOUT)
    answer = RadioField(
        _("The answer"),
        [Needed(_("Choose the answer."))],
        choices=[SelectChoice(each.value, CONSENT_ANSWERS[each]) for each in SPOKEN],
    )
    guardian = SelectField(_("Who answered?"), [Optional()], validate_choice=False)
    child_agrees = SelectField(
        _("Does the child agree?"),
        [Optional()],
        choices=[NOBODY, SelectChoice("yes", _("yes")), SelectChoice("no", _("no"))],
        validate_choice=False,
    )
    child_view = TextAreaField(
        _("How did the child say it?"), [Length(max=MOST_LETTERS)], filters=[stripped]
    )
    reason = TextAreaField(_("Reason"), [Length(max=MOST_LETTERS)], filters=[stripped])
    given_on = DateField(_("On"), [Needed(_("Enter the day."))], default=clock.today)

    def offer(self, guardians: Sequence[tuple[Guardian, str]]) -> None:
        """Fill in the guardians who may be asked, each with the name this reader may see."""
        self._known: dict[str, UUID] = {each.public_id: each.id for each, _name in guardians}
        choices = [SelectChoice(each.public_id, name) for each, name in guardians]
        self.guardian.choices = [NOBODY, *choices]

    def to_command(self) -> Asked:
        """Return what was said."""
        return Asked(
            about=ConsentAbout(self.about.data),
            answer=ConsentAnswer(self.answer.data),
            given_on=self.given_on.data or clock.today(),
            guardian_id=self._known.get(self.guardian.data or ""),
            reason=self.reason.data or "",
            child_agrees={"yes": True, "no": False}.get(self.child_agrees.data or ""),
            child_view=self.child_view.data or "",
        )


class NotAskedForm(ReasonsForm):
    """Why a guardian is not asked."""

    known_as = "not-asked"

    about = SelectField(_("Not asked about"), choices=ABOUT)
