"""What the office answers to a school, and its ready texts."""

from __future__ import annotations

from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, NumberRange, Optional

from portal.core import i18n
from portal.monitoring.actions.answering import MOST_LETTERS
from portal.monitoring.actions.reply_texts import TextCommand
from portal.monitoring.queries.words import BANDS
from portal.web.forms import Needed, PortalForm, VersionedForm, stripped

_ = i18n.lazy

MOST_PLACES = 99


class AnswerForm(PortalForm):
    """An answer in one's own words, or a ready text by its code."""

    code = StringField(filters=[stripped])
    # Which version of the form was read.
    read = IntegerField(validators=[Optional()])
    text = TextAreaField(_("Your own words"), [Length(max=MOST_LETTERS)], filters=[stripped])


class ReplyTextForm(VersionedForm):
    """A ready text in both languages."""

    text_id = TextAreaField(
        _("In Indonesian"),
        [Needed(_("Write the text in Indonesian.")), Length(max=MOST_LETTERS)],
        filters=[stripped],
    )
    text_en = TextAreaField(
        _("In English"),
        [Needed(_("Write the text in English.")), Length(max=MOST_LETTERS)],
        filters=[stripped],
    )
    band = SelectField(
        _("Offered first when a form is"),
        choices=[
            SelectChoice("", _("Any form")),
            *(SelectChoice(each.value, name) for each, name in BANDS.items()),
        ],
    )
    position = IntegerField(
        _("Place in the list"),
        [NumberRange(1, MOST_PLACES, _("Enter a figure between 1 and 99."))],
        default=MOST_PLACES,
    )
    asks_call = BooleanField(_("It announces a call or a visit; the portal then sets a task"))
    active = BooleanField(_("It is offered"), default=True)

    def to_command(self) -> TextCommand:
        """Return what is to be kept."""
        return TextCommand(
            text_id=self.text_id.data or "",
            text_en=self.text_en.data or "",
            band=self.band.data or "",
            position=self.position.data or MOST_PLACES,
            asks_call=bool(self.asks_call.data),
            active=bool(self.active.data),
        )
