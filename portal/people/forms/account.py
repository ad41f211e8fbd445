"""Signing in, and what people change about themselves."""

from __future__ import annotations

from wtforms import (
    BooleanField,
    HiddenField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional

from portal.core import i18n
from portal.people.models import NAME_LENGTH, User
from portal.web.forms import Needed, PortalForm, VersionedForm, stripped

_ = i18n.lazy


class SignInForm(PortalForm):
    """E-mail or phone, and password."""

    identifier = StringField(
        _("E-mail or phone number"),
        [Needed(_("Enter the e-mail address or phone number of your account.")), Length(max=254)],
        filters=[stripped],
    )
    password = PasswordField(_("Password"), [Needed(_("Enter your password."))])
    own_device = BooleanField(_("This is my own phone"))
    lanjut = HiddenField()


class ProfileForm(VersionedForm):
    """One's own name and form of address."""

    full_name = StringField(
        _("Full name"),
        [Needed(_("Enter your name, so that others know who writes.")), Length(max=NAME_LENGTH)],
        filters=[stripped],
    )
    called = StringField(
        _("How shall we address you?"), [Optional(), Length(max=60)], filters=[stripped]
    )


class EndForm(PortalForm):
    """Who takes over the open work of somebody who leaves."""

    successor = SelectField(_("Who takes over open work?"))

    def offer(self, people: list[User]) -> None:
        """Fill in who could take over."""
        nobody = SelectChoice("", str(_("Nobody; the office looks after it")))
        self.successor.choices = [
            nobody,
            *(SelectChoice(user.public_id, user.full_name) for user in people),
        ]


class EmergencyForm(PortalForm):
    """Why a file must be opened now."""

    reason = TextAreaField(
        _("Why must you see this file now?"),
        [
            Needed(_("Write the reason; the head of the office reads it in the review.")),
            Length(max=1000),
        ],
        filters=[stripped],
    )


class FindingForm(PortalForm):
    """How an emergency access is judged."""

    finding = TextAreaField(
        _("Finding"),
        [Needed(_("Write what you found, in one or two sentences.")), Length(max=1000)],
        filters=[stripped],
    )
    justified = SelectField(
        _("Was it justified?"),
        choices=[
            SelectChoice("", "–"),
            SelectChoice("yes", _("Yes, it was needed")),
            SelectChoice("no", _("No, it was not")),
        ],
        validators=[Needed(_("Choose one of the two answers."))],
    )
