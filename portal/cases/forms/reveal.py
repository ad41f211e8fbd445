"""Why somebody opens a file that is not theirs."""

from __future__ import annotations

from wtforms import TextAreaField
from wtforms.validators import Length

from portal.core import i18n
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy


class RevealForm(PortalForm):
    """The reason, which is kept and shown to those who work on the case."""

    reason = TextAreaField(
        _("Why do you need it?"),
        [Needed(_("Write why you need it; the reason is kept.")), Length(max=500)],
        filters=[stripped],
    )
