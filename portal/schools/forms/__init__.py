"""Forms of the register and of the school calendar."""

from portal.schools.forms.calendar import CityDaysForm, DaysForm, WeekForm
from portal.schools.forms.mou import MouForm
from portal.schools.forms.register import (
    ConfirmForm,
    FilterForm,
    ImportForm,
    SchoolForm,
    tidy,
    tidy_lines,
)

__all__ = [
    "CityDaysForm",
    "ConfirmForm",
    "DaysForm",
    "FilterForm",
    "ImportForm",
    "MouForm",
    "SchoolForm",
    "WeekForm",
    "tidy",
    "tidy_lines",
]
