"""What school staff tell the office, and what both doors of an account ask."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from wtforms import (
    MultipleFileField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import AnyOf, Length, Optional

from portal.core import i18n
from portal.incidents.actions.conversing import MOST_LETTERS
from portal.incidents.actions.receiving import Filing
from portal.incidents.queries.words import ANSWERS, DETAIL_NAMES, PURPOSE_NAMES
from portal.incidents.states import Door, Naming, Purpose
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy

LEAST_WORDS, MOST_WORDS, MOST_NAME = 20, 10_000, 160
TOO_LONG = _(
    "This is longer than we can keep. Please shorten it a little, or send it in two parts."
)
CHOOSE_ONE = _("Choose one of the answers.")


def one_of(label: Any, answers: Mapping[Any, Any], needed: Any = None) -> RadioField:
    """Return a field for one answer; `needed` says what an answer that must be given is for."""
    codes = [str(code) for code in answers]
    must = [Needed(needed), AnyOf(codes, message=CHOOSE_ONE)] if needed else [Optional()]
    choices = [SelectChoice(str(code), words) for code, words in answers.items()]
    return RadioField(label, must, choices=choices, validate_choice=False)


def some_of(label: Any, question: str) -> SelectMultipleField:
    """Return a field for any number of answers to a question, none included."""
    choices = [SelectChoice(code, words) for code, words in ANSWERS[question].items()]
    return SelectMultipleField(label, [Optional()], choices=choices, validate_choice=False)


def line(label: Any) -> StringField:
    """Return a field for a few words that need not be given."""
    too_long = Length(max=MOST_NAME, message=TOO_LONG)
    return StringField(label, [Optional(), too_long], filters=[stripped], default="")


class ConcernForm(PortalForm):
    """What happened: a few things that are needed, and many that help."""

    purpose = one_of(
        _("What do you need?"), PURPOSE_NAMES, _("Choose it, so that the right thing happens next.")
    )
    story = TextAreaField(
        _("What happened, or what worries you?"),
        [
            Needed(_("Write what happened; without it nobody can judge what helps.")),
            Length(
                min=LEAST_WORDS,
                message=_("Write a little more: at least 20 letters, what was seen or heard."),
            ),
            Length(max=MOST_WORDS, message=TOO_LONG),
        ],
        filters=[stripped],
        default="",
    )
    danger = one_of(
        _("Is somebody in danger right now?"),
        ANSWERS["danger"],
        _("Choose an answer; it decides how soon somebody reads this."),
    )
    what = some_of(_("What kind of thing is it?"), "what")
    when = one_of(_("When was it?"), ANSWERS["when"])
    where = some_of(_("Where was it?"), "where")
    often = one_of(_("How often did it happen?"), ANSWERS["often"])
    age = one_of(_("How old is the child it is about?"), ANSWERS["age"])
    child = line(_("The child it is about: a name, or a description"))
    reported = one_of(_("Who did it?"), ANSWERS["reported"])
    reported_person = line(_("Their name, if it is known"))
    injury = one_of(_("Was somebody injured?"), ANSWERS["injury"])
    signs = some_of(_("Is any of this the case?"), "signs")
    known_by = line(DETAIL_NAMES["known_by"])
    safe_way = line(_("How can the office reach the one who tells, without danger?"))
    safe_time = line(_("When is a safe time?"))

    questions: ClassVar[tuple[str, ...]] = (
        *("what", "when", "where", "often", "age", "reported", "injury", "signs", "danger"),
    )
    # The optional ones, which the page folds away.
    further: ClassVar[tuple[str, ...]] = (
        *("what", "when", "where", "often", "age", "child", "reported", "reported_person"),
        *("injury", "signs", "known_by", "safe_way", "safe_time"),
    )

    @property
    def unfolded(self) -> bool:
        """Say whether something optional was answered or complained about."""
        return any(self[name].data or self[name].errors for name in self.further)

    def _answers(self, **more: str) -> dict[str, list[str]]:
        given = {name: _held(self[name].data) for name in self.questions}
        given |= {name: [code] for name, code in more.items()}
        return {
            name: [code for code in ANSWERS[name] if code in codes]
            for name, codes in given.items()
            if codes
        }

    def _details(self, **more: str) -> dict[str, str]:
        told = {
            "child": self.child.data or "",
            "reported_person": self.reported_person.data or "",
            "known_by": self.known_by.data or "",
            **more,
        }
        return {name: words for name, words in told.items() if words}

    def _safe_contact(self) -> str:
        way, time = self.safe_way.data or "", self.safe_time.data or ""
        return json.dumps({"way": way, "time": time}) if way or time else ""


def _held(data: Any) -> Sequence[str]:
    if isinstance(data, list):
        return data
    return [data] if data else []


class FilingForm(ConcernForm):
    """What somebody of a school tells."""

    school = RadioField(
        _("Which school is it about?"),
        [Needed(_("Choose the school, so that the right people take care of it."))],
        choices=[],
        validate_choice=False,
    )
    naming = one_of(
        _("May the office use your name?"),
        {
            Naming.CONFIDENTIAL: _("My name stays at the office"),
            Naming.NAMED: _("My name may be used"),
        },
        _("Choose whether your name stays at the office."),
    )

    def offer(self, schools: Sequence[Any]) -> None:
        """Fill in the schools of whoever files; a single one is chosen already."""
        self.school.choices = [SelectChoice(row.public_id, row.name) for row in schools]
        if len(schools) == 1:
            self.school.data = schools[0].public_id
            self.school.raw_data = [schools[0].public_id]

    def start(self) -> None:
        """Fill in what is usual: a report, and a name that stays at the office."""
        if not self.restored:
            self.purpose.data = Purpose.REPORT.value
            self.naming.data = Naming.CONFIDENTIAL.value

    def to_command(self, school_ids: Mapping[str, UUID], reporter: str) -> Filing:
        """Return what to file; a school that was not offered is none."""
        return Filing(
            Door.STAFF,
            self._answers(teller="school_staff"),
            story=self.story.data or "",
            details=self._details(),
            school_id=school_ids.get(self.school.data or ""),
            purpose=Purpose(self.purpose.data),
            naming=Naming(self.naming.data),
            reporter=reporter,
            safe_contact=self._safe_contact(),
            reported_person=self.reported_person.data or "",
        )


class MessageForm(PortalForm):
    """Words to the office."""

    text = TextAreaField(
        _("Your message"),
        [Needed(_("Write something first.")), Length(max=MOST_LETTERS, message=TOO_LONG)],
        filters=[stripped],
        default="",
    )


class EvidenceForm(PortalForm):
    """Photos and documents."""

    files = MultipleFileField(_("Choose photos or documents"))
