"""A regulation, as the office writes it down."""

from __future__ import annotations

from wtforms import DateField, StringField
from wtforms.validators import Length, Optional

from portal.cases.actions.bases import BasisFacts
from portal.core import i18n
from portal.web.forms import Needed, VersionedForm, stripped

_ = i18n.lazy


class BasisForm(VersionedForm):
    """Number and title, when it is in force, and where that was read."""

    citation = StringField(
        _("Number and year"),
        [Needed(_("Write its number and year, for example UU 35/2014.")), Length(max=160)],
        filters=[stripped],
    )
    title = StringField(_("What the regulation is about"), [Length(max=250)], filters=[stripped])
    valid_from = DateField(_("In force from"), [Optional()])
    valid_until = DateField(_("In force until"), [Optional()])
    source = StringField(_("Read where"), [Length(max=250)], filters=[stripped])
    checked_on = DateField(_("Checked on"), [Optional()])
    note = StringField(_("Note"), [Length(max=500)], filters=[stripped])

    def to_command(self) -> BasisFacts:
        """Return what was written."""
        return BasisFacts(
            citation=self.citation.data or "",
            title=self.title.data or "",
            valid_from=self.valid_from.data,
            valid_until=self.valid_until.data,
            source=self.source.data or "",
            checked_on=self.checked_on.data,
            note=self.note.data or "",
        )
