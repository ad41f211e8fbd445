"""What every material says, in both languages, and the longer text of most."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

from wtforms import StringField as Text
from wtforms import TextAreaField as LongText

from portal.core import i18n
from portal.materials.actions.attachments import Upload
from portal.materials.forms.parts import Plain
from portal.materials.policy.content import (
    BODY_LENGTH,
    SUMMARY_LENGTH,
    TITLE_LENGTH,
    Content,
    Words,
)
from portal.materials.queries.library import Shown
from portal.web.forms import Needed, VersionedForm, stripped

_ = i18n.lazy


@dataclass(frozen=True)
class _Standing:
    """Which state of the draft a page shows."""

    version: str


def standing(shown: Shown) -> str:
    """Return what tells one state of a material's newest edition from every other."""
    return f"{shown.edition.number}.{shown.edition.version}"


def line(label: Any, most: int, *more: Any) -> Text:
    """Return a field for a short text of at most so many letters."""
    return Text(label, [*more, Plain(most)], filters=[stripped])


def text(label: Any, most: int) -> LongText:
    """Return a field for a longer text of at most so many letters."""
    return LongText(label, [Plain(most)], filters=[stripped])


class TextsForm(VersionedForm):
    """Title and summary, which every material has."""

    title_id = line(
        _("Title in Indonesian"), TITLE_LENGTH, Needed(_("Give it a title in Indonesian."))
    )
    title_en = line(_("Title in English"), TITLE_LENGTH)
    summary_id = text(_("In short, in Indonesian"), SUMMARY_LENGTH)
    summary_en = text(_("In short, in English"), SUMMARY_LENGTH)

    @classmethod
    def values(cls, content: Content) -> dict[str, Any]:
        """Return what the fields show of a content."""
        return {
            "title_id": content.title.id,
            "title_en": content.title.en,
            "summary_id": content.summary.id,
            "summary_en": content.summary.en,
        }

    def written(self, content: Content) -> Content:
        """Return a content with what was written here in place of what it said."""
        return replace(content, title=self._words("title"), summary=self._words("summary"))

    @classmethod
    def of(cls, shown: Shown, **more: Any) -> Self:
        """Return the form as a draft stands."""
        form = cls(data=cls.values(shown.content), **more)
        if not form.restored:
            form.version.data = standing(shown)
        return form

    def check_standing(self, shown: Shown) -> None:
        """Refuse to write over what a colleague changed since; raises Rejected."""
        self.check_version(_Standing(standing(shown)), self.of(shown, formdata=None))

    @property
    def adds_card(self) -> bool:
        """Say whether room for one more card was asked for, and nothing to be saved yet."""
        return False

    def add_card(self) -> None:
        """Give room for one more card, where there are cards."""

    @property
    def upload(self) -> Upload | None:
        """Return the file that was handed in, if there is one."""
        return None

    def _words(self, name: str) -> Words:
        return words_of(self, name)


def words_of(form: Any, name: str) -> Words:
    """Return what was written in the two fields of a text."""
    return Words(form[f"{name}_id"].data or "", form[f"{name}_en"].data or "")


class WithBody(TextsForm):
    """A longer text."""

    body_id = text(_("Text in Indonesian"), BODY_LENGTH)
    body_en = text(_("Text in English"), BODY_LENGTH)

    @classmethod
    def values(cls, content: Content) -> dict[str, Any]:
        """Return what the fields show of a content."""
        return {**super().values(content), "body_id": content.body.id, "body_en": content.body.en}

    def written(self, content: Content) -> Content:
        """Return a content with what was written here in place of what it said."""
        return replace(super().written(content), body=self._words("body"))
