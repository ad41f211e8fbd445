"""A note on a case's timeline."""

from __future__ import annotations

from wtforms import DateField, TextAreaField
from wtforms.validators import Length, Optional

from portal.cases.actions.notes import Note
from portal.core import i18n
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy

MOST_LETTERS = 4000


class NoteForm(PortalForm):
    """What happened, and when."""

    note = TextAreaField(
        _("What happened?"),
        [Needed(_("Write what happened.")), Length(max=MOST_LETTERS)],
        filters=[stripped],
    )
    day = DateField(_("On which day?"), [Optional()])

    def to_command(self) -> Note:
        """Return the note."""
        return Note(self.note.data or "", self.day.data)
