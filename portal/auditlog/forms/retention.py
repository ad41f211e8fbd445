"""The form that orders a legal hold."""

from __future__ import annotations

from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Length

from portal.auditlog.actions.retention import NewHold
from portal.auditlog.queries import words
from portal.auditlog.queries.records import HOLDABLE
from portal.core import i18n
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy
REASON_LENGTH = 1000


class HoldForm(PortalForm):
    """Which record must stay, and why."""

    kind = RadioField(
        _("What must stay"),
        [Needed(_("Choose what must stay."))],
        choices=[SelectChoice(kind, words.KINDS[kind]) for kind in HOLDABLE],
    )
    record = StringField(
        _("Its number, or the e-mail or phone number of the account"),
        [Needed(_("Enter the number, so that the right record stays.")), Length(max=254)],
        filters=[stripped],
    )
    reason = TextAreaField(
        _("Reason"),
        [
            Needed(_("Enter who asks to keep it and why; the reason goes on file.")),
            Length(max=REASON_LENGTH),
        ],
        filters=[stripped],
    )

    def to_command(self) -> NewHold:
        """Return what shall stay."""
        return NewHold(self.kind.data, self.record.data or "", self.reason.data or "")
