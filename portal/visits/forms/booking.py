"""Asking for a session."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from wtforms import (
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from portal.core import clock, i18n
from portal.visits.actions.booking import Request
from portal.visits.models import Programme, Topic
from portal.web.forms import PortalForm, stripped

_ = i18n.lazy

OWN_TOPIC = "lain"
MOST_HEADS = 2000


class BookingForm(PortalForm):
    """A request for a session; everything but the time is filled in already."""

    programme = HiddenField()
    slot = StringField()
    topic = SelectField(_("Topic"))
    # Without Optional(), which would end the checks of an empty field before `validate_own_topic`.
    own_topic = StringField(_("Your own topic"), [Length(max=120)], filters=[stripped])
    grades = SelectMultipleField(_("Classes"))
    expected_heads = IntegerField(
        _("About how many people"),
        [
            InputRequired(_("Enter the number of pupils as a figure, for example 120.")),
            NumberRange(
                1, MOST_HEADS, _("Enter the number of pupils as a figure, for example 120.")
            ),
        ],
    )
    room = StringField(_("Room"), [Optional(), Length(max=120)], filters=[stripped])
    needs = TextAreaField(
        _("What should we bring or know?"), [Optional(), Length(max=500)], filters=[stripped]
    )

    def offer(self, topics: list[Topic], grades: tuple[str, ...]) -> None:
        """Fill in the topics and classes of the school's level."""
        language = i18n.language()
        self.topic.choices = [
            *(SelectChoice(topic.public_id, topic.title(language)) for topic in topics),
            SelectChoice(OWN_TOPIC, i18n.gettext("Another topic")),
        ]
        self.grades.choices = [
            SelectChoice(grade, i18n.gettext("Class %(grade)s", grade=grade)) for grade in grades
        ]

    def moment(self) -> datetime | None:
        """Return the chosen start, in UTC; None while nothing readable is chosen."""
        try:
            moment = datetime.fromisoformat(self.slot.data or "")
        except ValueError:
            return None
        if moment.year not in clock.YEARS:
            return None
        return moment.replace(tzinfo=clock.WIB) if moment.tzinfo is None else moment

    def validate_slot(self, _field: StringField) -> None:
        """Ask for a time."""
        if self.moment() is None:
            raise ValidationError(i18n.gettext("Choose a time for the session."))

    def validate_own_topic(self, field: StringField) -> None:
        """Ask for words where no listed topic was chosen."""
        if self.topic.data == OWN_TOPIC and not field.data:
            raise ValidationError(i18n.gettext("Write the topic you would like."))

    def to_command(self, programme: Programme, topics: dict[str, UUID]) -> Request:
        """Return the request."""
        moment = self.moment()
        assert moment is not None  # noqa: S101 - validate_slot ran before
        return Request(
            programme=programme,
            starts_at=moment,
            topic_id=topics.get(self.topic.data),
            own_topic=(self.own_topic.data or "") if self.topic.data == OWN_TOPIC else "",
            grades=tuple(self.grades.data or ()),
            expected_heads=self.expected_heads.data or 0,
            room=self.room.data or "",
            needs=self.needs.data or "",
        )
