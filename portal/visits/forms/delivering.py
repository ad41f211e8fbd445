"""Recording how a session went, or why it did not take place, and the school's word on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from wtforms import (
    BooleanField,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from portal.core import i18n
from portal.visits.actions.delivering import Delivery, Handed
from portal.visits.forms.booking import MOST_HEADS
from portal.visits.forms.names import METHOD_NAMES
from portal.visits.models import Method, VisitNeed
from portal.visits.queries.delivery import Heads
from portal.visits.states import NotDelivered
from portal.web.forms import EntryList, Needed, PartOfForm, PortalForm, VersionedForm, stripped

_ = i18n.lazy

MOST_COPIES = 5000
# How many classes nobody expected have a line of their own.
SPARE_ROWS = 2
MISSED_NAMES: dict[NotDelivered, Any] = {
    NotDelivered.SCHOOL_NOT_READY: _("The school was not ready"),
    NotDelivered.WORKER_ABSENT: _("The social worker could not come"),
    NotDelivered.TRANSPORT: _("There was no way to get there"),
    NotDelivered.WEATHER: _("The weather"),
    NotDelivered.OTHER: _("Another reason"),
}


class MayBeEmpty(Optional):
    """An empty field is none at all; its label does not say so on every single one of them."""

    def __init__(self) -> None:
        super().__init__()
        self.field_flags: dict[str, bool] = {}


class HeadsRow(PartOfForm):
    """How many pupils of one class were there."""

    class_name = StringField(_("Class"), [Length(max=20)], filters=[stripped], default="")
    girls = IntegerField(_("Girls"), [MayBeEmpty(), NumberRange(0, MOST_HEADS)])
    boys = IntegerField(_("Boys"), [MayBeEmpty(), NumberRange(0, MOST_HEADS)])

    @property
    def is_counted(self) -> bool:
        """Say whether a figure stands in this row."""
        return bool(self.girls.data or self.boys.data)


class HeadsList(EntryList):
    """Classes with their heads."""

    def _value(self) -> str:
        """Return the rows in words, for whoever compares two records."""
        rows = (each.form for each in self)
        return "; ".join(
            f"{row.class_name.data or ''} {row.girls.data or 0} + {row.boys.data or 0}".strip()
            for row in rows
            if row.is_counted
        )


class MaterialRow(PartOfForm):
    """A material that may have been handed over."""

    slug = HiddenField(filters=[stripped])
    handed = BooleanField()
    copies = IntegerField(_("Printed copies"), [MayBeEmpty(), NumberRange(1, MOST_COPIES)])


class MaterialList(EntryList):
    """Materials that may have been handed over; those chosen count."""

    def _value(self) -> str:
        """Return what was chosen in words, for whoever compares two records."""
        chosen = (each.form for each in self if each.form.handed.data)
        return "; ".join(f"{row.slug.data} {row.copies.data or ''}".strip() for row in chosen)


class DeliveryForm(VersionedForm):
    """How the session went."""

    method = RadioField(
        _("How was it held?"),
        [InputRequired(_("Choose how the session was held."))],
        choices=[SelectChoice(method.value, name) for method, name in METHOD_NAMES.items()],
    )
    heads = HeadsList(FormField(HeadsRow), _("Pupils"))
    heads_adults = IntegerField(
        _("Teachers and parents"), [MayBeEmpty(), NumberRange(0, MOST_HEADS)]
    )
    unmet = SelectMultipleField(_("What was missing?"), default=list)
    materials = MaterialList(FormField(MaterialRow), _("Materials handed over"))
    search = StringField(_("Another material"), [Length(max=80)], filters=[stripped])
    note = TextAreaField(_("Note"), [Optional(), Length(max=1000)], filters=[stripped])
    # What was looked for when the form was sent; then it is only shown with what was found.
    sought = ""

    def take_sought(self) -> str:
        """Return what to look for, and empty the field: sent again, the form is carried out."""
        self.sought, self.search.data = self.search.data or "", ""
        return self.sought

    def offer_needs(self, needs: Sequence[VisitNeed]) -> None:
        """Fill in what was asked for this session."""
        language = i18n.language()
        self.unmet.choices = [SelectChoice(need.code, need.name(language)) for need in needs]

    def offer_classes(self, names: Iterable[str], heads: Iterable[Heads] = ()) -> None:
        """Add rows with figures, then rows of classes without any, and some without a name.

        What somebody had typed on the page before holds all its rows already.
        """
        if self.restored:
            return
        for each in heads:
            self.heads.append_entry(asdict(each))
        for name in (*names, *[""] * SPARE_ROWS):
            self.heads.append_entry({"class_name": name})

    def offer_materials(self, slugs: Iterable[str], copies: Mapping[str, int | None]) -> None:
        """Add rows of materials, ticked where `copies` knows them; those listed already stay."""
        listed = {row.form.slug.data for row in self.materials}
        for slug in slugs:
            if slug not in listed:
                handed = slug in copies
                row = {"slug": slug, "handed": handed, "copies": copies.get(slug)}
                self.materials.append_entry(row)

    def slugs(self) -> list[str]:
        """Return the materials that stand on the form, each once."""
        return list(dict.fromkeys(row.form.slug.data or "" for row in self.materials))

    def validate_heads(self, field: HeadsList) -> None:
        """Ask which class figures are of, where there are several, and take each class once."""
        rows = [each.form for each in field if each.form.is_counted]
        names = [row.class_name.data or "" for row in rows]
        for row, name in zip(rows, names, strict=True):
            if not name and len(rows) > 1:
                message = i18n.gettext("Write which class these figures are of.")
                row.class_name.errors = [*row.class_name.errors, message]
            elif names.count(name) > 1:
                message = i18n.gettext("This class stands here twice. Put its figures together.")
                row.class_name.errors = [*row.class_name.errors, message]
        if any(row.class_name.errors for row in rows):
            # The rows say it; the list itself only must not pass.
            raise ValidationError

    def to_command(self, material_ids: Mapping[str, UUID]) -> Delivery:
        """Return the record; materials nobody offers are left out."""
        rows = [each.form for each in self.heads if each.form.is_counted]
        chosen = {
            row.form.slug.data: row.form.copies.data
            for row in self.materials
            if row.form.handed.data and row.form.slug.data in material_ids
        }
        return Delivery(
            method=Method(self.method.data),
            heads=tuple(
                Heads(row.class_name.data or "", row.girls.data or 0, row.boys.data or 0)
                for row in rows
            ),
            adults=self.heads_adults.data or 0,
            note=self.note.data or "",
            materials=tuple(Handed(material_ids[slug], copies) for slug, copies in chosen.items()),
            unmet=tuple(self.unmet.data or ()),
        )


class MissForm(PortalForm):
    """Why a session did not take place."""

    known_as = "miss"
    why = RadioField(
        _("Why did it not take place?"),
        [InputRequired(_("Choose a reason."))],
        choices=[SelectChoice(why.value, name) for why, name in MISSED_NAMES.items()],
    )
    words = TextAreaField(_("In a few words"), [Length(max=500)], filters=[stripped])


class ConfirmForm(PortalForm):
    """The school's yes, with a word if it likes."""

    known_as = "confirm"
    note = TextAreaField(_("Note"), [Optional(), Length(max=500)], filters=[stripped])


class DoubtForm(PortalForm):
    """What the school remembers otherwise."""

    known_as = "doubt"
    note = TextAreaField(
        _("What was different?"),
        [Needed(_("Write in a few words what was different.")), Length(max=500)],
        filters=[stripped],
    )
