"""What is written into a plan and its goals, and what is found when they are looked at again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from wtforms import (
    BooleanField,
    DateField,
    RadioField,
    SelectField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import Length

from portal.cases.actions.goals import Aimed, Reviewed
from portal.cases.actions.planning import PlanWords
from portal.cases.forms.reasons import MOST_LETTERS, BasedForm, why
from portal.cases.models import Need
from portal.cases.queries.words import AREAS, PROGRESS
from portal.cases.states import Area, Domain, Progress
from portal.core import clock, i18n
from portal.web.forms import Needed, PortalForm, VersionedForm, stripped

_ = i18n.lazy

GOAL_LENGTH = 1000
LABEL_LENGTH = 90
NOTHING = SelectChoice("", "–")

# By what one commonly sees that things are better; a beginning, to be put into one's own words.
SIGNS: dict[Domain, Any] = {
    Domain.PSYCHOLOGICAL: _("The child says so itself, and those at home see it as well."),
    Domain.FAMILY: _("The family tells how it goes at home, and the child says the same."),
    Domain.SCHOOL: _("The child is at school every day and names somebody it spends breaks with."),
    Domain.HEALTH: _("A health worker says so, or the complaints stay away."),
    Domain.SAFETY: _("The child says that it feels safe, on the way and online, for four weeks."),
}


def signs() -> dict[Domain, str]:
    """Return the usual signs in the language of whoever writes the plan."""
    return {domain: str(text) for domain, text in SIGNS.items()}


class PlanForm(VersionedForm):
    """What a plan says as a whole."""

    best_interests = TextAreaField(
        _("What serves the child best?"), [Length(max=MOST_LETTERS)], filters=[stripped]
    )
    child_view = TextAreaField(
        _("What does the child think?"), [Length(max=MOST_LETTERS)], filters=[stripped]
    )
    review_on = DateField(
        _("Look at the goals together on"),
        [Needed(_("Enter the day on which the goals are looked at together."))],
    )

    def to_words(self) -> PlanWords:
        """Return what the plan says."""
        return PlanWords(
            self.best_interests.data or "", self.child_view.data or "", self.review_on.data
        )


class NewGoalForm(PortalForm):
    """A goal of a plan."""

    need = SelectField(
        _("For which need?"),
        [Needed(_("Choose the need this goal answers."))],
        validate_choice=False,
    )
    text = TextAreaField(
        _("What shall be reached?"),
        [Needed(_("Write what shall be reached.")), Length(max=GOAL_LENGTH)],
        filters=[stripped],
    )
    area = SelectField(
        _("Area of the plan"),
        choices=[SelectChoice(each.value, name) for each, name in AREAS.items()],
    )
    sign = TextAreaField(
        _("How will one see it?"),
        [
            Needed(_("Write how one will see it, so that it can be judged later.")),
            Length(max=GOAL_LENGTH),
        ],
        filters=[stripped],
    )
    steps = TextAreaField(_("Who does what?"), [Length(max=MOST_LETTERS)], filters=[stripped])
    due_on = DateField(_("Until"), [Needed(_("Enter the day until which it shall be reached."))])

    def offer(self, needs: Sequence[Need]) -> None:
        """Fill in the needs a goal may answer."""
        self._known: dict[str, UUID] = {each.public_id: each.id for each in needs}
        choices = [SelectChoice(each.public_id, _short(each.text)) for each in needs]
        self.need.choices = [NOTHING, *choices]

    def to_aimed(self) -> Aimed:
        """Return what shall be reached."""
        return Aimed(
            need_id=self._known.get(self.need.data or ""),
            area=Area(self.area.data),
            text=self.text.data or "",
            due_on=self.due_on.data or clock.today(),
            sign=self.sign.data or "",
            steps=self.steps.data or "",
        )


class GoalForm(NewGoalForm, VersionedForm):
    """A goal that stands in the plan already."""


class SubmitForm(BasedForm):
    """Why this plan, and which law it rests on; what serves the child best stands in the plan."""

    reason = why(_("Why this plan?"))


class ReviewForm(VersionedForm):
    """How far a goal is found to be."""

    progress = RadioField(
        _("How far is it?"),
        [Needed(_("Choose how far it is."))],
        choices=[
            SelectChoice(each.value, PROGRESS[each])
            for each in (Progress.PARTLY, Progress.REACHED, Progress.DROPPED)
        ],
    )
    review = TextAreaField(
        _("What was found?"),
        [
            Needed(_("Write what was found, also in the words of child and family.")),
            Length(max=MOST_LETTERS),
        ],
        filters=[stripped],
    )
    reviewed_on = DateField(_("On"), [Needed(_("Enter the day."))], default=clock.today)
    need_met = BooleanField(_("The need is met"))

    def to_reviewed(self) -> Reviewed:
        """Return what was found."""
        return Reviewed(
            progress=Progress(self.progress.data),
            review=self.review.data or "",
            reviewed_on=self.reviewed_on.data or clock.today(),
            need_met=bool(self.need_met.data),
        )


def _short(text: str) -> str:
    return text if len(text) <= LABEL_LENGTH else f"{text[: LABEL_LENGTH - 1]}…"
