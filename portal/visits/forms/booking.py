"""Asking for a session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from wtforms import (
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import (
    Length,
    NumberRange,
    Optional,
    StopValidation,
    ValidationError,
)

from portal.core import clock, i18n
from portal.schools.models import School, SchoolClass
from portal.visits.actions.booking import Request
from portal.visits.actions.series import Rhythm
from portal.visits.forms.names import AUDIENCE_QUESTIONS
from portal.visits.models import NeedSide, Programme, Topic
from portal.visits.queries.programmes import Needs
from portal.web.forms import EntryList, Needed, PartOfForm, PortalForm, stripped

_ = i18n.lazy

OWN_TOPIC = "lain"
MOST_HEADS = 2000
PUPILS = "pupils"
ONCE = "0"
TIMES = (2, 12)
RHYTHMS = (
    SelectChoice(ONCE, _("Just this once")),
    SelectChoice("1", _("Every week")),
    SelectChoice("2", _("Every two weeks")),
    SelectChoice("4", _("Every four weeks")),
)


def moment_of(text: str) -> datetime | None:
    """Read a start as pages of ours send it, in WIB unless it says otherwise."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.year not in clock.YEARS:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.WIB)


@dataclass(frozen=True)
class Offered:
    """What a request can name: of the programme chosen, and of the school it is for."""

    school: School
    programme: Programme
    programmes: Sequence[Programme] = ()
    topics: Sequence[Topic] = ()
    classes: Sequence[SchoolClass] = ()
    needs: Needs = field(default_factory=lambda: Needs([]))

    @property
    def by_class(self) -> bool:
        """Say whether classes are named one by one."""
        return self.programme.audience == PUPILS and bool(self.classes)


class ClassHeads(PartOfForm):
    """How many come from one class."""

    name = HiddenField()
    heads = IntegerField(_("Pupils"), [Optional(), NumberRange(1, MOST_HEADS)])


_HOW_OFTEN = _("Enter how many times in all, from 2 to 12.")


class WhereItRepeats:
    """The figure is needed where a session repeats, and means nothing where it does not."""

    def __call__(self, form: BookingForm, field: IntegerField) -> None:
        if form.every_weeks.data == ONCE or field.data is None:
            field.errors = []
            raise StopValidation(None if form.every_weeks.data == ONCE else str(_HOW_OFTEN))


