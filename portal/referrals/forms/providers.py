"""What the office writes down about a provider, and about one year with it."""

from __future__ import annotations

from wtforms import (
    BooleanField,
    EmailField,
    IntegerField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import Length, NumberRange, Optional

from portal.core import i18n
from portal.core.addresses import normal_phone
from portal.referrals.actions.providers import ProviderFacts, QuotaFacts
from portal.referrals.models import Provider, Quota
from portal.referrals.queries.words import KINDS
from portal.referrals.states import ProviderKind
from portal.web.addresses import dialled, mailed
from portal.web.forms import MOST_FIGURE, Needed, VersionedForm, stripped

_ = i18n.lazy

MOST_PLACES = 10_000
RUPIAH = _("Enter the amount in rupiah as a figure, for example 150000.")


class ProviderForm(VersionedForm):
    """Who helps, and how they are reached."""

    name = StringField(
        _("Name"),
        [
            Needed(_("Enter the name, so that colleagues find it.")),
            Length(max=Provider.name.type.length),
        ],
        filters=[stripped],
    )
    kind = SelectField(
        _("Kind of help"),
        [Needed(_("Choose the kind of help."))],
        choices=[
            SelectChoice("", "–"),
            *(SelectChoice(each.value, name) for each, name in KINDS.items()),
        ],
    )
    contact_person = StringField(
        _("Contact person"),
        [Optional(), Length(max=Provider.contact_person.type.length)],
        filters=[stripped],
    )
    phone = TelField(
        _("WhatsApp number"), [Optional(), Length(max=30), dialled], filters=[stripped]
    )
    email = EmailField(
        _("E-mail"),
        [Optional(), Length(max=Provider.email.type.length), mailed],
        filters=[stripped],
    )
    address = StringField(
        _("Address"), [Optional(), Length(max=Provider.address.type.length)], filters=[stripped]
    )
    note = TextAreaField(
        _("Services and days"),
        [Optional(), Length(max=Provider.note.type.length)],
        filters=[stripped],
    )
    usual_cost = IntegerField(
        _("Usual cost for one child (rupiah)"),
        [Optional(), NumberRange(0, MOST_FIGURE, message=RUPIAH)],
    )
    active = BooleanField(_("Children can be referred there"), default=True)

    def to_command(self) -> ProviderFacts:
        """Return what was written."""
        return ProviderFacts(
            name=self.name.data or "",
            kind=ProviderKind(self.kind.data),
            contact_person=self.contact_person.data or "",
            phone=(normal_phone(self.phone.data) or "") if self.phone.data else "",
            email=self.email.data or "",
            address=self.address.data or "",
            note=self.note.data or "",
            usual_cost=self.usual_cost.data or 0,
            active=bool(self.active.data),
        )


class QuotaForm(VersionedForm):
    """How many children in a year, and from which money."""

    places = IntegerField(
        _("Places in this year"),
        [
            Needed(_("Enter how many children can be sent, for example 12.")),
            NumberRange(
                0, MOST_PLACES, message=_("Enter how many children can be sent, for example 12.")
            ),
        ],
    )
    budget = IntegerField(
        _("Money set aside (rupiah)"),
        [Optional(), NumberRange(0, MOST_FIGURE, message=RUPIAH)],
    )
    source = StringField(
        _("Source of the money"),
        [Optional(), Length(max=Quota.source.type.length)],
        filters=[stripped],
    )

    def to_command(self) -> QuotaFacts:
        """Return what was written."""
        return QuotaFacts(self.places.data or 0, self.budget.data, self.source.data or "")
