"""Programmes, topics, needs, and days without sessions, as the office words them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from wtforms import (
    BooleanField,
    DateField,
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
from wtforms.validators import InputRequired, Length, NumberRange, Optional, StopValidation

from portal.core import i18n
from portal.schools.models import Level
from portal.visits.actions.blackouts import DaysOff
from portal.visits.actions.programmes import NeedWords, Terms, TopicWords
from portal.visits.forms.booking import MOST_HEADS
from portal.visits.forms.names import AUDIENCE_NAMES
from portal.visits.models import NeedSide, Programme, Topic
from portal.visits.queries.programmes import Needs
from portal.web.forms import EntryList, Needed, PartOfForm, PortalForm, VersionedForm, stripped

_ = i18n.lazy

MOST_POSITION = 999
LEVELS = [SelectChoice(level.value, level.value) for level in Level if level != Level.OTHER]
NEW_TOPICS = 1


class _Rows(EntryList):
    """Rows of fields; where two versions stand side by side, their words."""

    def _value(self) -> str:
        return "; ".join(each.form.shown for each in self if each.form.shown)


def _position(label: Any) -> IntegerField:
    return IntegerField(label, [Optional(), NumberRange(0, MOST_POSITION)])


class TopicRow(PartOfForm):
    """A topic; one without an Indonesian title is taken off the list."""

    public_id = HiddenField()
    title_id = StringField(_("In Indonesian"), [Length(max=120)], filters=[stripped])
    title_en = StringField(_("In English"), [Optional(), Length(max=120)], filters=[stripped])
    levels = SelectMultipleField(_("First for these levels"), choices=LEVELS)
    position = _position(_("Place in the list"))

    @property
    def shown(self) -> str:
        """Return what was written, for whoever compares two versions."""
        told = (self.title_id.data, self.title_en.data, ", ".join(self.levels.data or ()))
        return " / ".join(each for each in told if each) if self.title_id.data else ""


class ProgrammeForm(VersionedForm):
    """A programme with its limits and its topics."""

    name_id = StringField(
        _("Name in Indonesian"),
        [Needed(_("Enter a name, for example Pelatihan guru.")), Length(max=80)],
        filters=[stripped],
    )
    name_en = StringField(
        _("Name in English"),
        [Needed(_("Enter the name in English too.")), Length(max=80)],
        filters=[stripped],
    )
    summary_id = TextAreaField(
        _("Summary in Indonesian"), [Optional(), Length(max=300)], filters=[stripped]
    )
    summary_en = TextAreaField(
        _("Summary in English"), [Optional(), Length(max=300)], filters=[stripped]
    )
    minutes = IntegerField(
        _("How long (minutes)"),
        [
            Needed(_("Enter how many minutes a session takes, for example 90.")),
            NumberRange(15, 480, _("Enter how many minutes a session takes, from 15 to 480.")),
        ],
    )
    most_people = IntegerField(
        _("People in one session, at most"),
        [
            Needed(_("Enter how many people fit one session.")),
            NumberRange(1, MOST_HEADS, _("Enter how many people fit one session, up to 2000.")),
        ],
    )
    most_classes = IntegerField(
        _("Classes in one session, at most"), [Optional(), NumberRange(1, 50)]
    )
    people_per_worker = IntegerField(
        _("One social worker for so many people"), [Optional(), NumberRange(1, MOST_HEADS)]
    )
    notice_working_days = IntegerField(_("Notice (working days)"), [Optional(), NumberRange(0, 60)])
    yearly_share = IntegerField(
        _("Sessions of a school per school year while others wait"),
        [Optional(), NumberRange(1, 50)],
    )
    counts_for_coverage = BooleanField(_("Counts for coverage"))
    auto_accept = BooleanField(_("Approve automatically what nothing speaks against"))
    active = BooleanField(_("On offer"))
    position = IntegerField(
        _("Place in the list"),
        [InputRequired(_("Enter a number; 0 stands first.")), NumberRange(0, MOST_POSITION)],
    )
    topics = _Rows(FormField(TopicRow), _("Topics"))

    @classmethod
    def of(cls, programme: Programme, topics: Sequence[Topic], **more: Any) -> ProgrammeForm:
        """Return the form as a programme stands, with an empty row for another topic."""
        rows = [{name: getattr(topic, name) for name in TopicRow()._fields} for topic in topics]
        values = {
            column.name: getattr(programme, column.name) for column in Programme.__table__.columns
        }
        form = cls(data={**values, "topics": rows}, **more)
        if not form.restored:
            form.version.data = str(programme.version)
        if not form.is_submitted():
            form.topics.append_entry({"position": len(rows)})
        return form

    def to_terms(self) -> Terms:
        """Return what the programme is to be."""
        return Terms(
            name_id=self.name_id.data or "",
            name_en=self.name_en.data or "",
            summary_id=self.summary_id.data or "",
            summary_en=self.summary_en.data or "",
            minutes=self.minutes.data,
            most_people=self.most_people.data,
            most_classes=self.most_classes.data,
            people_per_worker=self.people_per_worker.data,
            notice_working_days=self.notice_working_days.data,
            yearly_share=self.yearly_share.data,
            counts_for_coverage=self.counts_for_coverage.data,
            auto_accept=self.auto_accept.data,
            active=self.active.data,
            position=self.position.data,
        )

    def to_topics(self) -> list[TopicWords]:
        """Return the topics as they are wanted."""
        rows = [each.form for each in self.topics]
        return [
            TopicWords(
                public_id=row.public_id.data or "",
                title_id=row.title_id.data or "",
                title_en=row.title_en.data or row.title_id.data or "",
                levels=tuple(row.levels.data or ()),
                position=place if row.position.data is None else row.position.data,
            )
            for place, row in enumerate(rows)
        ]


class NewProgrammeForm(ProgrammeForm):
    """A programme the office did not offer before."""

    audience = RadioField(
        _("Who is it for?"),
        [InputRequired(_("Choose whom it is for."))],
        choices=[SelectChoice(code, name) for code, name in AUDIENCE_NAMES.items()],
    )


class NeedRow(PartOfForm):
    """Something a session may need."""

    public_id = HiddenField()
    side = HiddenField()
    name_id = StringField(_("In Indonesian"), [Length(max=80)], filters=[stripped])
    name_en = StringField(_("In English"), [Optional(), Length(max=80)], filters=[stripped])
    active = BooleanField(_("Available"))
    position = _position(_("Place in the list"))

    def validate_name_id(self, field: StringField) -> None:
        """Keep a name for what is listed; an empty row for something new is left out."""
        if self.public_id.data and not field.data:
            raise StopValidation(
                i18n.gettext("Keep a name. What nobody has any more is not available.")
            )

    @property
    def shown(self) -> str:
        """Return what was written, for whoever compares two versions."""
        if not self.name_id.data:
            return ""
        state = i18n.gettext("available") if self.active.data else i18n.gettext("not available")
        return f"{self.name_id.data} / {self.name_en.data} ({state})"


class NeedsForm(VersionedForm):
    """What the office brings, and what schools have ready."""

    needs = _Rows(FormField(NeedRow), _("What sessions may need"))

    @classmethod
    def of(cls, needs: Needs, **more: Any) -> NeedsForm:
        """Return the form as the list stands, with an empty row on either side."""
        names = NeedRow()._fields
        rows = [{name: getattr(need, name) for name in names} for need in needs.rows]
        form = cls(data={"needs": rows}, **more)
        if not form.restored:
            form.version.data = needs.version
        if not form.is_submitted():
            for side in NeedSide:
                form.needs.append_entry({"side": side.value, "active": True})
        return form

    def rows(self, side: str) -> list[NeedRow]:
        """Return the rows of one side, in their order."""
        return [each.form for each in self.needs if each.form.side.data == side]

    def to_command(self) -> list[NeedWords]:
        """Return the list as it is wanted."""
        return [
            NeedWords(
                public_id=row.public_id.data or "",
                side=side,
                name_id=row.name_id.data or "",
                name_en=row.name_en.data or row.name_id.data or "",
                active=row.active.data,
                position=place if row.position.data is None else row.position.data,
            )
            for side in NeedSide
            for place, row in enumerate(self.rows(side))
        ]


class BlackoutForm(PortalForm):
    """Days on which the office holds no sessions."""

    name = StringField(
        _("Name in Indonesian"),
        [Needed(_("Enter why, for example Rapat kerja tahunan.")), Length(max=120)],
        filters=[stripped],
    )
    name_en = StringField(_("Name in English"), [Optional(), Length(max=120)], filters=[stripped])
    first_on = DateField(_("First day"), [Needed(_("Choose the first day."))])
    last_on = DateField(_("Last day"), [Optional()])
    programme = SelectField(_("Which sessions?"))
    levels = SelectMultipleField(_("Only these levels"), choices=LEVELS)

    def offer(self, programmes: Sequence[Programme]) -> None:
        """Fill in the programmes."""
        self.programme.choices = [
            SelectChoice("", i18n.gettext("All sessions")),
            *(SelectChoice(each.code, each.name(i18n.language())) for each in programmes),
        ]
        self.programme.data = self.programme.data or ""

    def to_command(self, programmes: dict[str, UUID]) -> DaysOff:
        """Return the days as they are wanted; without a last day, the first alone."""
        return DaysOff(
            first_on=self.first_on.data,
            last_on=self.last_on.data or self.first_on.data,
            name=self.name.data or "",
            name_en=self.name_en.data or "",
            programme_id=programmes.get(self.programme.data or ""),
            levels=tuple(self.levels.data or ()),
        )
