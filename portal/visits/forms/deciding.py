"""Answering a request, and ending a session with a reason."""

from __future__ import annotations

from uuid import UUID

from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from portal.core import i18n
from portal.visits.actions.deciding import Approval
from portal.visits.queries.queue import Crew
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy


class ApprovalForm(PortalForm):
    """Which worker goes, who goes along, and a reason where something speaks against it."""

    worker = StringField(_("Social worker"))
    others = SelectMultipleField(_("Goes along"), choices=[], validate_choice=False)
    reason = StringField(_("Reason"), [Optional(), Length(max=300)], filters=[stripped])

    def to_command(self, worker_ids: dict[str, UUID]) -> Approval:
        """Return the approval."""
        leader, *others = (
            worker_ids.get(each, UUID(int=0)) for each in (self.worker.data or "", *self._along())
        )
        # Where nobody was chosen to go along, whoever was to go along still is.
        return Approval(leader, self.reason.data or "", tuple(others) or None)

    def crew(self) -> Crew:
        """Return who was chosen, by public ids."""
        return Crew(self.worker.data or "", self._along())

    def _along(self) -> tuple[str, ...]:
        return tuple(each for each in self.others.data or () if each)


class ReasonForm(PortalForm):
    """A reason the other side will read."""

    reason = TextAreaField(
        _("Reason"),
        [
            Needed(_("Write a short reason. The other side will read it.")),
            Length(max=500),
        ],
        filters=[stripped],
    )


class WithdrawalForm(PortalForm):
    """A reason, which a request that nobody has answered yet can do without."""

    reason = TextAreaField(_("Reason"), [Optional(), Length(max=500)], filters=[stripped])
