"""Handing in a photograph of a session, with why it may be kept."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal.core import i18n
from portal.visits.actions.photos import Photo
from portal.visits.models import PhotoConsent
from portal.web.forms import PortalForm, stripped

_ = i18n.lazy

CONSENT_NAMES: dict[PhotoConsent, Any] = {
    PhotoConsent.NO_FACES: _("No child can be recognised"),
    PhotoConsent.ADULTS_AGREED: _("Only adults are in it, and they agreed"),
    PhotoConsent.GUARDIANS_AGREED: _("Parents of all children in it agreed in writing"),
}


class PhotoForm(PortalForm):
    """A photograph and the consent it is kept with."""

    file = FileField(_("Photograph"), [FileRequired(_("Choose a photograph."))])
    consent = RadioField(
        _("Why may it be kept?"),
        [InputRequired(_("Choose why this photograph may be kept."))],
        choices=[SelectChoice(each.value, name) for each, name in CONSENT_NAMES.items()],
    )
    consent_note = TextAreaField(
        _("Who agreed, and where the signed forms are"),
        [Optional(), Length(max=300)],
        filters=[stripped],
    )
    caption = StringField(
        _("What can be seen in it"), [Optional(), Length(max=160)], filters=[stripped]
    )

    def to_command(self) -> Photo:
        """Return the photograph with its bytes."""
        return Photo(
            content=self.file.data.stream.read(),
            consent=PhotoConsent(self.consent.data),
            consent_note=self.consent_note.data or "",
            caption=self.caption.data or "",
        )
