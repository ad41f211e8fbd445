"""Who works on a case, and who must not see it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from wtforms import HiddenField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Length

from portal.cases.queries.opening import Candidate
from portal.core import i18n
from portal.people.models import User
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy

NOTHING = SelectChoice("", "–")


class GiveForm(PortalForm):
    """Who manages a case from now on; it remembers who does while it is filled in."""

    manager = SelectField(_("New case manager"), [Needed(_("Choose who manages the case."))])
    instead_of = HiddenField(filters=[stripped])

    def offer(self, candidates: Sequence[Candidate], most: int, present: User | None) -> None:
        """Fill in who may manage it, each with how many cases of `most` they have."""
        self._known = {each.user.public_id: each.user.id for each in candidates}
        self.manager.choices = [
            NOTHING,
            *(
                SelectChoice(each.user.public_id, _with_load(each, most))
                for each in candidates
                if each.user != present
            ),
        ]

    def show_present(self, present: User | None) -> None:
        """Note who manages it now; a second press knows whom it replaces."""
        self.instead_of.data = present.public_id if present else ""
        self.instead_of.raw_data = None

    @property
    def chosen(self) -> UUID:
        """Return who shall manage it."""
        return self._known[self.manager.data]


class ColleagueForm(PortalForm):
    """Who helps with a case."""

    colleague = SelectField(_("Colleague"), [Needed(_("Choose the colleague."))])

    def offer(self, candidates: Sequence[Candidate]) -> None:
        """Fill in who may help."""
        self._known = {each.user.public_id: each.user.id for each in candidates}
        self.colleague.choices = [
            NOTHING,
            *(SelectChoice(each.user.public_id, each.user.full_name) for each in candidates),
        ]

    @property
    def chosen(self) -> UUID:
        """Return who shall help."""
        return self._known[self.colleague.data]


class KeepAwayForm(PortalForm):
    """Who must not see a case, and why."""

    person = SelectField(_("Who must not see it?"), [Needed(_("Choose the person."))])
    why = StringField(
        _("Why must they not see it?"),
        [Needed(_("Write why, for whoever asks later.")), Length(max=500)],
        filters=[stripped],
    )

    def offer(self, people: Sequence[User]) -> None:
        """Fill in who could come to see it, or is near to the child's school."""
        self.person.choices = [
            NOTHING,
            *(SelectChoice(each.public_id, each.full_name) for each in people),
        ]


def _with_load(candidate: Candidate, most: int) -> str:
    return i18n.gettext(
        "%(name)s (%(held)s of %(most)s)",
        name=candidate.user.full_name,
        held=i18n.number(candidate.held),
        most=i18n.number(most),
    )
