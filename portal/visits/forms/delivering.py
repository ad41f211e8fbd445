"""Recording how a session went."""

from __future__ import annotations

from wtforms import IntegerField, RadioField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from portal.core import i18n
from portal.visits.actions.delivering import Delivery
from portal.visits.forms.booking import MOST_HEADS
from portal.visits.forms.names import METHOD_NAMES
from portal.visits.models import Method
from portal.web.forms import PortalForm, stripped

_ = i18n.lazy


class DeliveryForm(PortalForm):
    """How the session went."""

    method = RadioField(
        _("How was it held?"),
        [InputRequired(_("Choose how the session was held."))],
        choices=[SelectChoice(method.value, name) for method, name in METHOD_NAMES.items()],
    )
    heads_girls = IntegerField(_("Girls"), [Optional(), NumberRange(0, MOST_HEADS)])
    heads_boys = IntegerField(_("Boys"), [Optional(), NumberRange(0, MOST_HEADS)])
    heads_adults = IntegerField(_("Teachers and parents"), [Optional(), NumberRange(0, MOST_HEADS)])
    note = TextAreaField(_("Note"), [Optional(), Length(max=1000)], filters=[stripped])

    def to_command(self) -> Delivery:
        """Return the report."""
        return Delivery(
            method=Method(self.method.data),
            heads_girls=self.heads_girls.data or 0,
            heads_boys=self.heads_boys.data or 0,
            heads_adults=self.heads_adults.data or 0,
            note=self.note.data or "",
        )
