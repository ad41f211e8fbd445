"""The procedure, as the office writes it down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import Length, NumberRange, Optional, StopValidation

from portal.cases.actions.procedure import Line, StageRules
from portal.cases.models import SopVersion
from portal.cases.queries.evidence import KNOWN
from portal.cases.states import Stage
from portal.core import clock, i18n
from portal.web.forms import EntryList, Needed, PartOfForm, PortalForm, VersionedForm, stripped

_ = i18n.lazy

MOST_DAYS = 400
MOST_ITEMS = 30
BY_HAND = SelectChoice("", _("Ticked by hand"))


class ItemForm(PartOfForm):
    """One item of a checklist, part of the form of its stage."""

    code = HiddenField()
    text_id = StringField(_("In Indonesian"), [Length(max=250)], filters=[stripped])
    text_en = StringField(_("In English"), [Length(max=250)], filters=[stripped])
    evidence = SelectField(
        _("Met by"),
        choices=[BY_HAND, *(SelectChoice(code, each.name) for code, each in KNOWN.items())],
    )
    place = IntegerField(_("Place in the list"), [Optional()])
    required = BooleanField(_("Needed before the stage can be signed"))
    drop = BooleanField(_("Remove this item"))

    @property
    def left_out(self) -> bool:
        """Say whether nothing is to be kept of it: removed, or a new one nobody filled in."""
        written = self.text_id.data or self.text_en.data
        return bool(self.drop.data) or not (self.code.data or written)

    def validate_text_id(self, field: StringField) -> None:
        """Ask for the words in Indonesian."""
        self._ask(field, i18n.gettext("Write the item in Indonesian."))

    def validate_text_en(self, field: StringField) -> None:
        """Ask for the words in English."""
        self._ask(field, i18n.gettext("Write the item in English."))

    def _ask(self, field: StringField, message: str) -> None:
        if not self.left_out and not field.data:
            raise StopValidation(message)

    def to_line(self) -> Line:
        """Return what was written."""
        return Line(
            text_id=self.text_id.data or "",
            text_en=self.text_en.data or "",
            evidence=self.evidence.data or "",
            required=self.required.data,
            code=self.code.data or "",
        )


class ItemList(EntryList):
    """The items of a stage; where two versions stand side by side, their words."""

    def _value(self) -> str:
        return "; ".join(each.form.text_id.data for each in self if not each.form.left_out)


class StageForm(VersionedForm):
    """What an edition says about one stage."""

    days = IntegerField(
        _("Working days"),
        [Needed(_("Enter how many working days it may take.")), NumberRange(1, MOST_DAYS)],
    )
    prompt_id = TextAreaField(
        _("Prompt for the case manager, in Indonesian"),
        [Needed(_("Write the prompt in Indonesian.")), Length(max=500)],
        filters=[stripped],
    )
    prompt_en = TextAreaField(
        _("Prompt for the case manager, in English"),
        [Needed(_("Write the prompt in English.")), Length(max=500)],
        filters=[stripped],
    )
    items = ItemList(FormField(ItemForm), _("Items"), max_entries=MOST_ITEMS)

    @classmethod
    def of(cls, edition: SopVersion, stage: Stage, **more: Any) -> StageForm:
        """Return the form as an edition stands, with room for one more item."""
        rules = edition.stages[stage.rank - 1]
        shown = {
            "days": rules["days"],
            "prompt_id": rules["prompt"]["id"],
            "prompt_en": rules["prompt"]["en"],
            "items": [*_shown(rules["items"]), {"required": True}],
        }
        form = cls(data=shown, **more)
        if not form.restored:
            form.version.data = str(edition.version)
        return form

    def to_command(self) -> StageRules:
        """Return what was written, the items in their new order."""
        kept = [(at, each.form) for at, each in enumerate(self.items, 1) if not each.form.left_out]
        kept.sort(key=lambda each: _order(*each))
        return StageRules(
            days=self.days.data or 1,
            prompt_id=self.prompt_id.data or "",
            prompt_en=self.prompt_en.data or "",
            items=tuple(item.to_line() for _at, item in kept),
        )


def _shown(items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "code": each["code"],
            "text_id": each["id"],
            "text_en": each["en"],
            "evidence": each["code"] if each["evidence"] else "",
            "place": at,
            "required": each["required"],
        }
        for at, each in enumerate(items, 1)
    ]


def _order(at: int, item: ItemForm) -> tuple[int, int]:
    """Return what sorts an item: whatever moved up comes before who held that place."""
    place = item.place.data or at
    return place, (place > at) - (place < at)


class NameForm(VersionedForm):
    """What an edition is called, and where it comes from."""

    title = StringField(
        _("Title"), [Needed(_("Write the title.")), Length(max=160)], filters=[stripped]
    )
    source = StringField(_("Where it comes from"), [Length(max=250)], filters=[stripped])


class PublishForm(PortalForm):
    """From which day on new cases follow an edition."""

    valid_from = DateField(
        _("Cases opened from this day on"), [Needed(_("Enter the day."))], default=clock.today
    )
