"""What stands in the way, and how it was overcome."""

from __future__ import annotations

from wtforms import DateField, SelectField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Length

from portal.cases.actions.obstacles import Hindrance
from portal.cases.queries.words import NATURES, SIDES
from portal.cases.states import Nature, Side
from portal.core import clock, i18n
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy

MOST_LETTERS = 2000


class ObstacleForm(PortalForm):
    """An obstacle: where it lies, of what kind it is, and in words."""

    known_as = "obstacle"

    text = TextAreaField(
        _("What stands in the way?"),
        [Needed(_("Write what stands in the way.")), Length(max=MOST_LETTERS)],
        filters=[stripped],
    )
    side = SelectField(
        _("Where does it lie?"), choices=[SelectChoice(each, name) for each, name in SIDES.items()]
    )
    nature = SelectField(
        _("What kind is it?"), choices=[SelectChoice(each, name) for each, name in NATURES.items()]
    )

    def to_command(self) -> Hindrance:
        """Return what was written."""
        return Hindrance(Side(self.side.data), Nature(self.nature.data), self.text.data or "")


class OvercomeForm(PortalForm):
    """When and how an obstacle was overcome."""

    known_as = "overcome"
    # The public id of the obstacle a sent form is about.
    about = ""

    day = DateField(_("Overcome on"), [Needed(_("Enter the day."))], default=clock.today)
    how = TextAreaField(
        _("How?"),
        [Needed(_("Write what helped; others learn from it.")), Length(max=MOST_LETTERS)],
        filters=[stripped],
    )
