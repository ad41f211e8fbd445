"""The form in which people say how they want to be told."""

from __future__ import annotations

from datetime import time

from babel.support import LazyProxy
from wtforms import BooleanField, RadioField, SelectField
from wtforms.fields import SelectChoice

from portal.core import i18n
from portal.notifications.actions.preferences import Wishes
from portal.notifications.states import Rhythm
from portal.web.forms import Needed, PortalForm

_ = i18n.lazy

HOURS = [
    SelectChoice(hour, LazyProxy(i18n.clock_time, time(hour), enable_cache=False))
    for hour in range(24)
]


class PreferenceForm(PortalForm):
    """What comes by e-mail, how often, and when nothing does."""

    news_by_mail = BooleanField(_("Send me news by e-mail"))
    reminders = RadioField(
        _("Reminders by e-mail"),
        [Needed(_("Choose how often reminders may come."))],
        choices=[
            SelectChoice(Rhythm.DAILY, _("Once a day")),
            SelectChoice(Rhythm.AT_ONCE, _("Each one at once")),
            SelectChoice(Rhythm.NEVER, _("None")),
        ],
    )
    quiet_from = SelectField(_("Quiet from"), choices=HOURS, coerce=int)
    quiet_until = SelectField(_("Quiet until"), choices=HOURS, coerce=int)

    def to_command(self) -> Wishes:
        """Return what its sender wants."""
        return Wishes(
            bool(self.news_by_mail.data),
            Rhythm(self.reminders.data),
            self.quiet_from.data,
            self.quiet_until.data,
        )
