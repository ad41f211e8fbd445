"""Writing down what a session cost."""

from __future__ import annotations

import re
from typing import Any

from wtforms import BooleanField, RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from portal.core import i18n
from portal.visits.actions.costs import Cost
from portal.visits.models import CostKind
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy

MOST_RUPIAH = 999_999_999
# 50000, 50.000, 1,250,000, Rp50.000,- and 50.000,00; never a part of a rupiah. In 50.00 and
# 1.000.00 a digit may be missing, so they are asked for again.
AMOUNT = re.compile(
    r"(?:rp\.?)?\s*([0-9]{1,3}(?:([.,])[0-9]{3}(?:\2[0-9]{3})*)?|[0-9]{4,})"
    r"(?:(?<=[0-9.,][0-9]{3})(?!\2)[.,]00)?(?:,-)?"
)
KIND_NAMES: dict[CostKind, Any] = {
    CostKind.TRANSPORT: _("Transport"),
    CostKind.PRINTING: _("Printing"),
    CostKind.MEALS: _("Food and drink"),
    CostKind.FEE: _("Fee of a speaker"),
    CostKind.OTHER: _("Something else"),
}


def rupiah_of(text: str) -> int | None:
    """Read an amount as people write it; None for what is no amount between 1 and the most."""
    found = AMOUNT.fullmatch(text.strip().lower())
    if not found:
        return None
    digits = re.sub(r"[.,]", "", found[1])
    # Before it is reckoned with: a number may have thousands of digits.
    amount = int(digits) if len(digits) <= len(str(MOST_RUPIAH)) else 0
    return amount if 1 <= amount <= MOST_RUPIAH else None


class CostForm(PortalForm):
    """What money was for, and how much."""

    kind = RadioField(
        _("What for?"),
        [InputRequired(_("Choose what the money was for."))],
        choices=[SelectChoice(kind.value, name) for kind, name in KIND_NAMES.items()],
    )
    amount = StringField(
        _("Amount in rupiah"), [Needed(_("Write the amount, for example 50.000."))]
    )
    in_kind = BooleanField(_("Somebody else gave it"))
    note = StringField(_("Note"), [Optional(), Length(max=200)], filters=[stripped])

    def validate_amount(self, field: StringField) -> None:
        """Accept an amount as people write it."""
        if rupiah_of(field.data or "") is None:
            raise ValidationError(
                i18n.gettext("Write the amount in figures, for example 50.000, up to 999.999.999.")
            )

    def to_command(self) -> Cost:
        """Return the cost."""
        return Cost(
            kind=CostKind(self.kind.data),
            amount=rupiah_of(self.amount.data or "") or 0,
            in_kind=self.in_kind.data,
            note=self.note.data or "",
        )
