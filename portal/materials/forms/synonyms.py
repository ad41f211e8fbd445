"""The form for words that mean the same."""

from __future__ import annotations

from wtforms import TextAreaField
from wtforms.validators import Length

from portal.core import i18n
from portal.materials.models import SynonymGroup
from portal.web.forms import Needed, VersionedForm, stripped

_ = i18n.lazy


class SynonymsForm(VersionedForm):
    """One group of words."""

    words = TextAreaField(
        _("Words that mean the same"),
        [
            Needed(_("Write at least two words, with a space between them.")),
            Length(max=SynonymGroup.words.type.length),
        ],
        filters=[stripped],
    )
