"""E-mail addresses and phone numbers, typed in many ways and kept in one."""

from __future__ import annotations

from wtforms import EmailField, TelField
from wtforms.validators import ValidationError

from portal.core import i18n
from portal.people.actions.accounts import Contacts
from portal.people.queries import accounts


def check_phone(field: TelField) -> None:
    """Check that a number can be dialled."""
    if field.data and accounts.normal_phone(field.data) is None:
        raise ValidationError(
            i18n.gettext("Check this number. Write it like 0812 3456 7890 or +62 812 3456 7890.")
        )


def check_email(field: EmailField) -> None:
    """Check the shape of an address."""
    if field.data and not accounts.is_email(field.data):
        raise ValidationError(i18n.gettext("Check this address. It should look like name@site.id."))


def contacts_of(email: str | None, phone: str | None) -> Contacts:
    """Return what was typed, in the forms in which the portal keeps them."""
    return Contacts(
        accounts.normal_email(email) if email else None,
        accounts.normal_phone(phone) if phone else None,
    )
