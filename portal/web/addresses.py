"""Checks of typed phone numbers and e-mail addresses, for the forms that ask for them."""

from __future__ import annotations

from wtforms import Field
from wtforms.validators import ValidationError

from portal.core import i18n
from portal.core.addresses import is_email, normal_phone


def dialled(_form: object, field: Field) -> None:
    """Check that a number can be dialled (a WTForms validator)."""
    if field.data and normal_phone(field.data) is None:
        raise ValidationError(
            i18n.gettext("Check this number. Write it like 0812 3456 7890 or +62 812 3456 7890.")
        )


def mailed(_form: object, field: Field) -> None:
    """Check the shape of an e-mail address (a WTForms validator)."""
    if field.data and not is_email(field.data):
        raise ValidationError(i18n.gettext("Check this address. It should look like name@site.id."))
