"""Forms about what both sides of an MoU promise."""

from __future__ import annotations

from wtforms import DateField, RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional

from portal.core import clock, i18n
from portal.schools.actions.obligations import Promise
from portal.schools.forms.register import tidy
from portal.schools.models import MouObligation, Side
from portal.web.forms import Needed, PortalForm, VersionedForm

_ = i18n.lazy

SIDE_NAMES = {Side.SCHOOL: _("The school"), Side.OFFICE: _("The office")}


class ObligationForm(VersionedForm):
    """One promise of an MoU."""

    side = RadioField(
        _("Who promises"),
        choices=[SelectChoice(side.value, label) for side, label in SIDE_NAMES.items()],
        default=Side.SCHOOL.value,
    )
    text = StringField(
        _("What is promised"),
        [
            Needed(_("Enter what is promised, in one sentence.")),
            Length(max=MouObligation.text.type.length),
        ],
        filters=[tidy],
    )
    due_on = DateField(_("By when"), [Optional()])

    def to_command(self) -> Promise:
        """Return the promise."""
        return Promise(Side(self.side.data), self.text.data or "", self.due_on.data)


class MetForm(PortalForm):
    """Since when a promise is kept, and what shows it."""

    met_on = DateField(_("Kept since"), [Needed(_("Choose the day."))], default=clock.today)
    note = StringField(
        _("What shows it"),
        [Optional(), Length(max=MouObligation.note.type.length)],
        filters=[tidy],
    )
