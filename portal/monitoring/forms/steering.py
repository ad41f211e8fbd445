"""Who fills in the forms about a child, and whether and how the monitoring goes on."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from wtforms import BooleanField, DateField, RadioField, SelectField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional

from portal.cases.actions.deciding import Reasons
from portal.cases.forms.reasons import ReasonsForm
from portal.core import i18n
from portal.people.models import User
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy

MOST_LETTERS = 500
REGULAR, SUBSTITUTE = "regular", "substitute"


class TeacherForm(PortalForm):
    """Who is asked for the forms."""

    known_as = "teacher"

    teacher = SelectField(_("Who fills in the forms?"), [Needed(_("Choose a teacher."))])
    part = RadioField(
        _("For how long?"),
        choices=[
            SelectChoice(REGULAR, _("From now on")),
            SelectChoice(SUBSTITUTE, _("For a while, in place of the teacher")),
        ],
        default=REGULAR,
    )

    def offer(self, teachers: Sequence[User]) -> None:
        """Fill in those who can be asked."""
        self._known: dict[str, UUID] = {each.public_id: each.id for each in teachers}
        offered = [SelectChoice(each.public_id, each.full_name) for each in teachers]
        self.teacher.choices = [SelectChoice("", "–"), *offered]

    @property
    def chosen(self) -> UUID:
        """Return who was chosen."""
        return self._known[self.teacher.data]

    @property
    def substitute(self) -> bool:
        """Say whether they stand in for a while."""
        return bool(self.part.data == SUBSTITUTE)


class ReasonForm(PortalForm):
    """A step and why it is taken."""

    reason = TextAreaField(
        _("Why?"),
        [Needed(_("Write in a few words why.")), Length(max=MOST_LETTERS)],
        filters=[stripped],
    )


class PauseForm(ReasonForm):
    """Until when no form comes."""

    known_as = "pause"

    until = DateField(_("Until when?"), [Optional()])


class RestartForm(ReasonForm):
    """Why forms come weekly again."""

    known_as = "restart"


class EndForm(ReasonForm):
    """Why the monitoring ends while the case goes on."""

    known_as = "end"


class ResumeForm(PortalForm):
    """How the monitoring goes on."""

    known_as = "resume"

    was_away = BooleanField(_("The child was away from school"))


class GoOnForm(ReasonsForm):
    """Why the monitoring goes on, decided by people."""

    known_as = "go-on"

    weekly = BooleanField(_("Begin weekly again"))

    @property
    def reasons(self) -> Reasons:
        """Return the decision as it is written down."""
        return self.to_reasons(i18n.gettext("The monitoring at school goes on."))
