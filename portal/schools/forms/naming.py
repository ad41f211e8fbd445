"""Forms about a school's name, and about its becoming part of another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import DateField, HiddenField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional
from wtforms.widgets import HiddenInput

from portal.core import clock, i18n
from portal.schools.actions.naming import NewName
from portal.schools.forms.register import tidy
from portal.schools.models import FormerName, School
from portal.web.forms import Needed, PortalForm

_ = i18n.lazy


class RenameForm(PortalForm):
    """What a school is called from a day on."""

    name = StringField(
        _("New name"),
        [
            Needed(_("Enter the name, so that people find the school.")),
            Length(max=School.name.type.length),
        ],
        filters=[tidy],
    )
    since = DateField(_("Holds since"), [Needed(_("Choose the day."))], default=clock.today)
    note = StringField(
        _("Where it is written"),
        [Optional(), Length(max=FormerName.note.type.length)],
        filters=[tidy],
    )

    def to_command(self) -> NewName:
        """Return the new name."""
        return NewName(self.name.data or "", self.since.data, self.note.data or "")


class MergeChoiceForm(PortalForm):
    """Which school another one becomes part of, and since when; it stands in the address."""

    successor = SelectField(
        _("Becomes part of"), [Needed(_("Choose the school it becomes part of."))]
    )
    merged_on = DateField(_("Since"), [Needed(_("Choose the day."))], default=clock.today)
    note = StringField(
        _("Where it is written"),
        [Optional(), Length(max=FormerName.note.type.length)],
        filters=[tidy],
    )

    def offer(self, others: Sequence[Any]) -> None:
        """Fill in the schools it may become part of."""
        self.successor.choices = [
            SelectChoice("", "–"),
            *(SelectChoice(each.public_id, f"{each.name} ({each.npsn})") for each in others),
        ]


class MergeForm(PortalForm):
    """The agreement to what was shown."""

    successor = HiddenField(filters=[tidy])
    merged_on = DateField(widget=HiddenInput())
    note = HiddenField(
        validators=[Optional(), Length(max=FormerName.note.type.length)], filters=[tidy]
    )
