"""The question at the end of a story."""

from __future__ import annotations

from wtforms import RadioField, SelectChoice

from portal.core import i18n
from portal.materials.queries.words import MARKS
from portal.materials.states import Mark
from portal.web.forms import Needed, PortalForm

_ = i18n.lazy

ANSWERS = (Mark.HELPED, Mark.HELPED_PARTLY, Mark.HELPED_NOT)


class FinishForm(PortalForm):
    """Whether a story helped; each answer is a button."""

    helped = RadioField(
        _("Did this story help?"),
        [Needed(_("Tap one of the three answers."))],
        choices=[SelectChoice(mark, MARKS[mark]) for mark in ANSWERS],
    )
