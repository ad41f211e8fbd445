"""Choosing, proving and recovering a password; the code that comes second."""

from __future__ import annotations

from babel.support import LazyProxy
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import Length, ValidationError

from portal.core import i18n
from portal.core.codes import normal_code
from portal.people.actions.passkeys import PASSKEY_NAME_LENGTH, NewPasskey
from portal.people.actions.passwords import PASSWORD_LEAST, PASSWORD_MOST
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy


def new_password(label: LazyProxy | None = None) -> PasswordField:
    """Return the field for a password somebody chooses."""
    short = _("Choose a password of at least 12 characters.")
    return PasswordField(
        label or _("Password"),
        [Needed(short), Length(PASSWORD_LEAST, PASSWORD_MOST, message=short)],
    )


class ProveForm(PortalForm):
    """The own password, before something sensitive."""

    password = PasswordField(_("Password"), [Needed(_("Enter your password."))])
    lanjut = HiddenField()


class CodeForm(PortalForm):
    """Six digits from the phone, or a recovery code."""

    code = StringField(
        _("Code"),
        [Needed(_("Enter the code from your phone, or a recovery code.")), Length(max=40)],
        filters=[stripped],
    )
    lanjut = HiddenField()

    def validate_code(self, field: StringField) -> None:
        """A code has six digits, a recovery code ten letters and digits."""
        if len(normal_code(field.data or "")) not in (6, 10):
            raise ValidationError(
                i18n.gettext("The code has 6 digits, a recovery code 10 letters and digits.")
            )


class SetUpFactorForm(PortalForm):
    """The first code of a newly set up authenticator app."""

    code = StringField(
        _("Code from the app"),
        [Needed(_("Enter the 6 digits the app shows now.")), Length(max=20)],
        filters=[stripped],
    )
    # The secret shown on the page, signed, since a page that is only looked at writes nothing.
    offer = HiddenField()


class ForgotForm(PortalForm):
    """Who cannot get in."""

    identifier = StringField(
        _("E-mail or phone number"),
        [Needed(_("Enter the e-mail address or phone number of your account.")), Length(max=254)],
        filters=[stripped],
    )


class NewPasswordForm(PortalForm):
    """A new password, behind a link that was handed over."""

    password = new_password(_("New password"))


class ChangePasswordForm(PortalForm):
    """The present password and a new one."""

    present = PasswordField(_("Present password"), [Needed(_("Enter your present password."))])
    password = new_password(_("New password"))


class AnswerField(HiddenField):
    """A passkey's answer as JSON: a script fills it in, and no page carries it twice."""

    def _value(self) -> str:
        return ""


class PasskeyForm(PortalForm):
    """A key that the browser has just made."""

    name = StringField(_("Name of this passkey"), [Length(max=PASSKEY_NAME_LENGTH)], [stripped])
    credential = AnswerField()

    def to_command(self, unnamed: str) -> NewPasskey:
        """Return the key; one that was given no name is called after its device."""
        return NewPasskey(self.name.data or unnamed, self.credential.data or "")


class UsePasskeyForm(PortalForm):
    """What a key has signed at the door."""

    credential = AnswerField()
    lanjut = HiddenField()
