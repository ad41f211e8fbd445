"""What every form of the portal shares."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.validators import StopValidation

from portal.core import i18n
from portal.core.errors import Rejected
from portal.web import errors, language

_ = i18n.lazy

# WTForms and Flask-WTF carry these English texts without Indonesian ones; naming them here puts
# them into our own catalogue. A test loops over all validators and finds them translated.
LIBRARY_MESSAGES = (
    _("Date must be at least %(min)s."),
    _("Date must be at most %(max)s."),
    _("Date must be between %(min)s and %(max)s."),
    _("Field cannot be longer than %(max)d character."),
    _("Field cannot be longer than %(max)d characters."),
    _("Field must be at least %(min)d character long."),
    _("Field must be at least %(min)d characters long."),
    _("Field must be between %(min)d and %(max)d characters long."),
    _("Field must be equal to %(other_name)s."),
    _("Field must be exactly %(max)d character long."),
    _("Field must be exactly %(max)d characters long."),
    _("Invalid IP address."),
    _("Invalid Mac address."),
    _("Invalid URL."),
    _("Invalid UUID."),
    _("Invalid email address."),
    _("Invalid field name '%s'."),
    _("Invalid input."),
    _("Invalid value, can't be any of: %(values)s."),
    _("Invalid value, must be one of: %(values)s."),
    _("Number must be at least %(min)s."),
    _("Number must be at most %(max)s."),
    _("Number must be between %(min)s and %(max)s."),
    _("This field cannot be edited."),
    _("This field is disabled and cannot have a value."),
    _("This field is required."),
    _("Invalid Choice: could not coerce."),
    _("Invalid Choice: could not coerce"),
    _("Choices cannot be None."),
    _("Not a valid choice."),
    _("'%(value)s' is not a valid choice for this field."),
    _("'%(value)s' are not valid choices for this field."),
    _("Invalid choice(s): one or more data inputs could not be coerced."),
    _("Not a valid datetime value."),
    _("Not a valid date value."),
    _("Not a valid time value."),
    _("Not a valid week value."),
    _("Not a valid integer value."),
    _("Not a valid decimal value."),
    _("Not a valid float value."),
    _("CSRF token missing."),
    _("CSRF failed."),
    _("CSRF token expired."),
    _("Invalid CSRF Token."),
    _("File does not have an approved extension."),
    _("File does not have an approved extension: {extensions}"),
    _("File must be between {min_size} and {max_size} bytes."),
)


class _OurCatalogue:
    """Hand WTForms our own translations."""

    def gettext(self, message: str) -> str:
        return i18n.gettext(message)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        # Indonesian has no plural forms and the library fills in the number itself.
        return i18n.gettext(singular if n == 1 else plural)


class PortalForm(FlaskForm):
    """A form that speaks the reader's language and keeps what was typed."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, _form: object) -> _OurCatalogue:
            return _OurCatalogue()

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        """Validate a submitted form; a press on the language switch is not a submission."""
        if language.switching():
            return False
        return bool(super().validate_on_submit(extra_validators))

    @property
    def reply_status(self) -> int:
        """Return 422 for a form with errors, 200 when only the language was switched."""
        return 200 if language.switching() else 422

    def attach(self, problem: Rejected) -> None:
        """Show a rule's refusal beside the field it belongs to, or above the form."""
        text = errors.sentence(problem)
        field = self._fields.get(problem.field or "")
        if field is None:
            self.form_errors.append(text)
        else:
            field.errors = (*field.errors, text)


class Needed:
    """The answer is needed, and the message says what for."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __init__(self, message: Any) -> None:
        self.message = message

    def __call__(self, _form: object, field: Field) -> None:
        typed = "".join(field.raw_data or ()) if _all_text(field.raw_data) else field.raw_data
        if field.data in (None, "") or (isinstance(typed, str) and not typed.strip()):
            if typed and field.process_errors:
                # Something was typed and could not be read; that sentence says more.
                return
            # An empty field has one thing to be told, not also that it is no date or number.
            field.errors = []
            field.process_errors = []
            raise StopValidation(str(self.message))


def _all_text(parts: Any) -> bool:
    return all(isinstance(part, str) for part in parts or ())


def stripped(value: str | None) -> str | None:
    """Drop blanks around what was typed, and NUL, which PostgreSQL refuses (a WTForms filter)."""
    return value.replace("\x00", "").strip() if isinstance(value, str) else value
