"""Answering a request, and ending a session with a reason."""

from __future__ import annotations

from uuid import UUID

from wtforms import StringField, TextAreaField
from wtforms.validators import Length, Optional

from portal.core import i18n
from portal.visits.actions.deciding import Approval
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy


class ApprovalForm(PortalForm):
    """Which worker goes, and a reason where something speaks against it."""

    worker = StringField(_("Social worker"))
    reason = StringField(_("Reason"), [Optional(), Length(max=300)], filters=[stripped])

    def to_command(self, worker_ids: dict[str, UUID]) -> Approval:
        """Return the approval."""
        return Approval(worker_ids.get(self.worker.data or "", UUID(int=0)), self.reason.data or "")


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
