"""Saying that a class used a material."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from wtforms import DateField, IntegerField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, NumberRange, Optional

from portal.core import clock, i18n
from portal.materials.actions.using import Use
from portal.materials.models import MaterialUse
from portal.schools.forms import tidy
from portal.web.forms import Needed, PortalForm

_ = i18n.lazy

MOST_HEADS = 1000


class UseForm(PortalForm):
    """Which class used a material, and when."""

    known_as = "use"

    school = SelectField(_("School"), [Needed(_("Choose the school."))])
    class_name = StringField(
        _("Class"),
        [
            Needed(_("Enter the class, for example 8A.")),
            Length(max=MaterialUse.class_name.type.length),
        ],
        filters=[tidy],
    )
    used_on = DateField(_("Day"), [Needed(_("Choose the day on which you used it."))])
    heads = IntegerField(
        _("How many pupils"),
        [
            Optional(),
            NumberRange(
                1, MOST_HEADS, _("Enter the number of pupils as a figure, for example 32.")
            ),
        ],
    )

    def offer(self, schools: Mapping[str, str]) -> None:
        """Fill in the schools by public id; with a single one nobody is asked."""
        self.school.choices = [SelectChoice(*each) for each in schools.items()]
        if len(schools) == 1:
            self.school.data = next(iter(schools))
            self.school.raw_data = [self.school.data]
        if self.used_on.data is None and not self.is_submitted():
            self.used_on.data = clock.today()

    def to_command(self, ids: Mapping[str, UUID]) -> Use:
        """Return what was said; `ids` gives the schools by public id."""
        return Use(
            school_id=ids[self.school.data],
            class_name=self.class_name.data or "",
            used_on=self.used_on.data,
            heads=self.heads.data,
        )
