"""The questions of a quiz, for writing them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from wtforms import FieldList, FormField, TextAreaField
from wtforms.fields import SelectChoice

from portal.core import i18n
from portal.materials.forms.parts import PartOfForm, Plain, Several
from portal.materials.forms.quizzes import AnswerField
from portal.materials.forms.texts import standing
from portal.materials.policy.answering import right_of
from portal.materials.policy.content import (
    LINE_LENGTH,
    MOST_OPTIONS,
    MOST_QUESTIONS,
    TEXT_LENGTH,
    Content,
    Option,
    Question,
    Words,
)
from portal.materials.queries.library import Shown
from portal.web.forms import VersionedForm, stripped

_ = i18n.lazy


@dataclass(frozen=True)
class _Standing:
    """Which state of the draft a page shows."""

    version: str


def _text(label: Any, most: int) -> TextAreaField:
    return TextAreaField(label, [Plain(most)], filters=[stripped])


class OptionEntry(PartOfForm):
    """One answer to choose from; an empty one is left out."""

    text_id = _text(_("In Indonesian"), LINE_LENGTH)
    text_en = _text(_("In English"), LINE_LENGTH)


class QuestionEntry(PartOfForm):
    """One question with its answers; what is missing may wait."""

    text_id = _text(_("Question in Indonesian"), LINE_LENGTH)
    text_en = _text(_("Question in English"), LINE_LENGTH)
    options = FieldList(
        FormField(OptionEntry), _("Answers"), min_entries=MOST_OPTIONS, max_entries=MOST_OPTIONS
    )
    right = AnswerField(
        _("Right answer"),
        coerce=int,
        choices=[SelectChoice(number, str(number + 1)) for number in range(MOST_OPTIONS)],
    )
    why_id = _text(_("Why it is right, in Indonesian"), TEXT_LENGTH)
    why_en = _text(_("Why it is right, in English"), TEXT_LENGTH)

    def to_question(self) -> Question:
        """Return the question as it was written."""
        options = tuple(
            Option(words, right=number == self.right.data)
            for number, each in enumerate(self.options)
            if (words := _words(each.form, "text"))
        )
        return Question(_words(self, "text"), options, _words(self, "why"))

    @property
    def shown(self) -> str:
        """Return what was written, for whoever compares two versions."""
        question = self.to_question()
        answers = ", ".join(
            f"{each.text.id} / {each.text.en}{' ✓' if each.right else ''}"
            for each in question.options
        )
        return f"{question.text.id} / {question.text.en}: {answers} ({question.why.id})"


class QuestionList(Several):
    """The questions of a quiz; where two versions stand side by side, their words."""

    def _value(self) -> str:
        return "; ".join(each.form.shown for each in self)


class QuestionsForm(VersionedForm):
    """All questions of a quiz."""

    questions = QuestionList(FormField(QuestionEntry), _("Questions"), max_entries=MOST_QUESTIONS)

    @classmethod
    def of(cls, shown: Shown, **more: Any) -> Self:
        """Return the form as a draft stands."""
        form = cls(data=_values(shown.content), **more)
        if not form.restored:
            form.version.data = standing(shown)
        return form

    def check_standing(self, shown: Shown) -> None:
        """Refuse to write over what a colleague changed since; raises Rejected."""
        self.check_version(_Standing(standing(shown)), self.of(shown, formdata=None))

    def written(self) -> list[Question]:
        """Return the questions as they were written."""
        return [each.form.to_question() for each in self.questions]

    @property
    def has_room(self) -> bool:
        """Say whether one more question may be added."""
        return len(self.questions) < MOST_QUESTIONS


def _words(form: Any, name: str) -> Words:
    return Words(form[f"{name}_id"].data or "", form[f"{name}_en"].data or "")


def _values(content: Content) -> dict[str, Any]:
    return {
        "questions": [
            {
                "text_id": each.text.id,
                "text_en": each.text.en,
                "options": [
                    {"text_id": option.text.id, "text_en": option.text.en}
                    for option in each.options
                ],
                "right": right_of(each),
                "why_id": each.why.id,
                "why_en": each.why.en,
            }
            for each in content.questions
        ]
    }
