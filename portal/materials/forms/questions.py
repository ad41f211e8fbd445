"""The questions of a quiz, for writing them."""

from __future__ import annotations

from typing import Any

from wtforms import FormField
from wtforms.fields import SelectChoice

from portal.core import i18n
from portal.materials.forms.drafts import DraftForm
from portal.materials.forms.parts import Several, text, words_of
from portal.materials.forms.quizzes import AnswerField
from portal.materials.policy.answering import right_of
from portal.materials.policy.content import (
    LINE_LENGTH,
    MOST_OPTIONS,
    MOST_QUESTIONS,
    TEXT_LENGTH,
    Content,
    Option,
    Question,
)
from portal.web.forms import EntryList, PartOfForm

_ = i18n.lazy


class OptionEntry(PartOfForm):
    """One answer to choose from; an empty one is left out."""

    text_id = text(_("In Indonesian"), LINE_LENGTH)
    text_en = text(_("In English"), LINE_LENGTH)


class QuestionEntry(PartOfForm):
    """One question with its answers; what is missing may wait."""

    text_id = text(_("Question in Indonesian"), LINE_LENGTH)
    text_en = text(_("Question in English"), LINE_LENGTH)
    options = EntryList(
        FormField(OptionEntry), _("Answers"), min_entries=MOST_OPTIONS, max_entries=MOST_OPTIONS
    )
    right = AnswerField(
        _("Right answer"),
        coerce=int,
        choices=[SelectChoice(number, str(number + 1)) for number in range(MOST_OPTIONS)],
    )
    why_id = text(_("Why it is right, in Indonesian"), TEXT_LENGTH)
    why_en = text(_("Why it is right, in English"), TEXT_LENGTH)

    def to_question(self) -> Question:
        """Return the question as it was written."""
        options = tuple(
            Option(words, right=number == self.right.data)
            for number, each in enumerate(self.options)
            if (words := words_of(each.form, "text"))
        )
        return Question(words_of(self, "text"), options, words_of(self, "why"))

    @property
    def shown(self) -> str:
        """Return what was written, for whoever compares two versions."""
        question = self.to_question()
        answers = ", ".join(
            f"{each.text.id} / {each.text.en}{' ✓' if each.right else ''}"
            for each in question.options
        )
        why = f"{question.why.id} / {question.why.en}"
        return f"{question.text.id} / {question.text.en}: {answers} ({why})"


class QuestionList(Several):
    """The questions of a quiz; where two versions stand side by side, their words."""

    def _value(self) -> str:
        return "; ".join(each.form.shown for each in self)


class QuestionsForm(DraftForm):
    """All questions of a quiz."""

    questions = QuestionList(FormField(QuestionEntry), _("Questions"), max_entries=MOST_QUESTIONS)

    @classmethod
    def values(cls, content: Content) -> dict[str, Any]:
        """Return what the fields show of a content."""
        return {"questions": [_values(each) for each in content.questions]}

    def written(self) -> list[Question]:
        """Return the questions as they were written."""
        return [each.form.to_question() for each in self.questions]

    @property
    def has_room(self) -> bool:
        """Say whether one more question may be added."""
        return len(self.questions) < MOST_QUESTIONS


def _values(question: Question) -> dict[str, Any]:
    options = [{"text_id": each.text.id, "text_en": each.text.en} for each in question.options]
    return {
        "text_id": question.text.id,
        "text_en": question.text.en,
        "options": options,
        "right": right_of(question),
        "why_id": question.why.id,
        "why_en": question.why.en,
    }
