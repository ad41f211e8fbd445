"""Writing a story: one page at a time, and all its English texts at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from wtforms import (
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import StopValidation

from portal.core import i18n
from portal.core.errors import Rejected
from portal.materials.actions.stories import NEW_PAGE
from portal.materials.forms.parts import Plain, Several, text, words_of
from portal.materials.policy.content import (
    LINE_LENGTH,
    MOST_CHOICES,
    TEXT_LENGTH,
    Choice,
    Node,
    Words,
)
from portal.materials.policy.pictures import DRAWINGS
from portal.materials.policy.texts import longest
from portal.materials.queries.story_outline import Page, Text, Written, mark_of
from portal.web.forms import EntryList, PartOfForm, PortalForm, VersionedForm, stripped

_ = i18n.lazy

# How a page goes on.
CHOICES, ENDING = "choices", "ending"
FIRST_WORDS = 40
MOST_TEXTS = 1000


class ChoiceForm(PartOfForm):
    """One choice; an empty one is left out."""

    text_id = text(_("What the reader can do, in Indonesian"), LINE_LENGTH)
    text_en = text(_("What the reader can do, in English"), LINE_LENGTH)
    to = SelectField(_("Leads to"))
    feedback_id = text(_("Kind words about this choice, in Indonesian"), TEXT_LENGTH)
    feedback_en = text(_("Kind words about this choice, in English"), TEXT_LENGTH)

    @property
    def filled(self) -> bool:
        """Say whether anything was written, or a page chosen."""
        written = (self.text_id, self.text_en, self.feedback_id, self.feedback_en)
        return any(field.data for field in written) or self.to.data not in ("", NEW_PAGE, None)

    @property
    def shown(self) -> str:
        """Return what was written, for whoever compares two versions."""
        leads = {str(each.value): str(each.label) for each in self.to.choices or ()}
        words = (self.text_id, self.text_en, self.feedback_id, self.feedback_en)
        said = " / ".join(str(field.data) for field in words if field.data)
        return f"{said} → {leads.get(str(self.to.data), '–')}"

    def to_choice(self) -> Choice:
        """Return the choice."""
        return Choice(words_of(self, "text"), self.to.data or "", words_of(self, "feedback"))


class ChoiceList(Several):
    """The choices of a page; where two versions stand side by side, their words."""

    def _value(self) -> str:
        return "; ".join(each.form.shown for each in self if each.form.filled)


class PageForm(VersionedForm):
    """One page of a story; what is missing may wait."""

    text_id = text(_("What happens, in Indonesian"), TEXT_LENGTH)
    text_en = text(_("What happens, in English"), TEXT_LENGTH)
    picture = RadioField(_("Picture"), default="")
    picture_words_id = text(_("What the picture shows, in Indonesian"), LINE_LENGTH)
    picture_words_en = text(_("What the picture shows, in English"), LINE_LENGTH)
    goes_on = RadioField(
        _("How does it go on?"),
        choices=[
            SelectChoice(CHOICES, _("The reader chooses")),
            SelectChoice(ENDING, _("The story ends here")),
        ],
        default=CHOICES,
    )
    choices = ChoiceList(
        FormField(ChoiceForm), _("Choices"), min_entries=MOST_CHOICES, max_entries=MOST_CHOICES
    )
    todo_id = text(_("What to do when this happens for real, in Indonesian"), TEXT_LENGTH)
    todo_en = text(_("What to do when this happens for real, in English"), TEXT_LENGTH)

    @classmethod
    def of(cls, written: Written, **more: Any) -> Self:
        """Return the form of a page as it stands, with the pages there are to lead to."""
        form = cls(data=_shown_of(written.node), **more)
        form.offer(written)
        if not form.restored:
            form.version.data = written.version
        return form

    def offer(self, written: Written) -> None:
        """Let the choices lead to the other pages, and offer the pictures there are."""
        pages = [
            SelectChoice(NEW_PAGE, i18n.gettext("A new page")),
            *(SelectChoice(each.name, name_of(each)) for each in written.others),
            SelectChoice("", i18n.gettext("Not decided yet")),
        ]
        for entry in self.choices:
            entry.form.to.choices = pages
        uploaded = {
            name: words.shown(i18n.language())[0] for name, words in written.pictures.items()
        }
        own = written.node.picture
        if own and own not in {*DRAWINGS, *uploaded}:
            uploaded[own] = i18n.gettext("A picture that is not there (any more)")
        self.picture.choices = [
            SelectChoice("", i18n.gettext("No picture")),
            *(SelectChoice(name, words) for name, words in (DRAWINGS | uploaded).items()),
        ]

    def validate_goes_on(self, _field: RadioField) -> None:
        """Ask which of two is meant where only words for the other one were written."""
        words = self.todo_id.data or self.todo_en.data
        if self.goes_on.data == CHOICES and words and not self._choices():
            raise StopValidation(
                i18n.gettext(
                    "There are words for an ending, but no choices. Choose “The story ends here”, "
                    "or write choices."
                )
            )

    def _choices(self) -> tuple[Choice, ...]:
        return tuple(each.form.to_choice() for each in self.choices if each.form.filled)

    def to_node(self) -> Node:
        """Return the page; what belongs to the other way of going on is left out."""
        ending = self.goes_on.data == ENDING
        return Node(
            text=words_of(self, "text"),
            picture=self.picture.data or "",
            picture_words=words_of(self, "picture_words"),
            choices=() if ending else self._choices(),
            ending=ending,
            todo=words_of(self, "todo") if ending else Words(),
        )


def _shown_of(node: Node) -> dict[str, Any]:
    """Return what the fields show of a page, with room for the choices still possible."""
    choices: list[dict[str, str]] = [
        {
            "text_id": choice.text.id,
            "text_en": choice.text.en,
            "to": choice.to,
            "feedback_id": choice.feedback.id,
            "feedback_en": choice.feedback.en,
        }
        for choice in node.choices
    ]
    # Whoever writes a new choice most often means a page that is not there yet.
    choices += [{"to": NEW_PAGE}] * (MOST_CHOICES - len(choices))
    return {
        "text_id": node.text.id,
        "text_en": node.text.en,
        "picture": node.picture,
        "picture_words_id": node.picture_words.id,
        "picture_words_en": node.picture_words.en,
        "goes_on": ENDING if node.ending else CHOICES,
        "choices": choices,
        "todo_id": node.todo.id,
        "todo_en": node.todo.en,
    }


def name_of(page: Page) -> str:
    """Return what a page is called where one is chosen: its number and first words."""
    words, _lang = page.node.text.shown(i18n.language())
    first = words.replace("\n", " ")
    if len(first) > FIRST_WORDS:
        first = f"{first[:FIRST_WORDS].rsplit(' ', 1)[0]} …"
    told = first or i18n.gettext("still empty")
    if page.node.ending:
        return i18n.gettext("%(number)s · %(words)s (ending)", number=page.number, words=told)
    return f"{page.number} · {told}"


class TextForm(PartOfForm):
    """One text: its place, the mark of the English words shown, and those written."""

    place = HiddenField()
    seen = HiddenField()
    english = TextAreaField(_("In English"), filters=[stripped])

    def validate_english(self, field: TextAreaField) -> None:
        """Ask for what can be read again; how long it may be depends on its place."""
        Plain(longest(self.place.data or ""))(self, field)


class TranslationForm(PortalForm):
    """The English texts of a story; only those that were changed are saved.

    So two people may translate one story: only where both wrote the same text, both are shown.
    """

    # By it what was typed is known again on the page somebody comes back to.
    whole = HiddenField(default="1")
    texts = EntryList(FormField(TextForm), _("Texts"), max_entries=MOST_TEXTS)
    # What stands there now, text by text, where a colleague was faster.
    theirs: tuple[tuple[str, str, str], ...] = ()

    @classmethod
    def of(cls, found: Iterable[Text]) -> Self:
        """Return the form as the texts stand."""
        rows = [
            {"place": each.place, "seen": each.mark, "english": each.words.en} for each in found
        ]
        return cls(data={"texts": rows})

    def changed(self, now: dict[str, Text]) -> dict[str, str]:
        """Return the texts that were changed, by their places.

        Raises Rejected("changed_meanwhile") where a colleague changed the same ones; sent again,
        these overwrite theirs. Texts that are gone are left out.
        """
        written: dict[str, str] = {}
        theirs = []
        for row in (entry.form for entry in self.texts):
            text, stands = row.english.data or "", now.get(row.place.data or "")
            if stands is None or mark_of(text) in (row.seen.data, stands.mark):
                continue
            if row.seen.data != stands.mark:
                theirs.append((stands.words.id, stands.words.en, text))
                row.seen.data, row.seen.raw_data = stands.mark, None
            written[stands.place] = text
        self.theirs = tuple(theirs)
        if theirs:
            raise Rejected("changed_meanwhile")
        return written
