"""Ending a case, looking back at it, and going on with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import RadioField, SelectField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Length

from portal.cases.actions.closing import Reopening, possible_outcomes, possible_stages
from portal.cases.actions.deciding import Reasons
from portal.cases.forms.reasons import MOST_LETTERS, ReasonsForm
from portal.cases.models import Case, LegalBasis
from portal.cases.queries.words import CAUSES, OUTCOMES, STAGES, WELLBEING
from portal.cases.states import Cause, Stage
from portal.core import i18n
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy

MOST_WORDS = 160


class EndingForm(ReasonsForm):
    """What both ways of ending a case ask for."""

    told = TextAreaField(
        _("What do the family and the child know about it?"),
        [
            Needed(_("Write what they were told, or why they could not be told.")),
            Length(max=MOST_LETTERS),
        ],
        filters=[stripped],
    )


class ClosureForm(EndingForm):
    """How a case ends, and what happens if it begins again."""

    outcome = SelectField(_("How does it end?"), [Needed(_("Choose how it ends."))])
    relapse = TextAreaField(
        _("What if it happens again?"),
        [
            Needed(_("Write whom the child and the family turn to if it happens again.")),
            Length(max=MOST_LETTERS),
        ],
        filters=[stripped],
    )

    def prepare(self, case: Case, bases: Sequence[LegalBasis]) -> None:
        """Offer the endings that the case's stage allows as well."""
        super().prepare(case, bases)
        endings = [SelectChoice(each.value, OUTCOMES[each]) for each in possible_outcomes(case)]
        self.outcome.choices = [SelectChoice("", "–"), *endings]

    @property
    def reasons(self) -> Reasons:
        """Return what was written, as one text with what it answers."""
        return self.to_reasons(_paragraphs(self.told, self.relapse))


class TransferForm(EndingForm):
    """Who goes on with a case."""

    body = TextAreaField(
        _("Who goes on with it, and who there takes it over?"),
        [
            Needed(_("Write which body goes on with it and whom the office spoke to.")),
            Length(max=MOST_WORDS),
        ],
        filters=[stripped],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Beside the form that closes a case, which asks some of the same.
        for field in self:
            field.id = f"transfer-{field.name}"

    @property
    def reasons(self) -> Reasons:
        """Return what was written, as one text with what it answers."""
        return self.to_reasons(_paragraphs(self.body, self.told))


class ReopenForm(ReasonsForm):
    """Why a case goes on, and where."""

    cause = RadioField(
        _("Why does it go on?"),
        [Needed(_("Choose why it goes on."))],
        choices=[SelectChoice(each.value, words) for each, words in CAUSES.items()],
    )
    stage = SelectField(_("Where does it go on?"))

    def prepare(self, case: Case, bases: Sequence[LegalBasis]) -> None:
        """Offer the regulations and the stages the case was in; nothing that is in the file."""
        self.offer_bases(bases)
        stages = possible_stages(case)
        usual = (
            _("As usual: at the assessment, or where it was closed by mistake")
            if Stage.ASSESSMENT in stages
            else _("Where it was closed")
        )
        self.stage.choices = [
            SelectChoice("", usual),
            *(SelectChoice(each.value, STAGES[each]) for each in stages),
        ]

    def to_command(self) -> Reopening:
        """Return why it goes on."""
        stage = Stage(self.stage.data) if self.stage.data else None
        return Reopening(Cause(self.cause.data), self.to_reasons(), stage)


class LookBackForm(PortalForm):
    """How the child was found."""

    found = RadioField(
        _("How is the child?"),
        [Needed(_("Choose how the child was found."))],
        choices=[SelectChoice(each.value, name) for each, name in WELLBEING.items()],
    )
    words = TextAreaField(
        _("What did you see and hear?"),
        [
            Needed(_("Write who was asked and what they said, or how you tried to reach them.")),
            Length(max=MOST_LETTERS),
        ],
        filters=[stripped],
    )


def _paragraphs(*fields: TextAreaField) -> str:
    return "\n\n".join(f"{each.label.text}\n{each.data or ''}" for each in fields)
