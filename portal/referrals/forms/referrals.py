"""What is filled in about a referral: the draft, the proposal, its end."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import Length, NumberRange, Optional

from portal.cases.forms.reasons import MOST_LETTERS, ReasonsForm
from portal.core import i18n
from portal.referrals.actions.drafting import Draft
from portal.referrals.actions.proposing import Proposal
from portal.referrals.forms.providers import RUPIAH
from portal.referrals.models import Provider, Referral
from portal.referrals.queries.packets import packet_of
from portal.referrals.queries.providers import Listed
from portal.referrals.queries.words import PARTS
from portal.web.forms import MOST_FIGURE, Needed, PortalForm, VersionedForm, stripped

_ = i18n.lazy

ONE_SERVICE = "one"
WHOLE_CASE = "whole"


class DraftForm(VersionedForm):
    """To whom, for what, and what the provider reads."""

    provider = SelectField(_("Provider"), [Needed(_("Choose who shall help."))])
    purpose = TextAreaField(
        _("What help is needed?"),
        [Needed(_("Write what help is needed; the provider reads it.")), Length(max=MOST_LETTERS)],
        filters=[stripped],
    )
    extent = RadioField(
        _("What do you hand over?"),
        choices=[
            SelectChoice(ONE_SERVICE, _("One service; the case stays with us")),
            SelectChoice(WHOLE_CASE, _("The whole case")),
        ],
        default=ONE_SERVICE,
    )
    chosen = SelectMultipleField(_("What else may the provider know?"), validate_choice=False)
    safety = TextAreaField(
        _("What keeps the child safe"), [Optional(), Length(max=1000)], filters=[stripped]
    )
    expected_cost = IntegerField(
        _("Expected cost (rupiah)"), [Optional(), NumberRange(0, MOST_FIGURE, message=RUPIAH)]
    )

    def offer(self, providers: Sequence[Listed], codes: Sequence[str]) -> None:
        """Fill in who can help, with what is left, and what can be told."""
        self._providers: dict[str, Provider] = {
            each.provider.public_id: each.provider for each in providers
        }
        self.provider.choices = [
            SelectChoice("", "–"),
            *(SelectChoice(each.provider.public_id, offer_of(each)) for each in providers),
        ]
        self.chosen.choices = [SelectChoice(code, PARTS[code]) for code in codes]

    @classmethod
    def of(cls, referral: Referral, provider: Provider) -> DraftForm:
        """Return the form filled with a draft as it stands."""
        packet = packet_of(referral)
        form = cls.showing(referral, formdata=None)
        form.provider.data = provider.public_id
        form.extent.data = WHOLE_CASE if referral.whole_case else ONE_SERVICE
        form.chosen.data = list(packet.chosen)
        form.safety.data = packet.safety
        return form

    def to_command(self) -> Draft:
        """Return what was written."""
        return Draft(
            provider=self._providers[self.provider.data],
            purpose=self.purpose.data or "",
            whole_case=self.extent.data == WHOLE_CASE,
            chosen=tuple(self.chosen.data or ()),
            safety=self.safety.data or "",
            expected_cost=self.expected_cost.data,
        )


def offer_of(listed: Listed) -> str:
    """Return a provider in one line: its name, the places left, what it costs."""
    provider, left = listed.provider, listed.use.places_left
    parts = [provider.name]
    if left is not None:
        parts.append(i18n.ngettext("%(num)s place left", "%(num)s places left", left))
    cost = provider.usual_cost
    parts.append(i18n.rupiah(cost) if cost else i18n.gettext("free of charge"))
    return " · ".join(parts)


class ProposalForm(ReasonsForm):
    """Why a child is to be referred."""

    beyond_quota = BooleanField(_("Go beyond the quota"))
    beyond_reason = TextAreaField(
        _("Why beyond the quota?"), [Optional(), Length(max=1000)], filters=[stripped]
    )

    def to_proposal(self) -> Proposal:
        """Return what was written."""
        return Proposal(
            self.to_reasons(), bool(self.beyond_quota.data), self.beyond_reason.data or ""
        )


class TransferForm(ReasonsForm):
    """Why the provider goes on with the whole case."""


class EndForm(PortalForm):
    """What came of a referral."""

    end_reason = TextAreaField(
        _("What came of it?"),
        [Needed(_("Write what came of it, for the file.")), Length(max=MOST_LETTERS)],
        filters=[stripped],
    )
    real_cost = IntegerField(
        _("Real cost (rupiah)"),
        [
            Needed(_("Enter what it cost; 0 if it was free.")),
            NumberRange(0, MOST_FIGURE, message=RUPIAH),
        ],
    )


class CancelForm(PortalForm):
    """Why a referral is called off."""

    cancel_reason = TextAreaField(
        _("Why is it called off?"),
        [Needed(_("Write why, for the file.")), Length(max=MOST_LETTERS)],
        filters=[stripped],
    )
