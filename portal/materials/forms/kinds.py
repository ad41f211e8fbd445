"""What is written of each kind of material; stories and quizzes have further pages of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from wtforms import FormField, SubmitField

from portal.core import i18n
from portal.materials.forms.attached import WithFiles
from portal.materials.forms.parts import Https, Several, line, text, words_of
from portal.materials.forms.texts import TextsForm, WithBody
from portal.materials.policy.content import (
    LINE_LENGTH,
    LINK_LENGTH,
    MOST_CARDS,
    MOST_LINES,
    TEXT_LENGTH,
    TITLE_LENGTH,
    Card,
    Content,
)
from portal.materials.states import MaterialKind
from portal.web.forms import PartOfForm

_ = i18n.lazy

# Cards for parents usually are so many.
USUAL_CARDS = 3


class LinesEntry(PartOfForm):
    """A short line of a poster, in both languages."""

    line_id = line(_("In Indonesian"), LINE_LENGTH)
    line_en = line(_("In English"), LINE_LENGTH)


class CardEntry(PartOfForm):
    """A short card for parents; an empty one is left out."""

    heading_id = line(_("Heading in Indonesian"), TITLE_LENGTH)
    heading_en = line(_("Heading in English"), TITLE_LENGTH)
    text_id = text(_("Text in Indonesian"), TEXT_LENGTH)
    text_en = text(_("Text in English"), TEXT_LENGTH)


class ArticleForm(WithBody, WithFiles):
    """A text to read, perhaps with files."""


class VideoForm(WithBody):
    """A video that is shown elsewhere."""

    link = line(_("Address of the video"), LINK_LENGTH, Https())

    @classmethod
    def values(cls, content: Content) -> dict[str, Any]:
        """Return what the fields show of a content."""
        return {**super().values(content), "link": content.link}

    def written(self, content: Content) -> Content:
        """Return a content with what was written here in place of what it said."""
        return replace(super().written(content), link=self.link.data or "")


class PosterForm(WithFiles):
    """The lines of a poster, or a poster somebody drew."""

    lines = Several(FormField(LinesEntry), _("Lines"), max_entries=MOST_LINES)

    @classmethod
    def values(cls, content: Content) -> dict[str, Any]:
        """Return what the fields show of a content, with room for the lines still possible."""
        lines = [{"line_id": each.id, "line_en": each.en} for each in content.lines]
        lines += [{"line_id": "", "line_en": ""}] * (MOST_LINES - len(lines))
        return {**super().values(content), "lines": lines}

    def written(self, content: Content) -> Content:
        """Return a content with what was written here in place of what it said."""
        lines = (words_of(each.form, "line") for each in self.lines)
        return replace(super().written(content), lines=tuple(each for each in lines if each))


class CardsForm(TextsForm):
    """The cards for parents."""

    cards = Several(FormField(CardEntry), _("Cards"), max_entries=MOST_CARDS)
    more = SubmitField(_("Add one more card"))

    @classmethod
    def values(cls, content: Content) -> dict[str, Any]:
        """Return what the fields show of a content, with room for the usual number of cards."""
        cards = [
            {
                "heading_id": each.heading.id,
                "heading_en": each.heading.en,
                "text_id": each.text.id,
                "text_en": each.text.en,
            }
            for each in content.cards
        ]
        cards += [{} for _more in range(USUAL_CARDS - len(cards))]
        return {**super().values(content), "cards": cards}

    def written(self, content: Content) -> Content:
        """Return a content with what was written here in place of what it said."""
        cards = (
            Card(words_of(each.form, "heading"), words_of(each.form, "text")) for each in self.cards
        )
        filled = tuple(each for each in cards if each.heading or each.text)
        return replace(super().written(content), cards=filled)

    @property
    def adds_card(self) -> bool:
        """Say whether room for one more card was asked for, and nothing to be saved yet."""
        return bool(self.more.data)

    @property
    def has_room(self) -> bool:
        """Say whether one more card may be added."""
        return len(self.cards) < MOST_CARDS

    def add_card(self) -> None:
        """Give room for one more card, if there is any."""
        if self.has_room:
            self.cards.append_entry()


FORMS: dict[MaterialKind, type[TextsForm]] = {
    MaterialKind.ARTICLE: ArticleForm,
    MaterialKind.FILE: ArticleForm,
    MaterialKind.VIDEO: VideoForm,
    MaterialKind.POSTER: PosterForm,
    MaterialKind.LESSON_KIT: ArticleForm,
    MaterialKind.SCENARIO: WithFiles,
    MaterialKind.QUIZ: TextsForm,
    MaterialKind.PARENT_CARD: CardsForm,
}
