"""Contacts with a family, and what was agreed with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Self
from uuid import UUID

from wtforms import (
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional, ValidationError

from portal.cases.actions.family import Contact
from portal.cases.models import FamilyContact, Guardian
from portal.cases.queries.words import BARRIERS, WAYS
from portal.cases.states import Barrier, ContactWay
from portal.core import clock, i18n
from portal.web.forms import Needed, PortalForm, VersionedForm, stripped

_ = i18n.lazy

MOST_LETTERS = 4000
NOTHING = SelectChoice("", "–")
# Somebody the child trusts who is no guardian.
OTHER = "other"
YES, NO = "yes", "no"
DONE: dict[str, bool | None] = {YES: True, NO: False}


class ContactForm(VersionedForm):
    """Whom somebody tried to meet, how, and what came of it."""

    way = SelectField(
        _("How did you try?"),
        [Needed(_("Choose how you tried."))],
        choices=[NOTHING, *(SelectChoice(each.value, name) for each, name in WAYS.items())],
    )
    guardian = SelectField(_("Who?"), [Needed(_("Choose whom you tried to meet."))])
    day = DateField(_("Day"), [Needed(_("Enter the day."))])
    time = TimeField(_("At (WIB)"), [Needed(_("Enter the time, for example 09:00."))])
    reached = RadioField(
        _("Reached?"),
        [Needed(_("Choose whether you reached them."))],
        choices=[SelectChoice(YES, _("Reached them")), SelectChoice(NO, _("Did not reach them"))],
    )
    text = TextAreaField(_("What was said?"), [Length(max=MOST_LETTERS)], filters=[stripped])
    barrier = SelectField(
        _("If not reached, why?"),
        [Optional()],
        choices=[NOTHING, *(SelectChoice(each.value, name) for each, name in BARRIERS.items())],
    )
    barrier_words = StringField(
        _("More about that"), [Optional(), Length(max=500)], filters=[stripped]
    )
    # Without Optional(), which would end the checks of an empty field before the action's.
    home_task = StringField(
        _("Agreed for home, if anything"), [Length(max=500)], filters=[stripped]
    )
    home_task_until = DateField(_("Until when?"), [Optional()])

    def offer(self, guardians: Sequence[Guardian], chosen: UUID | None = None) -> None:
        """Fill in whom one may meet; who must hear of nothing is offered only where `chosen`."""
        met = [each for each in guardians if not each.kept_out or each.id == chosen]
        self._guardians = {each.public_id: each.id for each in met}
        self.guardian.choices = [
            *([NOTHING] if met else []),
            *(SelectChoice(each.public_id, each.label) for each in met),
            SelectChoice(OTHER, i18n.gettext("Another adult the child trusts")),
        ]

    def begin_new(self) -> None:
        """Propose the present moment."""
        if not self.restored:
            here = clock.now().astimezone(clock.WIB)
            self.day.data = here.date()
            self.time.data = here.time().replace(second=0, microsecond=0)

    def to_command(self) -> Contact:
        """Return what was typed."""
        return Contact(
            at=clock.at_wib(self.day.data, self.time.data),
            way=ContactWay(self.way.data),
            reached=self.reached.data == YES,
            guardian_id=self._guardians.get(self.guardian.data),
            barrier=Barrier(self.barrier.data) if self.barrier.data else None,
            barrier_words=self.barrier_words.data or "",
            text=self.text.data or "",
            home_task=self.home_task.data or "",
            home_task_until=self.home_task_until.data,
        )


class CorrectionForm(ContactForm):
    """A contact put right, with the answer to what was agreed."""

    home_task_answer = SelectField(
        _("Was it done?"),
        [Optional()],
        choices=[
            SelectChoice("", _("Nobody has asked yet")),
            SelectChoice(YES, _("Done")),
            SelectChoice(NO, _("Not done")),
        ],
    )

    @classmethod
    def of(cls, contact: FamilyContact, guardians: Sequence[Guardian]) -> Self:
        """Return the form filled with a contact as it stands."""
        here = contact.at.astimezone(clock.WIB)
        met = (each.public_id for each in guardians if each.id == contact.guardian_id)
        form = cls.showing(
            contact, formdata=None, day=here.date(), time=here.time(), guardian=next(met, OTHER)
        )
        if not form.restored:
            form.reached.data = YES if contact.reached else NO
            form.barrier.data = contact.barrier or ""
            answers = {answer: code for code, answer in DONE.items()}
            form.home_task_answer.data = answers.get(contact.home_task_done, "")
        form.offer(guardians, contact.guardian_id)
        return form

    def to_command(self) -> Contact:
        """Return what was typed."""
        done = DONE.get(self.home_task_answer.data or "")
        return replace(super().to_command(), home_task_done=done)


class HomeTaskForm(PortalForm):
    """Whether a family did what was agreed: one of two buttons."""

    # Each button brings its own; hidden, so that a complaint leads to no field.
    done = HiddenField()

    def validate_done(self, field: HiddenField) -> None:
        """Ask for one of the two buttons."""
        if field.data not in DONE:
            raise ValidationError(i18n.gettext("Choose whether it was done."))
