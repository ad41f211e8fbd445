"""E-mail addresses and phone numbers, typed in many ways and kept in one."""

from __future__ import annotations

from wtforms import EmailField, TelField
from wtforms.validators import Length, Optional

from portal.core import i18n
from portal.core.addresses import normal_email, normal_phone
from portal.people.actions.accounts import Contacts
from portal.web.addresses import dialled, mailed
from portal.web.forms import PortalForm, stripped

_ = i18n.lazy


class ContactsForm(PortalForm):
    """With what somebody signs in."""

    phone = TelField(
        _("WhatsApp number"), [Optional(), Length(max=30), dialled], filters=[stripped]
    )
    email = EmailField(_("E-mail"), [Optional(), Length(max=254), mailed], filters=[stripped])

    def contacts(self) -> Contacts:
        """Return what was typed, in the forms in which the portal keeps them."""
        return Contacts(
            normal_email(self.email.data) if self.email.data else None,
            normal_phone(self.phone.data) if self.phone.data else None,
        )
