"""Files of a material: those there already, and one more to hand in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, FormField, HiddenField, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional

from portal.core import i18n
from portal.materials.actions.attachments import Upload
from portal.materials.forms.parts import Several, line, words_of
from portal.materials.forms.texts import TextsForm
from portal.materials.policy.content import TITLE_LENGTH, Attachment, Content
from portal.web.forms import PartOfForm, stripped

_ = i18n.lazy


class FileEntry(PartOfForm):
    """A file that is there already."""

    file = HiddenField(filters=[stripped])
    label_id = line(_("What it is, in Indonesian"), TITLE_LENGTH)
    label_en = line(_("What it is, in English"), TITLE_LENGTH)
    language = SelectField(_("Language of the file"), default="")
    removed = BooleanField(_("Take this file out"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language.choices = _languages()


def _languages() -> list[SelectChoice]:
    return [
        SelectChoice("", i18n.gettext("For readers of both languages")),
        SelectChoice("id", i18n.gettext("Indonesian")),
        SelectChoice("en", i18n.gettext("English")),
    ]


class WithFiles(TextsForm):
    """Files to fetch, or the pictures of a story."""

    files = Several(FormField(FileEntry), _("Files"))
    file = FileField(_("Add a file"), [Optional()])
    file_label_id = line(_("What it is, in Indonesian"), TITLE_LENGTH)
    file_label_en = line(_("What it is, in English"), TITLE_LENGTH)
    file_language = SelectField(_("Language of the file"), default="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.file_language.choices = _languages()

    @classmethod
    def values(cls, content: Content) -> dict[str, Any]:
        """Return what the fields show of a content."""
        files = [
            {
                "file": each.file,
                "label_id": each.label.id,
                "label_en": each.label.en,
                "language": each.language,
            }
            for each in content.files
        ]
        return {**super().values(content), "files": files}

    def written(self, content: Content) -> Content:
        """Return a content with what was written here; files it does not know are passed over."""
        said = {each.form.file.data: each.form for each in self.files}
        kept = tuple(
            _attachment(each, said.get(each.file))
            for each in content.files
            if each.file not in said or not said[each.file].removed.data
        )
        return replace(super().written(content), files=kept)

    @property
    def upload(self) -> Upload | None:
        """Return the file that was handed in, if there is one."""
        sent = self.file.data
        if not sent or not sent.filename:
            return None
        label = self._words("file_label")
        return Upload(sent.filename, sent.stream.read(), label, self.file_language.data or "")


def _attachment(file: Attachment, said: Any) -> Attachment:
    if said is None:
        return file
    return replace(file, label=words_of(said, "label"), language=said.language.data or "")
