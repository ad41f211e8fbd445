"""Choosing a time: what the office offers, and the answer to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wtforms import (
    DateField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from portal.core import clock, i18n
from portal.schools.models import School
from portal.visits.actions.offering import CounterOffer, Invitation
from portal.visits.forms.booking import MOST_HEADS, OWN_TOPIC, moment_of
from portal.visits.models import Programme, Topic
from portal.visits.queries.slots import Worker
from portal.web.forms import PortalForm, stripped

_ = i18n.lazy

HEADS_WANTED = _("Enter the number of people as a figure, for example 120.")
# The worker nobody chose: the best free one goes.
BEST = ""


class TimeForm(PortalForm):
    """A time chosen among free ones."""

    slot = StringField(_("Time"))

    def moment(self) -> datetime | None:
        """Return the chosen start; None while nothing readable is chosen."""
        return moment_of(self.slot.data or "")

    def validate_slot(self, _field: StringField) -> None:
        """Ask for a time."""
        if self.moment() is None:
            raise ValidationError(i18n.gettext("Choose a time for the session."))


class OfficeTimeForm(TimeForm):
    """A time the office chooses: a free one, or any other with a reason."""

    own_day = DateField(_("Day"), [Optional()])
    own_time = TimeField(_("Start"), [Optional()])
    worker = SelectField(_("Social worker"))
    reason = StringField(
        _("Reason, where something speaks against it"),
        [Optional(), Length(max=300)],
        filters=[stripped],
    )

    def offer_workers(self, workers: Sequence[Worker]) -> None:
        """Fill in who could go."""
        self.worker.choices = [
            SelectChoice(BEST, i18n.gettext("The best free one")),
            *(SelectChoice(each.public_id, each.full_name) for each in workers),
        ]

    def moment(self) -> datetime | None:
        """Return the chosen start: one's own where it is filled in, else the free one."""
        if self.own_day.data and self.own_time.data:
            return clock.at_wib(self.own_day.data, self.own_time.data)
        return super().moment()

    def validate_own_time(self, field: TimeField) -> None:
        """Ask for both halves of a time of one's own."""
        if (self.own_day.data is None) != (field.data is None):
            raise ValidationError(i18n.gettext("Enter both day and start, or leave both empty."))

    def worker_id(self, workers: Sequence[Worker]) -> UUID | None:
        """Return who was chosen; None for the best free one."""
        return next((each.id for each in workers if each.public_id == self.worker.data), None)


class CounterForm(OfficeTimeForm):
    """Another time for a request."""

    note = TextAreaField(
        _("A word to the school"), [Optional(), Length(max=500)], filters=[stripped]
    )

    def to_command(self, workers: Sequence[Worker]) -> CounterOffer:
        """Return the offer."""
        moment = self.moment()
        assert moment is not None  # noqa: S101 - validate_slot ran before
        return CounterOffer(
            moment, self.worker_id(workers), self.note.data or "", self.reason.data or ""
        )


class InviteForm(OfficeTimeForm):
    """A session for a school that did not ask."""

    programme = SelectField(_("Programme"))
    topic = SelectField(_("Topic"))
    own_topic = StringField(_("Your own topic"), [Length(max=120)], filters=[stripped])
    grades = SelectMultipleField(_("Classes"))
    expected_heads = IntegerField(
        _("About how many people"),
        [InputRequired(HEADS_WANTED), NumberRange(1, MOST_HEADS, HEADS_WANTED)],
    )
    note = TextAreaField(
        _("A word to the school"), [Optional(), Length(max=500)], filters=[stripped]
    )

    def offer(
        self, school: School, programmes: Sequence[Programme], topics: Sequence[Topic]
    ) -> None:
        """Fill in programmes, topics and classes."""
        language = i18n.language()
        self.programme.choices = [
            SelectChoice(each.code, each.name(language)) for each in programmes
        ]
        self.topic.choices = topic_choices(topics)
        self.grades.choices = grade_choices(school)

    def validate_own_topic(self, field: StringField) -> None:
        """Ask for words where no listed topic was chosen."""
        if self.topic.data == OWN_TOPIC and not field.data:
            raise ValidationError(i18n.gettext("Write the topic."))

    def to_command(
        self, programme: Programme, topics: Sequence[Topic], workers: Sequence[Worker]
    ) -> Invitation:
        """Return the invitation."""
        moment = self.moment()
        assert moment is not None  # noqa: S101 - validate_slot ran before
        return Invitation(
            programme=programme,
            starts_at=moment,
            worker_id=self.worker_id(workers),
            topic_id=next((t.id for t in topics if t.public_id == self.topic.data), None),
            own_topic=(self.own_topic.data or "") if self.topic.data == OWN_TOPIC else "",
            grades=tuple(self.grades.data or ()),
            expected_heads=self.expected_heads.data or 0,
            note=self.note.data or "",
            reason=self.reason.data or "",
        )


def topic_choices(topics: Sequence[Topic]) -> list[SelectChoice]:
    """Return a programme's topics, and the school's own as the last one."""
    language = i18n.language()
    return [
        *(SelectChoice(topic.public_id, topic.title(language)) for topic in topics),
        SelectChoice(OWN_TOPIC, i18n.gettext("Another topic")),
    ]


def grade_choices(school: School) -> list[SelectChoice]:
    """Return the classes of a school's level."""
    return [
        SelectChoice(grade, i18n.gettext("Class %(grade)s", grade=grade)) for grade in school.grades
    ]


class TurnDownForm(PortalForm):
    """Letting an offer go; a reason helps the office and is not asked for."""

    reason = TextAreaField(_("Reason"), [Optional(), Length(max=500)], filters=[stripped])
