"""Forms of the register and of the school calendar."""

from portal.schools.forms.calendar import CityDaysForm, DaysForm
from portal.schools.forms.register import (
    ConfirmForm,
    FilterForm,
    ImportForm,
    MouForm,
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
    "tidy",
    "tidy_lines",
]
