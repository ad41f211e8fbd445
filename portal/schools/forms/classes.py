"""Forms of the classes of a school; which fields they have, its grades and classes say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from wtforms import IntegerField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, NumberRange, Optional, ValidationError

from portal.core import i18n
from portal.schools.actions.classes import ClassFacts, Homeroom, homeroom_called
from portal.schools.forms.register import tidy
from portal.schools.models import School, SchoolClass
from portal.schools.queries.above import Colleague
from portal.schools.queries.classes import homeroom_of
from portal.web.forms import Needed, PortalForm, VersionedForm

_ = i18n.lazy

MOST_PUPILS = 100
NAME_LENGTH = SchoolClass.name.type.length
LINE_LENGTH = 400
BETWEEN = re.compile(r"[,;]")
PUPILS = _("Enter the number of pupils as a figure, for example 32.")


def class_names(text: str | None) -> list[str]:
    """Return the names in a line like "7A, 7B, 7C"."""
    return [name for part in BETWEEN.split(text or "") if (name := tidy(part))]


def _short_names(_form: object, field: StringField) -> None:
    """Check that each name fits (a WTForms validator)."""
    for name in class_names(field.data):
        if len(name) > NAME_LENGTH:
            raise ValidationError(
                i18n.gettext("Shorten “%(name)s” to %(most)s letters.", name=name, most=NAME_LENGTH)
            )


class ClassesForm(PortalForm):
    """The names of many classes at once, a line for each grade."""

    @classmethod
    def of(cls, school: School) -> ClassesForm:
        """Return the form with a line for each grade that a school teaches."""
        lines = {
            f"grade_{grade}": StringField(
                i18n.gettext("Classes of grade %(grade)s", grade=grade),
                [Optional(), Length(max=LINE_LENGTH), _short_names],
                filters=[tidy],
            )
            for grade in school.grades
        }
        form: ClassesForm = type("GradesForm", (cls,), lines)()
        return form

    def lines(self) -> list[Any]:
        """Return the fields, one for each grade."""
        return [field for field in self if field.name.startswith("grade_")]

    def to_command(self) -> Mapping[str, Sequence[str]]:
        """Return the names by grade."""
        return {
            field.name.removeprefix("grade_"): class_names(field.data) for field in self.lines()
        }


class HomeroomsForm(PortalForm):
    """The homeroom teachers of all classes of a school on one page."""

    @classmethod
    def of(cls, classes: Sequence[SchoolClass], staff: Sequence[Colleague]) -> HomeroomsForm:
        """Return the form with a line for each class."""
        lines = {
            _line(each): StringField(
                i18n.gettext("Homeroom teacher of %(name)s", name=each.name),
                [Optional(), Length(max=SchoolClass.homeroom_name.type.length)],
                filters=[tidy],
                default=homeroom_of(each, staff),
            )
            for each in classes
        }
        form: HomeroomsForm = type("ClassesHomeroomsForm", (cls,), lines)()
        return form

    def lines(self) -> list[Any]:
        """Return the fields, one for each class."""
        return [field for field in self if field.name.startswith("homeroom_")]

    def to_command(
        self, classes: Sequence[SchoolClass], staff: Sequence[Colleague]
    ) -> dict[UUID, Homeroom]:
        """Return who is named for which class."""
        return {
            each.id: homeroom_called(self[_line(each)].data or "", staff)
            for each in classes
            if _line(each) in self
        }


def _line(each: SchoolClass) -> str:
    return f"homeroom_{each.public_id}"


@dataclass(frozen=True)
class ShownClass:
    """A class as its form shows it."""

    grade: str
    name: str
    pupil_count: int | None
    homeroom: str
    version: int

    @classmethod
    def of(cls, each: SchoolClass, staff: Sequence[Colleague]) -> ShownClass:
        """Return a class with its homeroom teacher by name."""
        homeroom = homeroom_of(each, staff)
        return cls(each.grade, each.name, each.pupil_count, homeroom, each.version)


class ClassForm(VersionedForm):
    """One class."""

    name = StringField(
        _("Name of the class"),
        [
            Needed(_("Enter the name, for example 7A.")),
            Length(max=NAME_LENGTH),
        ],
        filters=[tidy],
    )
    grade = SelectField(_("Grade"))
    pupil_count = IntegerField(
        _("Number of pupils"), [Optional(), NumberRange(0, MOST_PUPILS, message=PUPILS)]
    )
    homeroom = StringField(
        _("Homeroom teacher"),
        [Optional(), Length(max=SchoolClass.homeroom_name.type.length)],
        filters=[tidy],
    )

    def offering(self, school: School, grade: str) -> Self:
        """Return the form with the grades of a school, and the one the class has."""
        grades = dict.fromkeys([*school.grades, grade])
        self.grade.choices = [SelectChoice(each, each) for each in grades]
        return self

    def to_command(self, staff: Sequence[Colleague]) -> ClassFacts:
        """Return the class as it is wanted."""
        return ClassFacts(
            grade=self.grade.data,
            name=self.name.data or "",
            pupil_count=self.pupil_count.data,
            homeroom=homeroom_called(self.homeroom.data or "", staff),
        )
