"""The questions of a quiz as a form: for oneself, or as a sheet of a class."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import Field, RadioField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.form import BaseForm
from wtforms.validators import Length

from portal.core import i18n
from portal.materials.models import QuizRound
from portal.materials.policy.answering import UNSURE
from portal.materials.policy.content import Question
from portal.schools.forms import tidy
from portal.web.forms import Needed, PortalForm

_ = i18n.lazy


class AnswerField(RadioField):
    """One answer to a question, by its number; None where nothing is chosen."""

    def pre_validate(self, form: BaseForm) -> None:
        """Let only answers of this question be chosen."""
        if self.data is not None:
            super().pre_validate(form)


class QuizForm(PortalForm):
    """Questions to answer for oneself; each may be left out. Made by `quiz_form`."""

    @property
    def asked(self) -> list[Field]:
        """Return the questions, in their order."""
        return [field for field in self if isinstance(field, AnswerField)]

    def answers(self) -> list[int | None]:
        """Return the number of the answer to each question."""
        return [field.data for field in self.asked]


class SheetForm(QuizForm):
    """The sheet of one pupil, on which each question has an answer. Made by `sheet_form`."""

    def given(self) -> list[int]:
        """Return the answers of a sheet that was found complete."""
        return [int(answer) for answer in self.answers() if answer is not None]


def quiz_form(questions: Sequence[Question]) -> type[QuizForm]:
    """Return the form for these questions, for oneself."""
    fields = {
        f"q{number}": AnswerField(
            _text(each), coerce=int, choices=_choices(each), default=None, validators=[]
        )
        for number, each in enumerate(questions)
    }
    return type("QuizForm", (QuizForm,), fields)


def sheet_form(questions: Sequence[Question]) -> type[SheetForm]:
    """Return the sheet for these questions, on which one may also say that one does not know."""
    fields = {
        f"q{number}": AnswerField(
            _text(each),
            coerce=int,
            choices=[
                *_choices(each),
                SelectChoice(UNSURE, i18n.pgettext("anak", "I do not know yet")),
            ],
            validators=[
                Needed(
                    i18n.pgettext(
                        "anak",
                        "Question %(number)s: choose one answer, or “I do not know yet”.",
                        number=number + 1,
                    )
                )
            ],
        )
        for number, each in enumerate(questions)
    }
    return type("SheetForm", (SheetForm,), fields)


def _text(question: Question) -> str:
    return question.text.shown(i18n.language())[0]


def _choices(question: Question) -> list[SelectChoice]:
    return [
        SelectChoice(number, option.text.shown(i18n.language())[0])
        for number, option in enumerate(question.options)
    ]


class ClassForm(PortalForm):
    """Which class is asked before and after a session."""

    class_name = StringField(
        _("Class"),
        [
            Needed(_("Write which class answers, for example 8A.")),
            Length(
                max=QuizRound.class_name.type.length,
                message=_("Write the class in a few letters, such as 8A."),
            ),
        ],
        filters=[tidy],
    )


class SchoolClassForm(ClassForm):
    """Which class of which school is asked."""

    school = SelectField(_("School"), [Needed(_("Choose the school of this class."))])

    def offer(self, schools: Sequence[tuple[str, str]]) -> None:
        """Fill in the schools one may choose from; a single one is chosen already."""
        choices = [SelectChoice(*each) for each in schools]
        if len(choices) == 1:
            self.school.data = str(choices[0].value)
        else:
            choices.insert(0, SelectChoice("", i18n.gettext("Choose a school")))
        self.school.choices = choices


class VisitClassForm(ClassForm):
    """Which quiz a class is asked with around a visit."""

    known_as = "quiz"
    quiz = SelectField(_("Quiz"), [Needed(_("Choose a quiz."))])

    def offer(self, quizzes: Sequence[tuple[str, str]]) -> None:
        """Fill in the quizzes that fit the school."""
        self.quiz.choices = [SelectChoice(*each) for each in quizzes]
