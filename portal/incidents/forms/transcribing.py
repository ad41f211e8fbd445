"""What somebody tells the office by phone, in a chat or in person, as an officer writes it down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from wtforms import BooleanField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError

from portal.core import i18n
from portal.incidents.actions.receiving import Filing
from portal.incidents.forms.filing import ConcernForm, line, one_of
from portal.incidents.queries.words import ANSWERS, DOOR_NAMES, NAMING_NAMES
from portal.incidents.states import Door, Naming, Purpose

_ = i18n.lazy

# By these somebody else tells what the officer writes down; a visit sets its own.
DOORS = (Door.PHONE, Door.WHATSAPP, Door.WALK_IN)


class TranscribingForm(ConcernForm):
    """What somebody tells, who they are as far as they say it, and what they wish."""

    door = one_of(
        _("How does it reach you?"),
        {door: DOOR_NAMES[door] for door in DOORS},
        _("Choose how it reaches you."),
    )
    teller = one_of(
        _("Who is telling?"), ANSWERS["teller"], _("Choose who is telling; no name is needed.")
    )
    school = SelectField(_("Which school is it about?"), validate_choice=False)
    school_typed = line(_("The school in their words, if it is not in the list"))
    naming = one_of(
        _("What about the name of the one who tells?"),
        NAMING_NAMES,
        _("Ask what they wish, and choose it."),
    )
    reporter = line(_("Who tells: a name, if they say it"))
    keep_from_school = BooleanField(_("The school is not to know that this was told"))

    def offer(self, schools: Sequence[Any]) -> None:
        """Fill in the schools of the city."""
        unknown = SelectChoice("", i18n.gettext("Not known, or not said"))
        self.school.choices = [unknown, *(SelectChoice(row.public_id, row.name) for row in schools)]

    def validate_reporter(self, field: StringField) -> None:
        """A name stands here only where the one who tells agreed to it."""
        if field.data and self.naming.data == Naming.ANONYMOUS:
            raise ValidationError(
                i18n.gettext(
                    "There is a name here, although none was wished. Take it out, or choose above "
                    "that it stays at the office."
                )
            )

    def start(self) -> None:
        """Fill in what is usual: a report, without a name."""
        if not self.restored:
            self.purpose.data = Purpose.REPORT.value
            self.naming.data = Naming.ANONYMOUS.value

    def came_from_visit(self) -> None:
        """Leave out what a visit answers by itself: the door and the school."""
        del self.door
        del self.school
        del self.school_typed

    def to_command(self, school_ids: Mapping[str, UUID], visited: UUID | None = None) -> Filing:
        """Return what to write down; `visited` is the school of the visit it comes from."""
        typed = "" if visited else self.school_typed.data or ""
        return Filing(
            Door.VISIT if visited else Door(self.door.data),
            self._answers(teller=self.teller.data),
            story=self.story.data or "",
            details=self._details(school_typed=typed),
            school_id=visited or school_ids.get(self.school.data or ""),
            purpose=Purpose(self.purpose.data),
            naming=Naming(self.naming.data),
            reporter=self.reporter.data or "",
            safe_contact=self._safe_contact(),
            reported_person=self.reported_person.data or "",
            keep_from_school=bool(self.keep_from_school.data),
        )
