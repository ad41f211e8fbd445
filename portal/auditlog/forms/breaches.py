"""Forms of the breach register, and the words for its states and kinds of data."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import Length, NumberRange, Optional

from portal.auditlog.actions.breaches import BreachFacts, Told
from portal.auditlog.exports.letters import Print, Reader
from portal.auditlog.forms.moments import check_year
from portal.auditlog.models import Breach
from portal.auditlog.states import BreachState
from portal.core import clock, i18n
from portal.web.forms import Needed, PortalForm, VersionedForm, stripped

_ = i18n.lazy

TEXT_LENGTH = 4000
MOST_PEOPLE = 10_000_000

KIND_NAMES: dict[str, Any] = {
    "contacts": _("Names and contacts"),
    "credentials": _("Passwords and other means to sign in"),
    "visits": _("Sessions and appointments"),
    "monitoring": _("Monitoring of children"),
    "identity": _("Identity of children or of people who reported"),
    "story": _("What people told us"),
    "audit": _("Who did what in the portal"),
}
STATE_NAMES: dict[BreachState, Any] = {
    BreachState.FOUND: _("Found"),
    BreachState.CONTAINED: _("Contained"),
    BreachState.REPORTED: _("Reported"),
    BreachState.CLOSED: _("Closed"),
}
READER_NAMES: dict[Reader, Any] = {
    Reader.AUTHORITY: _("The authority for personal data"),
    Reader.PEOPLE: _("The people concerned"),
}


def kind_name(code: str) -> str:
    """Return a kind of data in words."""
    return str(KIND_NAMES[code])


def _moment(day: date | None, hour: time | None) -> datetime | None:
    return clock.at_wib(day, hour or time()) if day else None


def _here(moment: datetime | None) -> tuple[date | None, time | None]:
    if moment is None:
        return None, None
    local = moment.astimezone(clock.WIB)
    return local.date(), time(local.hour, local.minute)


class BreachForm(VersionedForm):
    """What is known of a breach; most of it may come later."""

    title = StringField(
        _("In a few words"),
        [Needed(_("Give it a short name, so that colleagues recognise it.")), Length(max=160)],
        filters=[stripped],
    )
    found_on = DateField(_("Found on"), [Needed(_("Enter the day; the clock runs from it."))])
    found_time = TimeField(_("At (WIB)"), [Needed(_("Enter the time; the clock runs from it."))])
    started_on = DateField(_("Began on"), [Optional()])
    started_time = TimeField(_("At (WIB)"), [Optional()])
    what_happened = TextAreaField(
        _("What happened?"),
        [Needed(_("Write in a few sentences what you know so far.")), Length(max=TEXT_LENGTH)],
        filters=[stripped],
    )
    data_kinds = SelectMultipleField(
        _("Which data?"),
        [Needed(_("Tick what is concerned; the letters name it."))],
        choices=[SelectChoice(code, name) for code, name in KIND_NAMES.items()],
    )
    people_affected = IntegerField(
        _("How many people, as far as you know?"),
        [Optional(), NumberRange(0, MOST_PEOPLE, _("Enter the number as a figure."))],
    )
    children_affected = BooleanField(_("Data of children are concerned"))
    measures = TextAreaField(
        _("What has been done about it?"),
        [Optional(), Length(max=TEXT_LENGTH)],
        filters=[stripped],
    )

    def start(self) -> None:
        """Fill in the present moment, where nothing else stands there."""
        if not self.restored:
            self.found_on.data, self.found_time.data = _here(clock.now())

    def validate_found_on(self, field: DateField) -> None:
        """Refuse a year that was surely mistyped."""
        check_year(field)

    def validate_started_on(self, field: DateField) -> None:
        """Refuse a year that was surely mistyped."""
        check_year(field)

    def to_command(self) -> BreachFacts:
        """Return what is known."""
        return BreachFacts(
            title=self.title.data or "",
            what_happened=self.what_happened.data or "",
            data_kinds=tuple(self.data_kinds.data or ()),
            people_affected=self.people_affected.data,
            children_affected=bool(self.children_affected.data),
            started_at=_moment(self.started_on.data, self.started_time.data),
            found_at=clock.at_wib(self.found_on.data, self.found_time.data),
            measures=self.measures.data or "",
        )


def breach_form(breach: Breach, **more: Any) -> BreachForm:
    """Return the form that shows a breach as the register has it."""
    found_on, found_time = _here(breach.found_at)
    started_on, started_time = _here(breach.started_at)
    return BreachForm.showing(
        breach,
        data={
            "found_on": found_on,
            "found_time": found_time,
            "started_on": started_on,
            "started_time": started_time,
        },
        **more,
    )


class ReportForm(PortalForm):
    """When the authority and the people were told."""

    authority_on = DateField(
        _("Authority told on"), [Needed(_("Enter the day the authority was told."))]
    )
    authority_time = TimeField(_("At (WIB)"), [Needed(_("Enter the time the authority was told."))])
    people_on = DateField(_("People told on"), [Optional()])
    people_time = TimeField(_("At (WIB)"), [Optional()])
    not_told_reason = TextAreaField(
        _("If the people were not told: why?"),
        [Optional(), Length(max=TEXT_LENGTH)],
        filters=[stripped],
    )

    def validate_authority_on(self, field: DateField) -> None:
        """Refuse a year that was surely mistyped."""
        check_year(field)

    def validate_people_on(self, field: DateField) -> None:
        """Refuse a year that was surely mistyped."""
        check_year(field)

    def to_command(self) -> Told:
        """Return who was told when."""
        return Told(
            authority_at=clock.at_wib(self.authority_on.data, self.authority_time.data),
            people_at=_moment(self.people_on.data, self.people_time.data),
            not_told_reason=self.not_told_reason.data or "",
        )


class CloseForm(PortalForm):
    """What the office learned from a breach."""

    lessons = TextAreaField(
        _("What did we learn, and what changes?"),
        [
            Needed(_("Write what changes, so that it does not happen again.")),
            Length(max=TEXT_LENGTH),
        ],
        filters=[stripped],
    )
    unreported = TextAreaField(
        _("Why was nobody told?"), [Optional(), Length(max=TEXT_LENGTH)], filters=[stripped]
    )


class LetterForm(PortalForm):
    """Whom a letter is for, in which language, and how it is addressed and signed."""

    reader = RadioField(
        _("Who reads it?"),
        choices=[SelectChoice(reader.value, name) for reader, name in READER_NAMES.items()],
        default=Reader.AUTHORITY.value,
    )
    tongue = RadioField(
        _("Language of the letter"),
        choices=[SelectChoice("id", "Bahasa Indonesia"), SelectChoice("en", "English")],
        default=i18n.DEFAULT,
    )
    addressee = StringField(_("Addressed to"), [Optional(), Length(max=200)], filters=[stripped])
    signer = StringField(
        _("Signed by (name and position)"), [Optional(), Length(max=200)], filters=[stripped]
    )

    def to_command(self) -> Print:
        """Return what to print."""
        return Print(
            reader=Reader(self.reader.data),
            addressee=self.addressee.data or "",
            signer=self.signer.data or "",
            made_at=clock.now(),
        )
