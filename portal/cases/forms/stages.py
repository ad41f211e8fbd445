"""What is done with the present stage of a case."""

from __future__ import annotations

from wtforms import HiddenField, SelectField
from wtforms.fields import SelectChoice

from portal.cases.forms.reasons import ReasonsForm
from portal.cases.queries.stages import StageView
from portal.cases.queries.words import STAGES
from portal.cases.states import Stage
from portal.core import i18n
from portal.web.forms import Needed, PortalForm

_ = i18n.lazy

MOST_DIGITS = 6


class PassageForm(PortalForm):
    """A step in the passage its page showed; also a tick."""

    passage = HiddenField()

    @property
    def shown(self) -> int:
        """Return the place of that passage among the case's; nought for anything else."""
        told = self.passage.data or ""
        return int(told) if told.isascii() and told.isdigit() and len(told) < MOST_DIGITS else 0

    def about(self, view: StageView) -> None:
        """Carry the passage the page shows now, also after a refusal."""
        self.passage.data = str(view.shown)


class SignForm(PassageForm):
    """The present stage is finished."""


class SkipForm(ReasonsForm, PassageForm):
    """Why the present stage is passed over."""

    known_as = "skip"


class GoBackForm(ReasonsForm, PassageForm):
    """Which earlier stage is gone through once more, and why."""

    known_as = "back"

    stage = SelectField(
        _("Back to"), [Needed(_("Choose the stage to go back to."))], validate_choice=False
    )

    def offer(self, view: StageView) -> None:
        """Fill in the stages before the present one, the nearest first."""
        self.stage.choices = [SelectChoice(each, STAGES[each]) for each in reversed(view.earlier)]

    @property
    def chosen(self) -> Stage:
        """Return the stage chosen; the last one, which nothing goes back to, for anything else."""
        told = self.stage.data or ""
        return Stage(told) if told in set(Stage) else Stage.TERMINATION
