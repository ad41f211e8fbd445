"""Workers' hours, terms and leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from wtforms import DateField, DecimalField, TimeField
from wtforms.validators import InputRequired, NumberRange, Optional

from portal.core import clock, i18n
from portal.visits.queries.load import Load, Terms
from portal.web.forms import PortalForm

_ = i18n.lazy

WEEKDAYS = range(6)
WEEK = timedelta(weeks=1)


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


MOST_HOURS = 60


class HoursField(DecimalField):
    """Hours of a week, with a comma or a point: 37,5."""

    def _value(self) -> str:
        """Return the figure as people write it here, or what they typed."""
        if self.raw_data or self.data is None:
            return str(super()._value())
        return i18n.number(self.data)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the figure as people write it here."""
        typed = [str(value).replace(",", ".") for value in valuelist]
        try:
            # To Decimal "NaN" and "Infinity" are figures, but none to reckon with.
            if any("n" in each.casefold() for each in typed):
                raise ValueError
            super().process_formdata(typed)
        except ValueError:
            raise ValueError(i18n.gettext("Enter hours as a figure, for example 37.5.")) from None


def _hours_field(label: Any, least: int) -> HoursField:
    message = i18n.lazy_with(
        "Enter hours between %(least)s and %(most)s.", least=least, most=MOST_HOURS
    )
    return HoursField(
        label, [InputRequired(message), NumberRange(least, MOST_HOURS, message)], places=None
    )


class TermsForm(PortalForm):
    """How much of a week a worker has, from a day on."""

    from_on = DateField(_("From"), [InputRequired(_("Enter the day from which this holds."))])
    weekly_hours = _hours_field(_("All work of a week (hours)"), 1)
    visit_hours = _hours_field(_("Of these, sessions at schools at most (hours)"), 0)

    @classmethod
    def suggesting(cls, load: Load) -> TermsForm:
        """Return the form with what holds now, from next Monday on."""
        form = cls(formdata=None)
        if not form.restored:
            form.from_on.data = clock.monday_of(clock.today()) + WEEK
            form.weekly_hours.data = _in_hours(load.weekly_minutes)
            form.visit_hours.data = _in_hours(load.visit_limit)
        return form

    def to_command(self) -> Terms:
        """Return the terms in minutes."""
        return Terms(
            self.from_on.data or date.max,
            _in_minutes(self.weekly_hours.data),
            _in_minutes(self.visit_hours.data),
        )


def _in_hours(minutes: int) -> Decimal:
    hours = Decimal(minutes) / 60
    return Decimal(minutes // 60) if minutes % 60 == 0 else hours.quantize(Decimal("0.01"))


def _in_minutes(hours: Decimal | None) -> int:
    return round((hours or 0) * 60)


class LeaveForm(PortalForm):
    """Days away."""

    first_day = DateField(_("First day"), [InputRequired(_("Enter the first day of leave."))])
    last_day = DateField(_("Last day"), [InputRequired(_("Enter the last day of leave."))])
