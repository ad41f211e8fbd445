"""What the forms of materials share: texts in two languages, and fields that come several times."""

from __future__ import annotations

from typing import Any

from wtforms import Field
from wtforms import StringField as Text
from wtforms import TextAreaField as LongText
from wtforms.validators import ValidationError

from portal.materials.policy.content import Words
from portal.materials.policy.reading import Malformed, plain
from portal.materials.queries import malformed
from portal.web.forms import EntryList, stripped


class Several(EntryList):
    """Fields that come several times; where two versions stand side by side, their words."""

    def _value(self) -> str:
        parts = (str(field.data) for each in self for field in each.form if field.data)
        return "; ".join(parts)


class Plain:
    """A text as materials keep it: of a length, without HTML and hidden characters."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.field_flags = {"maxlength": most}

    def __call__(self, _form: object, field: Field) -> None:
        try:
            field.data = plain(field.data or "", field.name, self.most)
        except Malformed as problem:
            raise ValidationError(malformed.sentence(problem)) from problem


class Https:
    """An address that begins with https://."""

    def __call__(self, _form: object, field: Field) -> None:
        if field.data and not field.data.startswith("https://"):
            raise ValidationError(malformed.sentence(Malformed(field.name, "https_only")))


def line(label: Any, most: int, *more: Any) -> Text:
    """Return a field for a short text of at most so many letters."""
    return Text(label, [*more, Plain(most)], filters=[stripped])


def text(label: Any, most: int) -> LongText:
    """Return a field for a longer text of at most so many letters."""
    return LongText(label, [Plain(most)], filters=[stripped])


def words_of(form: Any, name: str) -> Words:
    """Return what was written in the two fields of a text."""
    return Words(form[f"{name}_id"].data or "", form[f"{name}_en"].data or "")
