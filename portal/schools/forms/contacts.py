"""Forms about whom the office speaks to at a school."""

from __future__ import annotations

from wtforms import BooleanField, DateField, EmailField, StringField, TelField
from wtforms.validators import Length, Optional

from portal.core import clock, i18n
from portal.core.addresses import normal_email, normal_phone
from portal.schools.actions.contacts import ContactFacts
from portal.schools.forms.register import tidy
from portal.schools.models import SchoolContact
from portal.web.addresses import dialled, mailed
from portal.web.forms import Needed, PortalForm, VersionedForm, stripped

_ = i18n.lazy


class ContactForm(VersionedForm):
    """Somebody who can be reached at a school."""

    full_name = StringField(
        _("Full name"),
        [
            Needed(_("Enter the name, so that colleagues know whom they call.")),
            Length(max=SchoolContact.full_name.type.length),
        ],
        filters=[tidy],
    )
    position = StringField(
        _("Position"),
        [Optional(), Length(max=SchoolContact.position.type.length)],
        filters=[tidy],
    )
    phone = TelField(
        _("WhatsApp number"), [Optional(), Length(max=30), dialled], filters=[stripped]
    )
    email = EmailField(
        _("E-mail"),
        [Optional(), Length(max=SchoolContact.email.type.length), mailed],
        filters=[stripped],
    )
    note = StringField(
        _("When and how to reach them"),
        [Optional(), Length(max=SchoolContact.note.type.length)],
        filters=[tidy],
    )
    main = BooleanField(_("Main contact"))

    def to_command(self) -> ContactFacts:
        """Return how they are reached, in the forms in which the portal keeps addresses."""
        return ContactFacts(
            full_name=self.full_name.data or "",
            position=self.position.data or "",
            phone=(normal_phone(self.phone.data) or "") if self.phone.data else "",
            email=normal_email(self.email.data) if self.email.data else "",
            main=bool(self.main.data),
            note=self.note.data or "",
        )


class EndContactForm(PortalForm):
    """From which day on somebody is reached at a school no longer."""

    ended_on = DateField(
        _("Not reachable there since"),
        [Needed(_("Choose the day."))],
        default=clock.today,
    )
