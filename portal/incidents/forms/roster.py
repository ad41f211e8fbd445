"""The form of a turn on the roster."""

from __future__ import annotations

from typing import Self

from wtforms import DateField, SelectField
from wtforms.fields import SelectChoice

from portal.core import i18n
from portal.incidents.models import Turn
from portal.people.models import User
from portal.web.forms import Needed, PortalForm

_ = i18n.lazy


class TurnForm(PortalForm):
    """Who is on duty, from when until when."""

    person = SelectField(_("Who is on duty?"), [Needed(_("Choose a social worker."))])
    first_day = DateField(_("First day"), [Needed(_("Enter the first day."))])
    last_day = DateField(_("Last day"), [Needed(_("Enter the last day."))])

    @classmethod
    def of(cls, turn: Turn, person: User) -> Self:
        """Return the form filled with a turn as it stands."""
        shown = {"first_day": turn.first_day, "last_day": turn.last_day}
        return cls(formdata=None, data={**shown, "person": person.public_id})

    def offer(self, people: list[User]) -> None:
        """Fill in who can be on duty."""
        self.person.choices = [
            SelectChoice("", "–"),
            *(SelectChoice(each.public_id, each.full_name) for each in people),
        ]
