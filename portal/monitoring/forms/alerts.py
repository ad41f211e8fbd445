"""What is written down when an alert is settled."""

from __future__ import annotations

from wtforms import BooleanField, TextAreaField
from wtforms.validators import Length

from portal.core import i18n
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy

DONE_LENGTH = 2000


class SettleForm(PortalForm):
    """What was done about an alert."""

    done = TextAreaField(
        _("What was done?"),
        [
            Needed(_("Write what was done, so that the next reader knows.")),
            Length(max=DONE_LENGTH),
        ],
        filters=[stripped],
    )
    guardian_settled = BooleanField(
        _("We have decided what the guardian may hear, and it stands in the case")
    )
