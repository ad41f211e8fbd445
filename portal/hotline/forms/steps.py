"""The questions, one form for each page; every one of them may be skipped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Self

from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import Length

from portal.core import i18n
from portal.hotline.forms.labels import LABELS, choices_of
from portal.hotline.models import Story
from portal.incidents.states import Purpose
from portal.web.forms import PortalForm, stripped

_ = i18n.lazy

MOST_WORDS, MOST_NAME = 10_000, 160
TOO_LONG = _(
    "This is longer than we can keep. Please shorten it a little, or send it in two parts."
)


def one_of(question: str, label: Any) -> RadioField:
    """Return a field for one answer; what is no answer of the question counts as none."""
    return RadioField(label, choices=choices_of(question), validate_choice=False)


def some_of(question: str, label: Any) -> SelectMultipleField:
    """Return a field for any number of answers."""
    return SelectMultipleField(label, choices=choices_of(question), validate_choice=False)


def line(label: Any) -> StringField:
    """Return a field for a few words."""
    too_long = Length(max=MOST_NAME, message=TOO_LONG)
    return StringField(label, [too_long], filters=[stripped], default="")


class QuietForm(PortalForm):
    """A form that may be sent again, also with other words: the last time counts."""

    idempotency_key = None  # type: ignore[assignment]  # how WTForms drops an inherited field


class StepForm(QuietForm):
    """One page of questions about a story."""

    questions: ClassVar[tuple[str, ...]] = ()
    # Says which questions this page is one of, should the story be gone when it is sent.
    purpose = HiddenField()

    @classmethod
    def showing(cls, story: Story) -> Self:
        """Return the form as it was answered before."""
        return cls(data={"purpose": story.purpose, **cls.shown_of(story)})

    @classmethod
    def shown_of(cls, story: Story) -> dict[str, Any]:
        """Return what the fields hold."""
        shown: dict[str, Any] = {}
        for name in cls.questions:
            given = list(story.answers.get(name, ()))
            several = getattr(cls, name).field_class is SelectMultipleField
            shown[name] = given if several else next(iter(given), None)
        return shown

    def added_to(self, story: Story) -> Story:
        """Return the story with what was answered here in place of what was said before."""
        return story.answering(self._given())

    def skipped_in(self, story: Story) -> Story:
        """Return the story without any answer from this page."""
        return type(self)(formdata=None).added_to(story)

    def _given(self) -> Mapping[str, list[str]]:
        given = {}
        for name in self.questions:
            data = self[name].data
            held = data if isinstance(data, list) else [data]
            given[name] = [code for code in LABELS[name] if code in held]
        return given


class TellerForm(StepForm):
    """Who tells; it decides whether they are spoken to as a child."""

    questions = ("teller",)
    teller = one_of("teller", _("Who is telling?"))


class WhatForm(StepForm):
    """What happened."""

    questions = ("what",)
    what = some_of("what", _("What happened?"))


class PlaceForm(StepForm):
    """Where and when it was, and at which school; that may be withheld."""

    questions = ("where", "when")
    where = some_of("where", _("Where was it?"))
    when = one_of("when", _("When was it?"))
    school_typed = line(_("Which school?"))
    search = SubmitField(_("Find the school"))
    # The choices are schools found by what was typed; see `offer`.
    school = RadioField(_("Which of these?"), choices=[], validate_choice=False)

    @classmethod
    def shown_of(cls, story: Story) -> dict[str, Any]:
        """Return what the fields hold."""
        school = {"school_typed": story.school_typed, "school": story.school or None}
        return {**super().shown_of(story), **school}

    def offer(self, found: list[tuple[str, str]]) -> None:
        """Let one of the schools found by what is typed be chosen, or none of them."""
        nothing = ("", i18n.gettext("None of these, or I would rather not say"))
        offered = [*found, nothing] if found else []
        self.school.choices = [SelectChoice(value, label) for value, label in offered]

    def added_to(self, story: Story) -> Story:
        """Return the story with these answers; the only school found is the one that was meant."""
        found = [choice.value for choice in self.school.choices or () if choice.value]
        chosen = found[0] if len(found) == 1 and self.school.data is None else self.school.data
        return replace(
            super().added_to(story),
            school_typed=self.school_typed.data or "",
            school=chosen if chosen in found else "",
        )

    def leaves_open(self, before: Story) -> bool:
        """Say whether the page is shown again, with the schools found; not twice for one search."""
        if self.search.data:
            return True
        several = len(self.school.choices or ()) > 2
        searched_before = self.school_typed.data == before.school_typed
        return several and self.school.data is None and not searched_before


class WordsForm(StepForm):
    """The story in the teller's own words."""

    words = TextAreaField(
        _("In your own words"), [Length(max=MOST_WORDS, message=TOO_LONG)], filters=[stripped]
    )

    @classmethod
    def shown_of(cls, story: Story) -> dict[str, Any]:
        """Return what the field holds."""
        return {"words": story.words}

    def added_to(self, story: Story) -> Story:
        """Return the story with these words."""
        return replace(story, words=self.words.data or "")


class SafetyForm(StepForm):
    """Whether somebody is in danger right now."""

    questions = ("danger",)
    danger = one_of("danger", _("Is somebody in danger right now?"))


class DetailsForm(StepForm):
    """Further details, which help to judge how urgent it is."""

    questions = ("age", "injury", "often", "signs", "reported")
    age = one_of("age", _("How old is the child it is about?"))
    injury = one_of("injury", _("Was somebody injured?"))
    often = one_of("often", _("How often did it happen?"))
    signs = some_of("signs", _("Is any of this the case?"))
    reported = some_of("reported", _("Who did it?"))
    person = line(_("Their name, if you want to say it"))
    keep_from_school = BooleanField(_("My school is not to know that this was told"))

    @classmethod
    def shown_of(cls, story: Story) -> dict[str, Any]:
        """Return what the fields hold."""
        more = {"person": story.person, "keep_from_school": story.keep_from_school}
        return {**super().shown_of(story), **more}

    def added_to(self, story: Story) -> Story:
        """Return the story with these details."""
        return replace(
            super().added_to(story),
            person=self.person.data or "",
            keep_from_school=bool(self.keep_from_school.data),
        )


FORMS: dict[str, type[StepForm]] = {
    "teller": TellerForm,
    "what": WhatForm,
    "place": PlaceForm,
    "words": WordsForm,
    "safety": SafetyForm,
}
# Whoever only wants to ask something is not asked what happened.
FLOWS: dict[Purpose, tuple[str, ...]] = {
    Purpose.REPORT: ("teller", "what", "place", "words", "safety"),
    Purpose.CONSULTATION: ("teller", "words", "safety"),
}