class BookingForm(PortalForm):
    """A request for a session; everything but the time is filled in already."""

    programme = RadioField(_("Which session?"))
    slot = StringField()
    topic = SelectField(_("Topic"))
    # Without Optional(), which would end the checks of an empty field before `validate_own_topic`.
    own_topic = StringField(_("Your own topic"), [Length(max=120)], filters=[stripped])
    grades = SelectMultipleField(_("Classes"))
    classes = SelectMultipleField(_("Classes"))
    by_class = EntryList(FormField(ClassHeads))
    expected_heads = IntegerField(_("About how many people"))
    spoken = StringField(
        _("Language people speak best, if not Indonesian"),
        [Optional(), Length(max=40)],
        filters=[stripped],
    )
    room = StringField(_("Room"), [Optional(), Length(max=120)], filters=[stripped])
    bring = SelectMultipleField(_("What should we bring?"))
    ready_with = SelectMultipleField(_("What does the school have ready?"))
    needs = TextAreaField(
        _("Anything else we should know?"), [Optional(), Length(max=500)], filters=[stripped]
    )
    every_weeks = SelectField(_("Repeat"), choices=RHYTHMS)
    times = IntegerField(
        _("How many times in all"), [WhereItRepeats(), NumberRange(*TIMES, _HOW_OFTEN)]
    )

    offered: Offered

    def offer(self, offered: Offered) -> None:
        """Fill in what can be chosen: programmes, topics, classes, what is brought."""
        self.offered = offered
        language = i18n.language()
        self.programme.choices = [
            SelectChoice(each.code, each.name(language)) for each in offered.programmes
        ]
        self.programme.data = offered.programme.code
        self.topic.choices = [
            *(SelectChoice(topic.public_id, topic.title(language)) for topic in offered.topics),
            SelectChoice(OWN_TOPIC, i18n.gettext("Another topic")),
        ]
        self.grades.choices = [
            SelectChoice(grade, i18n.gettext("Class %(grade)s", grade=grade))
            for grade in offered.school.grades
        ]
        self.classes.choices = [SelectChoice(each.name, each.name) for each in offered.classes]
        for side, question in ((NeedSide.OFFICE, self.bring), (NeedSide.SCHOOL, self.ready_with)):
            question.choices = [
                SelectChoice(need.code, need.name(language)) for need in offered.needs.offered(side)
            ]
        self.expected_heads.label.text = AUDIENCE_QUESTIONS.get(
            offered.programme.audience, self.expected_heads.label.text
        )
        if self.every_weeks.data is None:
            self.every_weeks.data = ONCE
        self._list_classes()

    def _list_classes(self) -> None:
        """Ask for the pupils of every class, with the figure the school knows filled in."""
        asked = {entry.form.name.data for entry in self.by_class}
        for each in self.offered.classes if self.offered.by_class else ():
            if each.name not in asked:
                self.by_class.append_entry({"name": each.name, "heads": each.pupil_count})

    @property
    def heads_of(self) -> dict[str, int]:
        """Return how many come from each chosen class, as far as that is said."""
        known = {each.name: each.pupil_count for each in self.offered.classes}
        told = {entry.form.name.data: entry.form.heads.data for entry in self.by_class}
        chosen = self.classes.data or ()
        return {name: told.get(name) or known[name] or 0 for name in chosen if name in known}

    @property
    def heads(self) -> int:
        """Return about how many people come; 0 while nobody knows."""
        if self.offered.by_class:
            return sum(self.heads_of.values())
        return self.expected_heads.data or 0

    @property
    def grades_chosen(self) -> tuple[str, ...]:
        """Return the grades that come, also where classes are chosen by name."""
        if self.offered.programme.audience != PUPILS:
            return ()
        if not self.offered.by_class:
            return tuple(self.grades.data or ())
        come = {each.grade for each in self.offered.classes if each.name in self.heads_of}
        return tuple(grade for grade in self.offered.school.grades if grade in come)

    def moment(self) -> datetime | None:
        """Return the chosen start; None while nothing readable is chosen."""
        return moment_of(self.slot.data or "")

    def validate_slot(self, _field: StringField) -> None:
        """Ask for a time."""
        if self.moment() is None:
            raise ValidationError(i18n.gettext("Choose a time for the session."))

    def validate_own_topic(self, field: StringField) -> None:
        """Ask for words where no listed topic was chosen."""
        if self.topic.data == OWN_TOPIC and not field.data:
            raise ValidationError(i18n.gettext("Write the topic you would like."))

    def validate_expected_heads(self, field: IntegerField) -> None:
        """Ask for a figure, unless it follows from the classes."""
        field.errors = []
        if self.offered.by_class or 1 <= (field.data or 0) <= MOST_HEADS:
            return
        if self.offered.programme.audience == PUPILS:
            message = i18n.gettext("Enter the number of pupils as a figure, for example 120.")
        else:
            message = i18n.gettext("Enter the number of adults as a figure, for example 40.")
        raise StopValidation(message)

    def validate_classes(self, _field: SelectMultipleField) -> None:
        """Ask for classes, and for the pupils of each."""
        if not self.offered.by_class:
            return
        if not self.heads_of:
            raise ValidationError(i18n.gettext("Choose the classes that come."))
        unknown = [name for name, heads in self.heads_of.items() if not heads]
        if unknown:
            raise ValidationError(
                i18n.gettext("Enter how many pupils come from %(name)s.", name=", ".join(unknown))
            )

    def rhythm(self) -> Rhythm | None:
        """Return how it repeats; None for a single session."""
        if self.every_weeks.data == ONCE:
            return None
        return Rhythm(int(self.every_weeks.data), self.times.data or TIMES[0])

    def to_command(self) -> Request:
        """Return the request."""
        moment = self.moment()
        assert moment is not None  # noqa: S101 - validate_slot ran before
        topics: dict[str, UUID] = {topic.public_id: topic.id for topic in self.offered.topics}
        more: dict[str, Any] = {}
        if self.offered.by_class:
            heads = self.heads_of
            more = {"classes": tuple(heads), "expected_by_class": heads}
        return Request(
            programme=self.offered.programme,
            starts_at=moment,
            topic_id=topics.get(self.topic.data),
            own_topic=(self.own_topic.data or "") if self.topic.data == OWN_TOPIC else "",
            grades=self.grades_chosen,
            expected_heads=self.heads,
            room=self.room.data or "",
            needs=self.needs.data or "",
            spoken=self.spoken.data or "",
            bring=tuple(self.bring.data or ()),
            ready_with=tuple(self.ready_with.data or ()),
            caller=self.caller_told(),
            **more,
        )

    def caller_told(self) -> str:
        """Return who asked, where somebody else writes the request down."""
        return ""


class CallerForm(BookingForm):
    """A request somebody of the office writes down for a school that called."""

    caller = StringField(
        _("Who asked?"),
        [Needed(_("Write who asked, for example Ibu Ratna, vice principal.")), Length(max=120)],
        filters=[stripped],
    )

    def caller_told(self) -> str:
        """Return who asked."""
        return self.caller.data or ""
