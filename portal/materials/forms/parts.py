"""What the forms of materials share: texts without HTML, and fields that come several times."""

from __future__ import annotations

from typing import Any

from wtforms import Field, FieldList, Form
from wtforms.validators import ValidationError

from portal.materials.policy.reading import Malformed, plain
from portal.materials.queries import malformed
from portal.web.forms import PortalForm


class PartOfForm(Form):
    """Some fields that come several times in a form."""

    class Meta(Form.Meta):
        get_translations = PortalForm.Meta.get_translations


class Several(FieldList):
    """Fields that come several times; where two versions stand side by side, their words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What shows forms knows lists of fields by this name.
        self.type = "FieldList"

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
