"""Forms of one report's page: what is written, decided and put right there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional, ValidationError

from portal.core import i18n
from portal.core.settings import Office
from portal.incidents.actions.conversing import MOST_LETTERS
from portal.incidents.actions.deciding import HandOver
from portal.incidents.forms.words import BODIES, OUTCOMES, RELATIONS, URGENCIES
from portal.people.models import User
from portal.schools.models import Authority
from portal.web.forms import Needed, PortalForm, VersionedForm, stripped

_ = i18n.lazy

NOTE_LENGTH = 2000
NOTHING = SelectChoice("", "–")

# Without "kamu" or "Anda": whoever reads them may be a child or an adult.
READY: dict[str, Any] = {
    "thanks": _("Thank you for telling us. We have read it, and it matters to us."),
    "safe": _("Is it safe right now? If not, please contact %(name)s at once: %(phone)s."),
    "when": _("When did it happen last? And who nearby could help?"),
    "school": _("May we talk with the school about this? We never say who told us."),
    "contact": _("Is there a safe way and a safe time to talk in person?"),
}


def _words(label: Any, needed: Any, most: int = NOTE_LENGTH) -> TextAreaField:
    return TextAreaField(label, [Needed(needed), Length(max=most)], filters=[stripped])


def ready_replies(office: Office) -> dict[str, str]:
    """Return the ready replies by their codes, in the language in which reporters read them."""
    facts = {"name": office["help_name"], "phone": office["help_phone"]}
    with i18n.in_language(i18n.DEFAULT):
        return {code: str(text) % facts for code, text in READY.items()}


class ReplyForm(PortalForm):
    """Words to the reporter: ready ones, one's own, or both."""

    ready = RadioField(_("Ready sentences"), [Optional()], validate_choice=False)
    # Without Optional(), which would end the checks of an empty field before ours.
    text = TextAreaField(_("Your own words"), [Length(max=MOST_LETTERS)], filters=[stripped])

    def offer(self, replies: Mapping[str, str]) -> None:
        """Fill in the ready replies."""
        self.replies = replies
        self.ready.choices = [SelectChoice(code, text) for code, text in replies.items()]

    def validate_text(self, field: TextAreaField) -> None:
        """Ask for at least one of the two."""
        if not self.words:
            raise ValidationError(i18n.gettext("Choose a sentence or write your own."))

    @property
    def words(self) -> str:
        """Return what is to be sent."""
        chosen = self.replies.get(self.ready.data or "", "")
        return "\n\n".join(part for part in (chosen, self.text.data or "") if part)


class NoteForm(PortalForm):
    """A note for the office alone."""

    note = _words(_("Note for the office"), _("Write what your colleagues should know."))


class UrgencyForm(VersionedForm):
    """How urgent an officer finds a report."""

    urgency = RadioField(
        _("How urgent is it?"),
        [Needed(_("Choose how urgent it is."))],
        choices=[SelectChoice(each.value, name) for each, name in URGENCIES.items()],
    )
    urgency_reason = StringField(
        _("Why?"), [Optional(), Length(max=NOTE_LENGTH)], filters=[stripped]
    )


class FollowUpForm(VersionedForm):
    """What the office does now."""

    plan = _words(_("What happens now?"), _("Write who does what, and when."))


class HandOverForm(VersionedForm):
    """Which body a report goes to, and its receipt if there is one already."""

    body = SelectField(_("Handed to"), [Needed(_("Choose the body that is responsible."))])
    receipt = StringField(
        _("Number of the receipt"), [Optional(), Length(max=120)], filters=[stripped]
    )
    received_on = DateField(_("Received there on"), [Optional()])

    def offer(self, names: Mapping[Authority, str], usual: str) -> None:
        """Fill in the bodies the office has entered; `usual` is that of the report's school."""
        self.body.choices = [
            NOTHING,
            *(SelectChoice(body.value, f"{name} ({BODIES[body]})") for body, name in names.items()),
        ]
        if self.body.data is None and usual in names:
            self.body.data = usual

    def to_command(self) -> HandOver:
        """Return what to do."""
        return HandOver(Authority(self.body.data), self.receipt.data or "", self.received_on.data)


class ReceiptForm(PortalForm):
    """The receipt of what was handed over."""

    receipt_number = StringField(
        _("Number of the receipt"),
        [Needed(_("Enter the number, so that it can be found there.")), Length(max=120)],
        filters=[stripped],
    )
    receipt_on = DateField(_("Received there on"), [Needed(_("Enter the day on the receipt."))])


class CloseForm(VersionedForm):
    """How a report ended, and what its reporter reads about it."""

    outcome = SelectField(
        _("How did it end?"),
        [Needed(_("Choose how it ended; the figures count it."))],
        choices=[NOTHING, *(SelectChoice(each.value, name) for each, name in OUTCOMES.items())],
    )
    # Spam needs none; which of them do, the action knows.
    outcome_words = TextAreaField(
        _("What the reporter reads"), [Length(max=NOTE_LENGTH)], filters=[stripped]
    )


class ReopenForm(VersionedForm):
    """Why a finished report goes on."""

    again = _words(_("Why does it go on?"), _("Write what is new."))


class SchoolForm(PortalForm):
    """What the school was told."""

    school_told = _words(
        _("What was the school told?"), _("Write what you said, to whom, and how.")
    )


class AgreedForm(PortalForm):
    """How the reporter agreed that the school may know."""

    agreement = _words(
        _("What did the reporter say?"), _("Write how the reporter agreed, in their words.")
    )


class LinkForm(PortalForm):
    """Another report that belongs to this one."""

    number = StringField(
        _("Number of the other report"),
        [Needed(_("Enter the six characters of its number.")), Length(max=40)],
        filters=[stripped],
    )
    relation = SelectField(
        _("How do they belong together?"),
        [Needed(_("Choose how they belong together."))],
        choices=[NOTHING, *(SelectChoice(each.value, name) for each, name in RELATIONS.items())],
    )


class ConflictForm(PortalForm):
    """Who must not see a report, and why."""

    person = SelectField(_("Who must not see it?"), [Needed(_("Choose the person."))])
    why = StringField(
        _("Why must they not see it?"),
        [Needed(_("Write why, for whoever asks later.")), Length(max=500)],
        filters=[stripped],
    )

    def offer(self, people: list[User]) -> None:
        """Fill in who could come to see it, or is near to those who are reported."""
        self.person.choices = [
            NOTHING,
            *(SelectChoice(each.public_id, each.full_name) for each in people),
        ]
