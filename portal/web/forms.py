"""What every form of the portal shares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Self

from flask import g
from flask_wtf import FlaskForm
from wtforms import Field, FieldList, Form, HiddenField, IntegerField
from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from portal.core import i18n, receipts
from portal.core.db import new_public_id
from portal.core.errors import Rejected
from portal.web import errors, language, once, typed

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


# The largest figure a column holds on PostgreSQL, and years between which time zones and working
# days can be reckoned.
MOST_FIGURE = 2**31 - 1
YEARS = range(1900, 2200)


class _OurCatalogue:
    """Hand WTForms our own translations."""

    def gettext(self, message: str) -> str:
        return i18n.gettext(message)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        # Indonesian has no plural forms and the library fills in the number itself.
        return i18n.gettext(singular if n == 1 else plural)


class EntryList(FieldList):
    """Fields that come several times; numbers no page of ours would send are passed over."""

    INDEX = re.compile(r"[0-9]{1,4}")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What shows forms knows lists of fields by this name.
        self.type = "FieldList"

    def _extract_indices(self, prefix: str, formdata: Iterable[str]) -> Iterator[int]:
        begin = f"{prefix}-"
        for name in formdata:
            index = name.removeprefix(begin).partition("-")[0]
            if name.startswith(begin) and self.INDEX.fullmatch(index):
                yield int(index)


def _refuse_beyond_reckoning(form: BaseForm) -> None:
    for field in form:
        if isinstance(field, IntegerField) and abs(field.data or 0) > MOST_FIGURE:
            message = "Not a valid integer value."
        elif getattr(field.data, "year", YEARS[0]) not in YEARS:
            message = "Not a valid date value."
        else:
            continue
        field.data = None
        field.process_errors = [*field.process_errors, i18n.gettext(message)]


class PartOfForm(Form):
    """Some fields that come several times in a form, as an entry of an EntryList."""

    class Meta(Form.Meta):
        def get_translations(self, _form: object) -> _OurCatalogue:
            return _OurCatalogue()

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read what was typed, as a whole form does."""
        super().process(*args, **kwargs)
        _refuse_beyond_reckoning(self)


class KeyField(HiddenField):
    """A random key that stays the same until the form is carried out (see web.once)."""

    def _value(self) -> str:
        done = "session" in g and receipts.is_done(g.session)
        usable = not done and once.KEY.fullmatch(self.data or "")
        return str(self.data) if usable else new_public_id()


class PortalForm(FlaskForm):
    """A form that speaks the reader's language, keeps what was typed and is carried out once."""

    idempotency_key = KeyField()
    # Whether the fields show what was typed on this page before.
    restored = False
    # Stands before the ids of the fields where a page holds several forms with the same questions.
    known_as: ClassVar[str] = ""

    def __init__(self, *args: Any, known_as: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        prefix = known_as or self.known_as
        if prefix:
            for field in self:
                field.id = field.label.field_id = f"{prefix}-{field.id}"

    class Meta(FlaskForm.Meta):
        get_translations = PartOfForm.Meta.get_translations

        def wrap_formdata(self, form: BaseForm, formdata: Any) -> Any:
            # On a page somebody comes back to, what they had typed stands in the fields again.
            before = typed.restored()
            # Every form of a page that shows a record has its version; that alone is no form's own.
            own = set(form._fields) - {"version"}
            if before is not None and set(before) & own:
                form.restored = True
                return before
            return super().wrap_formdata(form, formdata)

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read what was typed; figures and dates that no rule could reckon with are none."""
        super().process(*args, **kwargs)
        _refuse_beyond_reckoning(self)

    @classmethod
    def as_sent(cls, tried: PortalForm | None) -> Self:
        """Return the form that was just sent, if it is of this kind, else an empty one."""
        return tried if isinstance(tried, cls) else cls(formdata=None)

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        """Validate a submitted form; a press on the language switch is not a submission."""
        if language.switching():
            return False
        return bool(super().validate_on_submit(extra_validators))

    @property
    def reply_status(self) -> int:
        """Return 422 for a form with errors, 200 when only the language was switched.

        A refusal may name its own: 409 for what a colleague changed, 429 for what must wait.
        """
        return 200 if language.switching() else self._refused_with

    _refused_with = 422

    def attach(self, problem: Rejected) -> None:
        """Show a rule's refusal beside the field it belongs to, or above the form."""
        text = errors.sentence(problem)
        self._refused_with = errors.STATUS_OF.get(problem.code, 422)
        field = self._fields.get(problem.field or "")
        if field is None:
            self.form_errors.append(text)
        else:
            field.errors = (*field.errors, text)


def complaining(tried: PortalForm | None, *, shown: bool) -> PortalForm | None:
    """Return the form whose complaints stand on top; without its fields only what is about all."""
    return tried if tried is not None and (shown or tried.form_errors) else None


class VersionedForm(PortalForm):
    """A form that changes a record several people may edit.

    It remembers which version it shows; when a colleague was faster, both stand side by side.
    """

    version = HiddenField()
    # What the record says now, field by field, once a colleague turned out to have been faster.
    theirs: tuple[tuple[str, str, str], ...] = ()

    @classmethod
    def showing(cls, record: Any, **more: Any) -> Self:
        """Return the form filled with a record as it stands."""
        form = cls(obj=record, **more)
        if not form.restored:
            form.version.data = str(record.version)
        return form

    @classmethod
    def shown(cls, record: Any, tried: PortalForm | None) -> Self:
        """Return the form that was just sent, if it is of this kind, else the record's."""
        return tried if isinstance(tried, cls) else cls.showing(record, formdata=None)

    def check_version(self, record: Any, shown: VersionedForm) -> None:
        """Refuse to overwrite what changed since; `shown` is the record's form as it stands now.

        Raises Rejected("changed_meanwhile"), unless both say the same.
        """
        now = str(record.version)
        if self.version.data == now:
            return
        self.theirs = tuple(
            (str(field.label.text), _shown(shown[field.name]), _shown(field))
            for field in self
            if not isinstance(field, HiddenField)
            and field.name in shown
            and _shown(shown[field.name]) != _shown(field)
        )
        # A second press knows what it overwrites.
        self.version.data = now
        self.version.raw_data = None
        if self.theirs:
            raise Rejected("changed_meanwhile")


def _shown(field: Any) -> str:
    """Return a field's content as its reader sees it."""
    if field.type == "BooleanField":
        return i18n.gettext("yes") if field.data else i18n.gettext("no")
    if field.type == "FileField":
        return str(getattr(field.data, "filename", None) or "")
    choices = getattr(field, "choices", None)
    if choices:
        held = field.data if isinstance(field.data, list) else [field.data]
        chosen = {str(value) for value in held}
        return ", ".join(str(each.label) for each in choices if str(each.value) in chosen)
    value = field._value() if hasattr(field, "_value") else field.data
    return str(value if value is not None else "").strip()


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
