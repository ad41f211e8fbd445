"""What boards and timelines are narrowed to, and what is looked for in them."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import SearchField, SelectField
from wtforms.fields import SelectChoice

from portal.core import i18n
from portal.web.forms import PortalForm, stripped

_ = i18n.lazy

MOST_LETTERS = 100


def short(value: str | None) -> str:
    """Return what was typed without blanks around it, no more than a search needs (a filter)."""
    return (stripped(value) or "")[:MOST_LETTERS]


class BoardForm(PortalForm):
    """What a board shows."""

    cari = SearchField(_("Find a case"), filters=[short])
    manajer = SelectField(_("Case manager"), validate_choice=False)

    def offer(self, managers: Mapping[str, str]) -> None:
        """Fill in who manages cases, by public id."""
        self.manajer.choices = [
            SelectChoice("", i18n.gettext("All")),
            *(SelectChoice(public_id, name) for public_id, name in managers.items()),
        ]

    @property
    def manager(self) -> str:
        """Return the chosen manager's public id; empty for all, and for one who is not offered."""
        offered = {choice.value for choice in self.manajer.choices or ()}
        return str(self.manajer.data) if self.manajer.data in offered else ""


class TimelineForm(PortalForm):
    """What of a timeline is shown."""

    cari = SearchField(_("Find in this case"), filters=[short])
