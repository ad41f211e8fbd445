"""What every material says, in both languages, and the longer text of most."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from portal.core import i18n
from portal.materials.actions.attachments import Upload
from portal.materials.forms.drafts import DraftForm
from portal.materials.forms.parts import line, text, words_of
from portal.materials.policy.content import (
    BODY_LENGTH,
    SUMMARY_LENGTH,
    TITLE_LENGTH,
    Content,
    Words,
)
from portal.web.forms import Needed

_ = i18n.lazy


class TextsForm(DraftForm):
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
