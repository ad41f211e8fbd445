"""Forms for booking, deciding, delivering, and workers' time."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from portal.core import clock, i18n
from portal.visits.actions.booking import Request
from portal.visits.actions.deciding import Approval
from portal.visits.actions.delivering import Delivery
from portal.visits.models import Method, Programme, Topic
from portal.visits.states import VisitState
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy

OWN_TOPIC = "lain"
MOST_HEADS = 2000

STATE_NAMES: dict[VisitState, Any] = {
    VisitState.REQUESTED: _("Waiting for an answer"),
    VisitState.SCHEDULED: _("Approved"),
    VisitState.DELIVERED: _("Took place"),
    VisitState.DECLINED: _("Not possible yet"),
    VisitState.WITHDRAWN: _("Withdrawn"),
    VisitState.CANCELLED: _("Cancelled"),
}
METHOD_NAMES: dict[Method, Any] = {
    Method.INTERACTIVE: _("Interactive: games, scenarios, discussion"),
    Method.MIXED: _("Mixed: a talk and activities"),
    Method.LECTURE: _("A talk only"),
}

WEEKDAYS = range(6)


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


class ApprovalForm(PortalForm):
    """Which worker goes, and a reason where something speaks against it."""

    worker = StringField(_("Social worker"))
    reason = StringField(_("Reason"), [Optional(), Length(max=300)], filters=[stripped])

    def to_command(self, worker_ids: dict[str, UUID]) -> Approval:
        """Return the approval."""
        return Approval(worker_ids.get(self.worker.data or "", UUID(int=0)), self.reason.data or "")


class ReasonForm(PortalForm):
    """A reason the other side will read."""

    reason = TextAreaField(
        _("Reason"),
        [
            Needed(_("Write a short reason. The other side will read it.")),
            Length(max=500),
        ],
        filters=[stripped],
    )


class WithdrawalForm(PortalForm):
    """A reason, which a request that nobody has answered yet can do without."""

    reason = TextAreaField(_("Reason"), [Optional(), Length(max=500)], filters=[stripped])


class DeliveryForm(PortalForm):
    """How the session went."""

    method = RadioField(
        _("How was it held?"),
        [InputRequired(_("Choose how the session was held."))],
        choices=[SelectChoice(method.value, name) for method, name in METHOD_NAMES.items()],
    )
    heads_girls = IntegerField(_("Girls"), [Optional(), NumberRange(0, MOST_HEADS)])
    heads_boys = IntegerField(_("Boys"), [Optional(), NumberRange(0, MOST_HEADS)])
    heads_adults = IntegerField(_("Teachers and parents"), [Optional(), NumberRange(0, MOST_HEADS)])
    note = TextAreaField(_("Note"), [Optional(), Length(max=1000)], filters=[stripped])

    def to_command(self) -> Delivery:
        """Return the report."""
        return Delivery(
            method=Method(self.method.data),
            heads_girls=self.heads_girls.data or 0,
            heads_boys=self.heads_boys.data or 0,
            heads_adults=self.heads_adults.data or 0,
            note=self.note.data or "",
        )


class HoursForm(PortalForm):
    """A worker's hours, Monday to Saturday; an empty day is a day without visits."""

    starts_0 = TimeField(_("From"), [Optional()])
    ends_0 = TimeField(_("To"), [Optional()])
    starts_1 = TimeField(_("From"), [Optional()])
    ends_1 = TimeField(_("To"), [Optional()])
    starts_2 = TimeField(_("From"), [Optional()])
    ends_2 = TimeField(_("To"), [Optional()])
    starts_3 = TimeField(_("From"), [Optional()])
    ends_3 = TimeField(_("To"), [Optional()])
    starts_4 = TimeField(_("From"), [Optional()])
    ends_4 = TimeField(_("To"), [Optional()])
    starts_5 = TimeField(_("From"), [Optional()])
    ends_5 = TimeField(_("To"), [Optional()])

    def validate(self, extra_validators: Any = None) -> bool:
        """Check that each day has both ends or none."""
        fine = bool(super().validate(extra_validators))
        for day in WEEKDAYS:
            starts, ends = self[f"starts_{day}"], self[f"ends_{day}"]
            if (starts.data is None) != (ends.data is None):
                message = i18n.gettext("Enter both times, or leave both empty.")
                ends.errors = (*ends.errors, message)
                fine = False
        return fine

    def to_command(self) -> dict[int, tuple[Any, Any]]:
        """Return start and end for each working day."""
        return {
            day: (self[f"starts_{day}"].data, self[f"ends_{day}"].data)
            for day in WEEKDAYS
            if self[f"starts_{day}"].data and self[f"ends_{day}"].data
        }


class LeaveForm(PortalForm):
    """Days away."""

    first_day = DateField(_("First day"), [InputRequired(_("Enter the first day of leave."))])
    last_day = DateField(_("Last day"), [InputRequired(_("Enter the last day of leave."))])
