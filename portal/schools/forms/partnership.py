"""Forms about schools that ask to become partners: the public one, and those of the office."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from wtforms import (
    EmailField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional

from portal.core import i18n
from portal.core.addresses import normal_email, normal_phone
from portal.schools.actions.partnership import Asked
from portal.schools.forms.register import tidy, tidy_lines
from portal.schools.models import PartnershipRequest
from portal.web.addresses import dialled, mailed
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy

MOST_MESSAGE = 1000
NONE_OF_THESE = "none"


class PartnershipForm(PortalForm):
    """A school asks to become a partner."""

    school = StringField(
        _("Name or NPSN of the school"),
        [
            Needed(_("Enter the name of the school, so that we know who asks.")),
            Length(max=PartnershipRequest.school_name.type.length),
        ],
        filters=[tidy],
    )
    # The choices are schools found by what was typed; see `offer`.
    which = RadioField(_("Which of these?"), choices=[], validate_choice=False)
    full_name = StringField(
        _("Your name"),
        [
            Needed(_("Enter your name, so that we know whom to ask for.")),
            Length(max=PartnershipRequest.full_name.type.length),
        ],
        filters=[tidy],
    )
    position = StringField(
        _("Your position at the school"),
        [Optional(), Length(max=PartnershipRequest.position.type.length)],
        filters=[tidy],
    )
    phone = TelField(
        _("WhatsApp number"), [Optional(), Length(max=30), dialled], filters=[stripped]
    )
    email = EmailField(
        _("E-mail"),
        [Optional(), Length(max=PartnershipRequest.email.type.length), mailed],
        filters=[stripped],
    )
    message = TextAreaField(
        _("What the office should know"),
        [Optional(), Length(max=MOST_MESSAGE)],
        filters=[tidy_lines],
    )
    # Seen, and filled in, by programs alone.
    website = StringField(_("Leave this empty"), filters=[stripped], default="")

    @property
    def by_program(self) -> bool:
        """Say whether something filled in what no person sees."""
        return bool(self.website.data)

    def offer(self, found: Sequence[Any]) -> None:
        """Let one of the schools found by what was typed be chosen, or none of them."""
        nothing = SelectChoice(NONE_OF_THESE, i18n.gettext("None of these"))
        listed = [SelectChoice(each.public_id, each.name) for each in found]
        self.which.choices = [*listed, nothing] if len(found) > 1 else []

    @property
    def leaves_open(self) -> bool:
        """Say whether several schools are meant and none was chosen."""
        offered = {choice.value for choice in self.which.choices or ()}
        return bool(offered) and self.which.data not in offered

    def to_command(self, found: Sequence[Any]) -> Asked:
        """Return who asks; the only school found is the one that was meant."""
        chosen = next((each for each in found if each.public_id == self.which.data), None)
        school = found[0] if len(found) == 1 else chosen
        school_id: UUID | None = school.id if school else None
        return Asked(
            school_id=school_id,
            school_name=school.name if school else self.school.data or "",
            full_name=self.full_name.data or "",
            position=self.position.data or "",
            phone=(normal_phone(self.phone.data) or "") if self.phone.data else "",
            email=normal_email(self.email.data) if self.email.data else "",
            message=self.message.data or "",
        )


class PlaceForm(PortalForm):
    """Which school of the register asks."""

    school = SelectField(_("School of the register"), choices=[])

    def offer(self, schools: Sequence[Any]) -> None:
        """Fill in the schools that can be chosen."""
        self.school.choices = [
            SelectChoice("", i18n.gettext("Choose a school")),
            *(SelectChoice(each.public_id, f"{each.name} ({each.npsn})") for each in schools),
        ]


class AnswerForm(PortalForm):
    """A step with a wish, and a note about it for colleagues."""

    note = TextAreaField(
        _("Note for colleagues"), [Optional(), Length(max=MOST_MESSAGE)], filters=[tidy_lines]
    )


class ContactedForm(AnswerForm):
    """The school was spoken to."""

    known_as = "contacted"


class AgreedForm(AnswerForm):
    """There will be a partnership."""

    known_as = "agreed"


class NotNowForm(AnswerForm):
    """It cannot be now, for a reason."""

    known_as = "not-now"

    note = TextAreaField(
        _("Why it cannot be now"),
        [
            Needed(_("Write why, so that colleagues can explain it.")),
            Length(max=MOST_MESSAGE),
        ],
        filters=[tidy_lines],
    )
