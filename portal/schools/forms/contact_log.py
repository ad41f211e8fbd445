"""The form about a try to reach a school."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional

from portal.core import clock, i18n
from portal.core.settings import Office
from portal.schools import exports
from portal.schools.actions.contact_log import NextTry, Try, propose
from portal.schools.forms.register import tidy, tidy_lines
from portal.schools.models import About, Answer, ContactAttempt, Way
from portal.web.forms import Needed, PortalForm

_ = i18n.lazy

MOST_NOTE = 1000
# What stands in the place of a way.
AS_PROPOSED, NOT_AGAIN = "", "none"


def _one_of(names: Mapping[Any, Any]) -> list[SelectChoice]:
    return [SelectChoice(each.value, label) for each, label in names.items()]


class AttemptForm(PortalForm):
    """One try to reach a school: by which way, about what, how it went, and what comes next."""

    about = SelectField(_("About what"), choices=_one_of(exports.ABOUT_NAMES))
    way = RadioField(_("By which way"), choices=_one_of(exports.WAY_NAMES))
    answer = RadioField(
        _("What came of it"),
        [Needed(_("Choose what came of it, also when nobody answered."))],
        choices=_one_of(exports.ANSWER_NAMES),
    )
    made_on = DateField(_("On"), [Needed(_("Choose the day."))], default=clock.today)
    spoke_with = StringField(
        _("Spoke with"),
        [Optional(), Length(max=ContactAttempt.spoke_with.type.length)],
        filters=[tidy],
    )
    note = TextAreaField(_("Note"), [Optional(), Length(max=MOST_NOTE)], filters=[tidy_lines])
    next_way = SelectField(
        _("Next try"),
        choices=[
            SelectChoice(AS_PROPOSED, _("As the steps propose")),
            *_one_of(exports.WAY_NAMES),
            SelectChoice(NOT_AGAIN, _("No further try")),
        ],
    )
    next_on = DateField(_("Next try on"), [Optional()])

    def begin(self, about: About, planned: ContactAttempt | None) -> None:
        """Fill in the try that was planned, or a first message."""
        self.about.data = planned.about if planned else about
        self.way.data = (planned.next_way if planned else None) or Way.MESSAGE

    def to_command(self, office: Office) -> Try:
        """Return the try, with the next one as the steps propose it where nothing else is said."""
        way, answer = Way(self.way.data), Answer(self.answer.data)
        made_on: date = self.made_on.data
        proposed = propose(office, way, answer, made_on)
        return Try(
            about=About(self.about.data),
            way=way,
            answer=answer,
            made_on=made_on,
            again=self._again(office, proposed, made_on),
            spoke_with=self.spoke_with.data or "",
            note=self.note.data or "",
        )

    def _again(self, office: Office, proposed: NextTry | None, made_on: date) -> NextTry | None:
        chosen = self.next_way.data
        if chosen == NOT_AGAIN:
            return None
        if chosen == AS_PROPOSED:
            if proposed is None or self.next_on.data is None:
                return proposed
            return NextTry(self.next_on.data, proposed.way)
        later = clock.add_working_days(made_on, office["contact_step_working_days"])
        return NextTry(self.next_on.data or later, Way(chosen))
