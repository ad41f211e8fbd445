"""What a teacher answers: red flags or none of them, a tap for each row, a note."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import Field, HiddenField, RadioField, SelectMultipleField, TextAreaField
from wtforms.validators import Length, ValidationError

from portal.core import drafts, i18n
from portal.monitoring.policy.scoring import MOST, Filled
from portal.monitoring.queries.instruments import items_of, text_of
from portal.web.forms import PortalForm, stripped

_ = i18n.lazy

NONE = "none"
NOT_OBSERVED = "n"
ANSWERS = (*(str(point) for point in range(MOST + 1)), NOT_OBSERVED)
NOTE_LENGTH = 1000
# A draft also keeps a note that is too long to be sent as it is.
KEPT_LENGTH = 10_000
# What a device makes up: 128 random bits and more.
DEVICE_KEY_LENGTH = 64


class Answered:
    """Each row takes one of its answers; "not observed" is one of them."""

    def __call__(self, _form: object, field: Field) -> None:
        if field.data not in ANSWERS:
            raise ValidationError(i18n.gettext("Not answered yet: %(row)s", row=field.label.text))


class AnswersForm(PortalForm):
    """What every edition of the form asks; its rows stand in a class of their own (`form_of`)."""

    flags = SelectMultipleField(_("Red flags"), validate_choice=False)
    note = TextAreaField(_("Note"), [Length(max=NOTE_LENGTH)], filters=[stripped])
    device_key = HiddenField(validators=[Length(max=DEVICE_KEY_LENGTH)])
    # Codes of this edition.
    flag_codes: frozenset[str] = frozenset()
    item_codes: tuple[str, ...] = ()

    def validate_flags(self, field: SelectMultipleField) -> None:
        """Ask for the flags seen, or for the answer that there are none; not for both."""
        chosen = set(field.data or ())
        if not chosen or not chosen <= self.flag_codes | {NONE}:
            message = i18n.gettext("Tick what you saw, or “None of these”.")
            raise ValidationError(message)
        if NONE in chosen and len(chosen) > 1:
            message = i18n.gettext(
                "You ticked something and also “None of these”. Please leave only what is right."
            )
            raise ValidationError(message)

    @property
    def filled(self) -> Filled:
        """Return the answers given; all of them once the form was validated."""
        given = {code: self[code].data for code in self.item_codes}
        return Filled(
            frozenset(self.flags.data or ()) & self.flag_codes,
            {
                code: None if answer == NOT_OBSERVED else int(answer)
                for code, answer in given.items()
                if answer in ANSWERS
            },
        )

    @property
    def answered(self) -> int:
        """Return how many of its questions have an answer."""
        return len(self.filled.items) + bool(self.flags.data)

    @property
    def typed(self) -> drafts.Fields:
        """Return what a draft keeps: the answers, and nothing that no edition asks for."""
        flags = [("flags", code) for code in self.flags.data or () if code in self.choosable]
        rows = [(code, self[code].data) for code in self.item_codes]
        note = (self.note.data or "")[:KEPT_LENGTH]
        answers = [(code, answer) for code, answer in rows if answer in ANSWERS]
        return [*flags, *answers, *([("note", note)] if note else [])]

    @property
    def choosable(self) -> frozenset[str]:
        """Return what the first question takes."""
        return self.flag_codes | {NONE}


def form_of(content: Mapping[str, Any]) -> type[AnswersForm]:
    """Return the form of one edition, in the reader's language."""
    rows = {
        item["code"]: RadioField(
            text_of(item["text"]), [Answered()], choices=ANSWERS, validate_choice=False
        )
        for item in items_of(content)
    }
    codes = {
        "flag_codes": frozenset(flag["code"] for flag in content["flags"]),
        "item_codes": tuple(rows),
    }
    return type("EditionForm", (AnswersForm,), {**rows, **codes})


def fields_of(filled: Filled, note: str) -> drafts.Fields:
    """Return answers as a form's fields, to be shown for a correction."""
    flags = [("flags", code) for code in sorted(filled.flags) or [NONE]]
    rows = [
        (code, NOT_OBSERVED if answer is None else str(answer))
        for code, answer in filled.items.items()
    ]
    return [*flags, *rows, ("note", note)]
