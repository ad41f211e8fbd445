"""Changing the register: import, single schools, memoranda, the school calendar."""

from portal.schools.actions.calendar import (
    MOST_DAYS,
    CalendarDays,
    add_days,
    change_days,
    remove_days,
)
from portal.schools.actions.importing import (
    ChangedSchool,
    FieldChange,
    ImportPlan,
    MissingSchool,
    apply,
    plan_file,
)
from portal.schools.actions.mou import MouTerms, Upload, change_mou, record_mou
from portal.schools.actions.register import SchoolChange, change_school
from portal.schools.actions.rows import Problem, Row
from portal.schools.actions.uploads import (
    Confirmation,
    discard_import,
    finish_import,
    plan_import,
    start_import,
)

__all__ = [
    "MOST_DAYS",
    "CalendarDays",
    "ChangedSchool",
    "Confirmation",
    "FieldChange",
    "ImportPlan",
    "MissingSchool",
    "MouTerms",
    "Problem",
    "Row",
    "SchoolChange",
    "Upload",
    "add_days",
    "apply",
    "change_days",
    "change_mou",
    "change_school",
    "discard_import",
    "finish_import",
    "plan_file",
    "plan_import",
    "record_mou",
    "remove_days",
    "start_import",
]
