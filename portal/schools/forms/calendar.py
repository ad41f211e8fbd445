"""Forms of the school calendar."""

from __future__ import annotations

from wtforms import DateField, RadioField, SelectMultipleField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional

from portal.core import i18n
from portal.schools import exports
from portal.schools.actions import CalendarDays
from portal.schools.forms.register import tidy
from portal.schools.models import CalendarEntry, CalendarKind, Level
from portal.web.forms import Needed, VersionedForm

_ = i18n.lazy


class DaysForm(VersionedForm):
    """Days of the calendar of one school."""

    kind = RadioField(
        _("What is on these days?"),
        [Needed(_("Choose what is on these days."))],
        choices=[SelectChoice(kind.value, name) for kind, name in exports.CALENDAR_KINDS.items()],
    )
    name = StringField(
        _("Name in Indonesian"),
        [
            Needed(_("Enter a name, for example: Libur semester ganjil.")),
            Length(max=CalendarEntry.name.type.length),
        ],
        filters=[tidy],
    )
    name_en = StringField(
        _("Name in English"),
        [Optional(), Length(max=CalendarEntry.name_en.type.length)],
        filters=[tidy],
    )
    first_on = DateField(_("First day"), [Needed(_("Choose the first day."))])
    last_on = DateField(_("Last day"), [Optional()])
    source = StringField(
        _("Where it is written"),
        [Optional(), Length(max=CalendarEntry.source.type.length)],
        filters=[tidy],
    )

    def to_command(self) -> CalendarDays:
        """Return the days as they are wanted; without a last day, the first alone."""
        return CalendarDays(
            kind=CalendarKind(self.kind.data),
            name=self.name.data or "",
            name_en=self.name_en.data or "",
            first_on=self.first_on.data,
            last_on=self.last_on.data or self.first_on.data,
            levels=self.chosen_levels,
            source=self.source.data or "",
        )

    @property
    def chosen_levels(self) -> tuple[str, ...]:
        """Return the levels they hold for; none means all."""
        return ()


class WeekForm(VersionedForm):
    """On how many days a week a school teaches."""

    week_days = RadioField(
        _("School week"),
        choices=[
            SelectChoice("5", _("Monday to Friday")),
            SelectChoice("6", _("Monday to Saturday")),
        ],
    )


class CityDaysForm(DaysForm):
    """Days of the calendar of all schools, or of those of some levels."""

    levels = SelectMultipleField(
        _("Only these levels"),
        choices=[SelectChoice(level.value, level.value) for level in Level if level != Level.OTHER],
    )

    @property
    def chosen_levels(self) -> tuple[str, ...]:
        """Return the chosen levels."""
        return tuple(self.levels.data or ())
