"""Inviting somebody, and accepting an invitation."""

from __future__ import annotations

from typing import Any

from wtforms import SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional, ValidationError

from portal.core import i18n
from portal.core.access import SCHOOL_ROLES, Role
from portal.people.actions.invitations import Invite, NewPerson
from portal.people.forms.contacts import ContactsForm
from portal.people.forms.passwords import new_password
from portal.people.forms.roles import ROLE_NAMES
from portal.people.models import NAME_LENGTH
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy


class InvitationForm(ContactsForm):
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

    def offer(self, roles: tuple[Role, ...], schools: list[tuple[str, str]]) -> None:
        """Fill in the roles and schools this actor may appoint to."""
        self.role.choices = [SelectChoice(role.value, str(ROLE_NAMES[role])) for role in roles]
        blank = [SelectChoice("", "–")] if any(role not in SCHOOL_ROLES for role in roles) else []
        self.school.choices = [*blank, *(SelectChoice(*school) for school in schools)]

    def validate_school(self, field: SelectField) -> None:
        """School roles need a school."""
        if self.role.data in SCHOOL_ROLES and not field.data:
            raise ValidationError(i18n.gettext("Choose the school for this role."))

    def to_command(self, school_ids: dict[str, Any]) -> Invite:
        """Return what to invite."""
        role = Role(self.role.data)
        contacts = self.contacts()
        return Invite(
            role=role,
            school_id=school_ids.get(self.school.data) if role in SCHOOL_ROLES else None,
            full_name=self.full_name.data or "",
            email=contacts.email,
            phone=contacts.phone,
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
    password = new_password()

    def to_command(self) -> NewPerson:
        """Return the new person."""
        return NewPerson(
            full_name=self.full_name.data or "",
            called=self.called.data or "",
            password=self.password.data or "",
            language=i18n.language(),
        )
