"""Beginning, sending, files, and how to be reached."""

from __future__ import annotations

from wtforms import MultipleFileField, StringField

from portal.core import i18n
from portal.hotline.forms.steps import QuietForm, line
from portal.web.forms import stripped

_ = i18n.lazy


class PlainForm(QuietForm):
    """A button."""


class SendForm(QuietForm):
    """The button that sends, and a field that only programs see and fill in."""

    website = StringField(_("Leave this empty"), filters=[stripped], default="")

    @property
    def by_program(self) -> bool:
        """Say whether something filled in what no person sees."""
        return bool(self.website.data)


class FilesForm(QuietForm):
    """Photos and documents."""

    files = MultipleFileField(_("Choose photos or documents"))


class ContactForm(QuietForm):
    """How and when somebody can be reached without danger."""

    way = line(_("How can we reach you safely?"))
    time = line(_("When is a safe time?"))
