"""What a school would like where no free time fits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

from wtforms import (
    DateField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from portal.core import clock, i18n
from portal.schools.models import School
from portal.visits.actions.wishing import Wanted
from portal.visits.forms.booking import MOST_HEADS, OWN_TOPIC
from portal.visits.forms.offers import HEADS_WANTED, grade_choices, topic_choices
from portal.visits.models import Programme, Topic
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy


def clock_time_of(start: str) -> str:
    """Return a start ("08:00") as people here read it."""
    return i18n.clock_time(clock.at_wib(clock.today(), time.fromisoformat(start)))


class WishForm(PortalForm):
    """Days and times that would suit, and for whom."""

    earliest_on = DateField(_("From"), [Needed(_("Enter the first day that suits."))])
    latest_on = DateField(_("Until"), [Needed(_("Enter the last day that suits."))])
    weekdays = SelectMultipleField(_("Days that suit"))
    starts = SelectMultipleField(_("Starts that suit"))
    topic = SelectField(_("Topic"))
    own_topic = StringField(_("Your own topic"), [Length(max=120)], filters=[stripped])
    grades = SelectMultipleField(_("Classes"))
    expected_heads = IntegerField(
        _("About how many people"),
        [InputRequired(HEADS_WANTED), NumberRange(1, MOST_HEADS, HEADS_WANTED)],
    )
    room = StringField(_("Room"), [Optional(), Length(max=120)], filters=[stripped])
    needs = TextAreaField(
        _("Anything else we should know?"), [Optional(), Length(max=500)], filters=[stripped]
    )

    def offer(self, school: School, topics: Sequence[Topic], starts: Sequence[str]) -> None:
        """Fill in what can be chosen."""
        monday = clock.monday_of(clock.today())
        days = clock.days_of_week(monday, school.week_days)
        self.weekdays.choices = [SelectChoice(str(d.weekday()), i18n.weekday(d)) for d in days]
        self.starts.choices = [SelectChoice(each, clock_time_of(each)) for each in starts]
        self.topic.choices = topic_choices(topics)
        self.grades.choices = grade_choices(school)

    def validate_own_topic(self, field: StringField) -> None:
        """Ask for words where no listed topic was chosen."""
        if self.topic.data == OWN_TOPIC and not field.data:
            raise ValidationError(i18n.gettext("Write the topic you would like."))

    def to_command(self, programme: Programme, topics: Sequence[Topic]) -> Wanted:
        """Return the wish."""
        return Wanted(
            programme=programme,
            earliest_on=self.earliest_on.data,
            latest_on=self.latest_on.data,
            weekdays=tuple(int(day) for day in self.weekdays.data or ()),
            starts=tuple(self.starts.data or ()),
            grades=tuple(self.grades.data or ()),
            expected_heads=self.expected_heads.data or 0,
            topic_id=next((t.id for t in topics if t.public_id == self.topic.data), None),
            own_topic=(self.own_topic.data or "") if self.topic.data == OWN_TOPIC else "",
            room=self.room.data or "",
            needs=self.needs.data or "",
        )
