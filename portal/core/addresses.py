"""E-mail addresses and phone numbers: typed in many ways, kept and compared in one."""

from __future__ import annotations

import phonenumbers
from email_validator import EmailNotValidError, validate_email


def normal_email(text: str) -> str:
    """Return the form in which e-mail addresses are kept and compared."""
    return text.strip().lower()


def is_email(text: str) -> bool:
    """Say whether a text has the shape of an e-mail address."""
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def shown_phone(number: str) -> str:
    """Return a number as people here read it, `0811-1129-129`; what is no number as it is."""
    try:
        return phonenumbers.format_number(
            phonenumbers.parse(number, "ID"), phonenumbers.PhoneNumberFormat.NATIONAL
        )
    except phonenumbers.NumberParseException:
        return number


def normal_phone(text: str) -> str | None:
    """Return an Indonesian or international number as `+62...`; None when it is no number."""
    try:
        number = phonenumbers.parse(text, "ID")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
