"""Making out letters, handing in their scans, and wording them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Regexp

from portal.core import i18n
from portal.visits.actions.letters import Order
from portal.visits.actions.templates import Words
from portal.visits.models import LetterKind, LetterTemplate
from portal.visits.policy.letters import MOST_CODE, MOST_NUMBER
from portal.web.forms import Needed, PortalForm, VersionedForm, stripped

_ = i18n.lazy

MOST_BODY = 6000

LETTER_NAMES: dict[LetterKind, Any] = {
    LetterKind.REQUEST: _("Letter of request"),
    LetterKind.REPLY: _("Letter of reply"),
    LetterKind.DUTY: _("Letter of assignment"),
    LetterKind.ATTENDANCE: _("Attendance list"),
    LetterKind.MINUTES: _("Minutes of the session"),
    LetterKind.REPORT: _("Activity report"),
}
LANGUAGE_NAMES: dict[str, Any] = {"id": _("Indonesian"), "en": _("English")}


class LetterForm(PortalForm):
    """Which letter, in which language."""

    known_as = "letter"
    kind = SelectField(_("Letter"))
    tongue = RadioField(
        _("Language of the letter"),
        choices=[SelectChoice(code, name) for code, name in LANGUAGE_NAMES.items()],
        default="id",
    )
    own_number = StringField(
        _("Number in your school's own register"),
        [Length(max=MOST_NUMBER)],
        filters=[stripped],
    )

    def offer(self, kinds: Iterable[LetterKind]) -> None:
        """Fill in which letters can be made out."""
        self.kind.choices = [SelectChoice(kind.value, LETTER_NAMES[kind]) for kind in kinds]

    def to_command(self) -> Order:
        """Return the order; an own number is a school's alone."""
        kind = LetterKind(self.kind.data)
        own = self.own_number.data or "" if kind is LetterKind.REQUEST else ""
        return Order(kind, self.tongue.data, own)


class ScanForm(PortalForm):
    """The signed copy of a letter."""

    file = FileField(
        _("Signed copy"), [FileRequired(_("Choose the file: a PDF, or a photo of the paper."))]
    )


@dataclass(frozen=True)
class Standing:
    """A wording as it stands; its edition is the version that two editors compare."""

    code: str
    subject: str
    body: str
    source: str
    version: int

    @classmethod
    def of(cls, wording: LetterTemplate, newest: LetterTemplate) -> Self:
        """Return a wording, an old one perhaps, to be put in the place of the newest."""
        return cls(wording.code, wording.subject, wording.body, wording.source, newest.edition)


class WordingForm(VersionedForm):
    """How a letter is worded."""

    subject = StringField(
        _("Title or subject"),
        [Needed(_("Write what the letter is called.")), Length(max=160)],
        filters=[stripped],
    )
    code = StringField(
        _("Code of correspondence"),
        [
            Length(max=MOST_CODE),
            Regexp(r"[^{}]*\Z", message=_("A code has no braces.")),
        ],
        filters=[stripped],
    )
    body = TextAreaField(
        _("Text"),
        [Needed(_("Write the text of the letter.")), Length(max=MOST_BODY)],
        filters=[stripped],
    )
    source = StringField(_("Where this wording comes from"), [Length(max=200)], filters=[stripped])

    def to_command(self) -> Words:
        """Return the wording."""
        return Words(
            code=self.code.data or "",
            subject=self.subject.data or "",
            # Browsers end lines with two characters.
            body=(self.body.data or "").replace("\r\n", "\n"),
            source=self.source.data or "",
        )
