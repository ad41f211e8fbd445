"""Forms of data subjects' requests, and the words for their kinds and states."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField, TimeField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional, ValidationError

from portal.auditlog.actions.requests import NewRequest
from portal.auditlog.forms.moments import check_year
from portal.auditlog.models import Relation, RequestKind
from portal.auditlog.states import RequestState
from portal.core import clock, i18n
from portal.people.models import User
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy

NAME_LENGTH = 160
TEXT_LENGTH = 4000

KIND_NAMES: dict[RequestKind, Any] = {
    RequestKind.INFORMATION: _("Information"),
    RequestKind.ACCESS: _("A copy of the data"),
    RequestKind.CORRECTION: _("Correction"),
    RequestKind.ERASURE: _("Erasure"),
    RequestKind.WITHDRAWAL: _("Withdrawal of consent"),
    RequestKind.RESTRICTION: _("Restriction"),
    RequestKind.OBJECTION: _("Objection"),
}
KIND_MEANINGS: dict[RequestKind, Any] = {
    RequestKind.INFORMATION: _("Who uses the data, what for, and on which legal basis."),
    RequestKind.ACCESS: _("Everything the portal keeps about the person, to take home."),
    RequestKind.CORRECTION: _("Something is wrong or out of date and should be put right."),
    RequestKind.ERASURE: _("The data should go, where no law says that it must stay."),
    RequestKind.WITHDRAWAL: _("A consent that was given before no longer holds."),
    RequestKind.RESTRICTION: _("The data may stay, but should not be used for now."),
    RequestKind.OBJECTION: _("The person objects to one particular use of the data."),
}
RELATION_NAMES: dict[Relation, Any] = {
    Relation.SELF: _("The person themselves"),
    Relation.GUARDIAN: _("Parent or guardian, for a child"),
    Relation.PROXY: _("Somebody with a power of attorney"),
}
STATE_NAMES: dict[RequestState, Any] = {
    RequestState.RECEIVED: _("Received"),
    RequestState.IDENTIFIED: _("Identity checked"),
    RequestState.FULFILLED: _("Done"),
    RequestState.REFUSED: _("Answered: not possible"),
    RequestState.WITHDRAWN: _("Taken back"),
}


class RequestForm(PortalForm):
    """What somebody asks the office about their data."""

    kind = RadioField(
        _("What is asked for?"),
        [Needed(_("Choose what is asked for; it decides what the handler does."))],
        choices=[SelectChoice(kind.value, name) for kind, name in KIND_NAMES.items()],
    )
    relation = RadioField(
        _("Who asks?"),
        [Needed(_("Choose who asks; it decides how identity is checked."))],
        choices=[SelectChoice(relation.value, name) for relation, name in RELATION_NAMES.items()],
        default=Relation.SELF.value,
    )
    requester = StringField(
        _("Name of whoever asks"),
        [Needed(_("Enter the name, so that the handler knows who asks.")), Length(max=NAME_LENGTH)],
        filters=[stripped],
    )
    contact = StringField(
        _("How do we reach them?"),
        [
            Needed(_("Enter a number or an address; the answer goes there.")),
            Length(max=NAME_LENGTH),
        ],
        filters=[stripped],
    )
    # Without Optional(), which would end the checks of an empty field before ours.
    data_subject = StringField(
        _("Whose data is it, if it is somebody else's?"),
        [Length(max=NAME_LENGTH)],
        filters=[stripped],
    )
    wish = TextAreaField(
        _("What do they wish?"),
        [Needed(_("Write in one or two sentences what they wish.")), Length(max=TEXT_LENGTH)],
        filters=[stripped],
    )
    received_on = DateField(_("Received on"), [Needed(_("Enter the day; the clock runs from it."))])
    received_time = TimeField(_("At (WIB)"), [Needed(_("Enter the time; the clock runs from it."))])
    account = StringField(
        _("E-mail or phone of their account in the portal"),
        [Optional(), Length(max=254)],
        filters=[stripped],
    )

    def start(self) -> None:
        """Fill in the present moment, where nothing else stands there."""
        if not self.restored:
            here = clock.now().astimezone(clock.WIB)
            self.received_on.data = here.date()
            self.received_time.data = time(here.hour, here.minute)

    def validate_received_on(self, field: DateField) -> None:
        """Refuse a year that was surely mistyped."""
        check_year(field)

    def validate_data_subject(self, field: StringField) -> None:
        """Ask whose data it is when somebody asks for another."""
        if self.relation.data not in {None, Relation.SELF.value} and not field.data:
            raise ValidationError(i18n.gettext("Enter the name of the person whose data it is."))

    def received_at(self) -> datetime:
        """Return the moment that was entered."""
        return clock.at_wib(self.received_on.data, self.received_time.data)

    def to_command(self) -> NewRequest:
        """Return the request."""
        return NewRequest(
            kind=RequestKind(self.kind.data),
            relation=Relation(self.relation.data),
            requester=self.requester.data or "",
            contact=self.contact.data or "",
            data_subject=self.data_subject.data or "",
            wish=self.wish.data or "",
            received_at=self.received_at(),
            account=self.account.data or "",
        )


def _choices(people: list[User]) -> list[SelectChoice]:
    return [
        SelectChoice("", "–"),
        *(SelectChoice(person.public_id, person.full_name) for person in people),
    ]


class AssignForm(PortalForm):
    """Who handles a request."""

    handler = SelectField(_("Handler"), [Needed(_("Choose who handles the request."))])

    def offer(self, people: list[User]) -> None:
        """Fill in who may be asked."""
        self.handler.choices = _choices(people)


class ConflictForm(PortalForm):
    """Who must not see a request, and why."""

    person = SelectField(_("Who must not see it?"), [Needed(_("Choose the person."))])
    why = StringField(
        _("Why?"),
        [Needed(_("Write why, for whoever asks later.")), Length(max=500)],
        filters=[stripped],
    )

    def offer(self, people: list[User]) -> None:
        """Fill in who could come to see it."""
        self.person.choices = _choices(people)


class IdentityForm(PortalForm):
    """How the office made sure who asks."""

    how = TextAreaField(
        _("How did you make sure who asks?"),
        [Needed(_("Write what you looked at or whom you called.")), Length(max=TEXT_LENGTH)],
        filters=[stripped],
    )


class AnswerForm(PortalForm):
    """What was done about a request."""

    answer = TextAreaField(
        _("What did you do?"),
        [
            Needed(_("Write what was done and how the person learned of it.")),
            Length(max=TEXT_LENGTH),
        ],
        filters=[stripped],
    )


class RefusalForm(PortalForm):
    """Why a request cannot be done."""

    refusal = TextAreaField(
        _("Why is it not possible?"),
        [Needed(_("Write the reason; the law asks for it.")), Length(max=TEXT_LENGTH)],
        filters=[stripped],
    )


class WithdrawalForm(PortalForm):
    """How a request was taken back."""

    withdrawal = TextAreaField(
        _("How did they take it back?"),
        [Needed(_("Write when and how they told you.")), Length(max=TEXT_LENGTH)],
        filters=[stripped],
    )
