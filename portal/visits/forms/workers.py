"""Workers' hours and leave."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, TimeField
from wtforms.validators import InputRequired, Optional

from portal.core import i18n
from portal.web.forms import PortalForm

_ = i18n.lazy

WEEKDAYS = range(6)


class HoursForm(PortalForm):
    """A worker's hours, Monday to Saturday; an empty day is a day without visits."""

    starts_0 = TimeField(_("From"), [Optional()])
    ends_0 = TimeField(_("To"), [Optional()])
    starts_1 = TimeField(_("From"), [Optional()])
    ends_1 = TimeField(_("To"), [Optional()])
    starts_2 = TimeField(_("From"), [Optional()])
    ends_2 = TimeField(_("To"), [Optional()])
    starts_3 = TimeField(_("From"), [Optional()])
    ends_3 = TimeField(_("To"), [Optional()])
    starts_4 = TimeField(_("From"), [Optional()])
    ends_4 = TimeField(_("To"), [Optional()])
    starts_5 = TimeField(_("From"), [Optional()])
    ends_5 = TimeField(_("To"), [Optional()])

    def validate(self, extra_validators: Any = None) -> bool:
        """Check that each day has both ends or none."""
        fine = bool(super().validate(extra_validators))
        for day in WEEKDAYS:
            starts, ends = self[f"starts_{day}"], self[f"ends_{day}"]
            if (starts.data is None) != (ends.data is None):
                message = i18n.gettext("Enter both times, or leave both empty.")
                ends.errors = (*ends.errors, message)
                fine = False
        return fine

    def to_command(self) -> dict[int, tuple[Any, Any]]:
        """Return start and end for each working day."""
        return {
            day: (self[f"starts_{day}"].data, self[f"ends_{day}"].data)
            for day in WEEKDAYS
            if self[f"starts_{day}"].data and self[f"ends_{day}"].data
        }


class LeaveForm(PortalForm):
    """Days away."""

    first_day = DateField(_("First day"), [InputRequired(_("Enter the first day of leave."))])
    last_day = DateField(_("Last day"), [InputRequired(_("Enter the last day of leave."))])
