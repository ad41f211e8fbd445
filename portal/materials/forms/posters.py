"""Which poster of a material somebody prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import SelectField
from wtforms.fields import SelectChoice

from portal.core import i18n
from portal.documents.pdf import Paper
from portal.web.forms import PortalForm

_ = i18n.lazy

LANGUAGES = [SelectChoice("id", "Bahasa Indonesia"), SelectChoice("en", "English")]
PAPERS = [SelectChoice(Paper.A4, "A4"), SelectChoice(Paper.A3, "A3")]


class PosterForm(PortalForm):
    """Size, language, and whose name stands on it; it asks by GET and changes nothing."""

    ukuran = SelectField(_("Size"), choices=PAPERS)
    bahasa_poster = SelectField(_("Language of the poster"), choices=LANGUAGES)
    sekolah = SelectField(_("School on it"))

    def offer(self, schools: Sequence[Any], without: str) -> None:
        """Offer schools by their public ids, and a poster without a school; a single one first."""
        self.sekolah.choices = [
            SelectChoice("", without),
            *(SelectChoice(each.public_id, each.name) for each in schools),
        ]
        if len(schools) == 1 and self.sekolah.data is None:
            self.sekolah.data = schools[0].public_id
