"""What every decision asks for: why, what serves the child best, what it thinks, which law."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from wtforms import SelectMultipleField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Length

from portal.cases.actions.deciding import Reasons
from portal.cases.models import Case, LegalBasis
from portal.core import i18n
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy

MOST_LETTERS = 4000


def why(label: Any) -> TextAreaField:
    """Return the field for the reason of a decision."""
    return TextAreaField(
        label,
        [Needed(_("Write why; the reason stays with the decision.")), Length(max=MOST_LETTERS)],
        filters=[stripped],
    )


class BasedForm(PortalForm):
    """Why something is decided, and which law it rests on."""

    reason = why(_("Why?"))
    bases = SelectMultipleField(_("Legal basis"), validate_choice=False)

    def offer_bases(self, bases: Sequence[LegalBasis]) -> None:
        """Fill in the regulations in force."""
        self._known: dict[str, UUID] = {each.public_id: each.id for each in bases}
        self.bases.choices = [SelectChoice(each.public_id, each.citation) for each in bases]

    def to_bases(self) -> tuple[UUID, ...]:
        """Return the regulations that were chosen."""
        return tuple(self._known[each] for each in self.bases.data or () if each in self._known)


class ReasonsForm(BasedForm):
    """The reasons of a decision; forms that decide something derive from it."""

    best_interests = TextAreaField(
        _("What serves the child best?"),
        [
            Needed(_("Write why this serves the child best.")),
            Length(max=MOST_LETTERS),
        ],
        filters=[stripped],
    )
    child_view = TextAreaField(
        _("What does the child think?"),
        [
            Needed(_("Write what the child said, or why it could not be asked.")),
            Length(max=MOST_LETTERS),
        ],
        filters=[stripped],
    )

    def prepare(self, case: Case, bases: Sequence[LegalBasis]) -> None:
        """Offer the regulations in force, and what the file says already.

        Nothing stands in place of what was just sent.
        """
        self.offer_bases(bases)
        if not self.is_submitted() and not self.restored:
            self.best_interests.data = case.best_interests
            self.child_view.data = case.child_view

    def to_reasons(self, text: str = "") -> Reasons:
        """Return what was written."""
        return Reasons(
            reason=self.reason.data or "",
            best_interests=self.best_interests.data or "",
            child_view=self.child_view.data or "",
            text=text,
            bases=self.to_bases(),
        )
