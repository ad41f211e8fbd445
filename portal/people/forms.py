"""Forms for signing in, inviting and accepting."""

from __future__ import annotations

from typing import Any

from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    PasswordField,
    SelectField,
    StringField,
    TelField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional, ValidationError

from portal.core import i18n
from portal.core.access import SCHOOL_ROLES, Role
from portal.people import queries
from portal.people.actions import PASSWORD_LEAST, PASSWORD_MOST, Invite, NewPerson
from portal.people.models import NAME_LENGTH
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy

ROLE_NAMES: dict[Role, Any] = {
    Role.PRINCIPAL: _("Principal"),
    Role.SCHOOL_OPERATOR: _("School operator"),
    Role.TEACHER: _("Teacher"),
    Role.SOCIAL_WORKER: _("Social worker"),
    Role.COORDINATOR: _("Case coordinator"),
    Role.DIVISION_HEAD: _("Division head"),
    Role.ADMIN: _("Administrator"),
    Role.EDUCATION_OFFICE: _("Education Office"),
    Role.VOLUNTEER: _("Volunteer"),
}


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


class InvitationForm(PortalForm):
    """Whom to invite, to which role, at which school."""

    role = SelectField(_("Role"))
    school = SelectField(_("School"))
    full_name = StringField(
        _("Full name"),
        [
            Needed(_("Enter the name, so that the person knows the invitation is theirs.")),
            Length(max=NAME_LENGTH),
        ],
        filters=[stripped],
    )
    phone = TelField(_("WhatsApp number"), [Optional(), Length(max=30)], filters=[stripped])
    email = EmailField(_("E-mail"), [Optional(), Length(max=254)], filters=[stripped])

    def offer(self, roles: tuple[Role, ...], schools: list[tuple[str, str]]) -> None:
        """Fill in the roles and schools this actor may appoint to."""
        self.role.choices = [SelectChoice(role.value, str(ROLE_NAMES[role])) for role in roles]
        blank = [SelectChoice("", "–")] if any(role not in SCHOOL_ROLES for role in roles) else []
        self.school.choices = [*blank, *(SelectChoice(*school) for school in schools)]

    def validate_school(self, field: SelectField) -> None:
        """School roles need a school."""
        if self.role.data in SCHOOL_ROLES and not field.data:
            raise ValidationError(i18n.gettext("Choose the school for this role."))

    def validate_phone(self, field: TelField) -> None:
        """Check that a number can be dialled."""
        _check_phone(field)

    def validate_email(self, field: EmailField) -> None:
        """Check the shape of an address."""
        _check_email(field)

    def to_command(self, school_ids: dict[str, Any]) -> Invite:
        """Return what to invite."""
        role = Role(self.role.data)
        return Invite(
            role=role,
            school_id=school_ids.get(self.school.data) if role in SCHOOL_ROLES else None,
            full_name=self.full_name.data or "",
            email=queries.normal_email(self.email.data) if self.email.data else None,
            phone=queries.normal_phone(self.phone.data) if self.phone.data else None,
        )


class AcceptForm(PortalForm):
    """Who accepts an invitation, and the password they choose."""

    full_name = StringField(
        _("Full name"),
        [Needed(_("Enter your name, so that others know who writes.")), Length(max=NAME_LENGTH)],
        filters=[stripped],
    )
    called = StringField(
        _("How shall we address you?"), [Optional(), Length(max=60)], filters=[stripped]
    )
    password = PasswordField(
        _("Password"),
        [
            Needed(_("Choose a password of at least 12 characters.")),
            Length(
                PASSWORD_LEAST,
                PASSWORD_MOST,
                message=_("Choose a password of at least 12 characters."),
            ),
        ],
    )

    def to_command(self) -> NewPerson:
        """Return the new person."""
        return NewPerson(
            full_name=self.full_name.data or "",
            called=self.called.data or "",
            password=self.password.data or "",
            language=i18n.language(),
        )


class ProfileForm(PortalForm):
    """One's own name and form of address."""

    full_name = StringField(
        _("Full name"),
        [Needed(_("Enter your name, so that others know who writes.")), Length(max=NAME_LENGTH)],
        filters=[stripped],
    )
    called = StringField(
        _("How shall we address you?"), [Optional(), Length(max=60)], filters=[stripped]
    )


def _check_phone(field: TelField) -> None:
    if field.data and queries.normal_phone(field.data) is None:
        raise ValidationError(
            i18n.gettext("Check this number. Write it like 0812 3456 7890 or +62 812 3456 7890.")
        )


def _check_email(field: EmailField) -> None:
    if field.data and not queries.is_email(field.data):
        raise ValidationError(i18n.gettext("Check this address. It should look like name@site.id."))
