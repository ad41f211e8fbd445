"""E-mail addresses and phone numbers, typed in many ways and kept in one."""

from __future__ import annotations

from wtforms import EmailField, TelField
from wtforms.validators import Length, Optional, ValidationError

from portal.core import i18n
from portal.people.actions.accounts import Contacts
from portal.people.queries import accounts
from portal.web.forms import PortalForm, stripped

_ = i18n.lazy


class ContactsForm(PortalForm):
    """With what somebody signs in."""

    phone = TelField(_("WhatsApp number"), [Optional(), Length(max=30)], filters=[stripped])
    email = EmailField(_("E-mail"), [Optional(), Length(max=254)], filters=[stripped])

    def validate_phone(self, field: TelField) -> None:
        """Check that a number can be dialled."""
        if field.data and accounts.normal_phone(field.data) is None:
            raise ValidationError(
                i18n.gettext(
                    "Check this number. Write it like 0812 3456 7890 or +62 812 3456 7890."
                )
            )

    def validate_email(self, field: EmailField) -> None:
        """Check the shape of an address."""
        if field.data and not accounts.is_email(field.data):
            raise ValidationError(
                i18n.gettext("Check this address. It should look like name@site.id.")
            )

    def contacts(self) -> Contacts:
        """Return what was typed, in the forms in which the portal keeps them."""
        return Contacts(
            accounts.normal_email(self.email.data) if self.email.data else None,
            accounts.normal_phone(self.phone.data) if self.phone.data else None,
        )
