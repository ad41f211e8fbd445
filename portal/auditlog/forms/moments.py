"""Days as people type them into the registers."""

from __future__ import annotations

from wtforms import DateField
from wtforms.validators import ValidationError

from portal.core import clock, i18n


def check_year(field: DateField) -> None:
    """Refuse a year that was surely mistyped."""
    if field.data is not None and field.data.year not in clock.YEARS:
        raise ValidationError(i18n.gettext("Check the year of this date."))
