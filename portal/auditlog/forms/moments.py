"""Days as people type them into the registers."""

from __future__ import annotations

from wtforms import DateField
from wtforms.validators import ValidationError

from portal.core import i18n

YEARS = range(2000, 2100)


def check_year(field: DateField) -> None:
    """Refuse a year that was surely mistyped; at both ends of the calendar no time zone works."""
    if field.data is not None and field.data.year not in YEARS:
        raise ValidationError(i18n.gettext("Check the year of this date."))
