"""Offering a suggested school a time, and deciding otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Self

from wtforms import DateField, RadioField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Length

from portal.core import clock, i18n
from portal.insight.actions.suggestions import Decision
from portal.insight.models import Verdict
from portal.visits.forms.offers import TimeForm
from portal.visits.queries.slots import Slot
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy

# For how long a decision holds where nobody says otherwise.
USUAL_MONTHS = 1
MOST_LETTERS = 300
VERDICTS = (
    SelectChoice(Verdict.FIRST, _("Put it first")),
    SelectChoice(Verdict.LATER, _("Put it off")),
)


class OfferForm(TimeForm):
    """One of the nearest free times of a school."""

    slot: StringField = RadioField(_("Time"), validate_choice=False)

    @classmethod
    def among(cls, slots: Iterable[Slot], tried: PortalForm | None) -> Self:
        """Return the form with times to choose among, the first one chosen."""
        form = cls.as_sent(tried)
        form.slot.choices = [
            SelectChoice(
                slot.starts_at.astimezone(clock.WIB).isoformat(), i18n.day_and_time(slot.starts_at)
            )
            for slot in slots
        ]
        if form.slot.choices and not form.slot.data:
            form.slot.data = form.slot.choices[0].value
        return form


class DecideForm(PortalForm):
    """What the office decides about a school, whatever the arithmetic says."""

    known_as = "putuskan"

    verdict = RadioField(_("What is decided"), choices=list(VERDICTS), validate_choice=False)
    until = DateField(_("Holds until"), [Needed(_("Choose until when this holds."))])
    reason = TextAreaField(
        _("Reason"),
        [
            Needed(_("Write why, so that colleagues understand it later.")),
            Length(max=MOST_LETTERS, message=_("Write at most 300 characters.")),
        ],
        filters=[stripped],
    )

    @classmethod
    def asking(cls, tried: PortalForm | None) -> Self:
        """Return the form that was just sent, or one with the usual answers."""
        form = cls.as_sent(tried)
        if not isinstance(tried, cls) and not form.restored:
            form.verdict.data = Verdict.FIRST
            form.until.data = _months_ahead(USUAL_MONTHS)
        return form

    def to_command(self) -> Decision:
        """Return what was decided; anything but "later" means first."""
        later = self.verdict.data == Verdict.LATER
        return Decision(
            verdict=Verdict.LATER if later else Verdict.FIRST,
            until=self.until.data,
            reason=self.reason.data,
        )


def _months_ahead(months: int) -> date:
    return clock.months_before(clock.today(), -months)
