"""The teacher's form, as the office words it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from babel.support import LazyProxy
from wtforms import (
    BooleanField,
    FormField,
    HiddenField,
    IntegerField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, StopValidation

from portal.core import i18n
from portal.monitoring.actions.instruments import Change, Words
from portal.monitoring.models import Instrument
from portal.monitoring.policy.editions import (
    BANDS,
    BOUNDS,
    FORMS,
    HOURS,
    MOST_STEPS,
    MOST_TEXT,
    WEEKS,
    words_of,
)
from portal.web.forms import EntryList, Needed, PartOfForm, PortalForm, VersionedForm, stripped

_ = i18n.lazy


class TextForm(PartOfForm):
    """One text in both languages."""

    code = HiddenField()
    text_id = TextAreaField(
        _("In Indonesian"),
        [Needed(_("Write it in Indonesian.")), Length(max=MOST_TEXT)],
        filters=[stripped],
    )
    text_en = TextAreaField(
        _("In English"),
        [Needed(_("Write it in English.")), Length(max=MOST_TEXT)],
        filters=[stripped],
    )

    @property
    def shown(self) -> str:
        """Return what was written, for whoever compares two versions."""
        return f"{self.text_id.data} / {self.text_en.data}"


class FlagForm(TextForm):
    """One red flag, and how soon somebody must take it on."""

    hours = IntegerField(
        _("Working hours until somebody must have taken it on"),
        [Optional(), NumberRange(*HOURS)],
    )

    @property
    def shown(self) -> str:
        """Return what was written, for whoever compares two versions."""
        return f"{super().shown} ({self.hours.data or '–'})"


class StepForm(PartOfForm):
    """One step of the rhythm; an empty one is left out."""

    forms = IntegerField(_("How many forms"), [Optional(), NumberRange(*FORMS)])
    weeks = IntegerField(_("Weeks between"), [Optional(), NumberRange(*WEEKS)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # That empty steps are left out is said once, above all of them.
        self.forms.flags.optional = self.weeks.flags.optional = False

    # Nobody asks an empty field anything more, so its other half says what is missing.
    def validate_forms(self, _field: IntegerField) -> None:
        """Ask for the other half of a step."""
        if not self.weeks.raw_data or not self.weeks.raw_data[0].strip():
            raise StopValidation(i18n.gettext("Enter after how many weeks too, or empty this."))

    def validate_weeks(self, _field: IntegerField) -> None:
        """Ask for the other half of a step."""
        if not self.forms.raw_data or not self.forms.raw_data[0].strip():
            raise StopValidation(i18n.gettext("Enter how many forms too, or empty this."))

    @property
    def shown(self) -> str:
        """Return what was written, for whoever compares two versions."""
        return f"{self.forms.data or '–'} x {self.weeks.data or '–'}"


class Several(EntryList):
    """Fields that come several times; where two versions stand side by side, their words."""

    def _value(self) -> str:
        return "; ".join(each.form.shown for each in self)


class PartForm(VersionedForm):
    """One part of an edition; each kind says what it shows and what it changes."""

    title: ClassVar[LazyProxy]

    @staticmethod
    def shown_of(edition: Instrument) -> dict[str, Any]:
        """Return what the fields show of an edition."""
        raise NotImplementedError

    def to_change(self) -> Change:
        """Return what was written."""
        raise NotImplementedError

    @classmethod
    def of(cls, edition: Instrument, **more: Any) -> PartForm:
        """Return the form as an edition stands."""
        form = cls(data=cls.shown_of(edition), **more)
        if not form.restored:
            form.version.data = str(edition.version)
        return form


class FlagsForm(PartForm):
    """The red flags."""

    title = _("Red flags")
    flags = Several(FormField(FlagForm), _("Red flags"), max_entries=20)

    @staticmethod
    def shown_of(edition: Instrument) -> dict[str, Any]:
        """Return what the fields show of an edition."""
        hours = {each["code"]: each["hours"] for each in edition.content["flags"]}
        return {
            "flags": [{**each, "hours": hours[each["code"]]} for each in _shown(edition, hours)]
        }

    def to_change(self) -> Change:
        """Return what was written."""
        entries = [each.form for each in self.flags]
        return Change(
            texts=_written(entries), hours={each.code.data: each.hours.data for each in entries}
        )


class ItemsForm(PartForm):
    """The questions, with the groups they stand in."""

    title = _("Questions")
    texts = Several(FormField(TextForm), _("Questions"), max_entries=40)

    @staticmethod
    def shown_of(edition: Instrument) -> dict[str, Any]:
        """Return what the fields show of an edition."""
        codes = []
        for group in edition.content["groups"]:
            codes += [group["code"], *(item["code"] for item in group["items"])]
        return {"texts": _shown(edition, codes)}

    def to_change(self) -> Change:
        """Return what was written."""
        return Change(texts=_written(each.form for each in self.texts))


class ScaleForm(PartForm):
    """The answers to choose from, the words above the note, and where the form comes from."""

    title = _("Answers and note")
    texts = Several(FormField(TextForm), _("Answers and note"), max_entries=10)
    source = StringField(_("Where it comes from"), [Length(max=200)], filters=[stripped])

    @staticmethod
    def shown_of(edition: Instrument) -> dict[str, Any]:
        """Return what the fields show of an edition."""
        scale = [f"scale_{point}" for point in range(len(edition.content["scale"]))]
        return {"texts": _shown(edition, [*scale, "note"]), "source": edition.source}

    def to_change(self) -> Change:
        """Return what was written."""
        return Change(
            texts=_written(each.form for each in self.texts), source=self.source.data or ""
        )


def _figure(label: LazyProxy, name: str) -> IntegerField:
    least, most = BOUNDS[name]
    return IntegerField(label, [Needed(_("Enter the figure.")), NumberRange(least, most)])


class FiguresForm(PartForm):
    """Thresholds and rhythm."""

    title = _("Thresholds and rhythm")
    yellow = _figure(_("“Keep watching” from"), "yellow")
    orange = _figure(_("“Worrying” from"), "orange")
    red = _figure(_("“Acute” from"), "red")
    least_observed = _figure(_("Questions that must be observed"), "least_observed")
    rise = _figure(_("A clear rise, in points"), "rise")
    harassment_least = _figure(_("Teased or harassed, from this answer on"), "harassment_least")
    steps = Several(FormField(StepForm), _("Rhythm"), max_entries=MOST_STEPS)

    def validate_red(self, field: IntegerField) -> None:
        """Say that the bands must follow each other."""
        bounds = [self[name].data for name in BANDS]
        if None not in bounds and not bounds[0] < bounds[1] < bounds[2]:
            raise StopValidation(
                i18n.gettext("Let the three rise: keep watching, then worrying, then acute.")
            )

    @staticmethod
    def shown_of(edition: Instrument) -> dict[str, Any]:
        """Return what the fields show of an edition, with room for the steps still possible."""
        steps = [{"weeks": weeks, "forms": forms} for weeks, forms in edition.rhythm]
        empty: list[dict[str, int]] = [{} for _more in range(MOST_STEPS - len(steps))]
        kept = {name: edition.thresholds[name] for name in BOUNDS}
        return {**kept, "steps": [*steps, *empty]}

    def to_change(self) -> Change:
        """Return what was written."""
        steps = [(each.form.weeks.data, each.form.forms.data) for each in self.steps]
        return Change(
            thresholds={name: self[name].data for name in BOUNDS},
            rhythm=tuple(
                (weeks, forms) for weeks, forms in steps if weeks is not None and forms is not None
            ),
        )


class PublishForm(PortalForm):
    """That somebody compared both languages before teachers are asked by them."""

    compared = BooleanField(
        _("I have read both languages side by side, and the thresholds."),
        [InputRequired(_("Read both languages first, then tick this."))],
    )


# By the last word of their address.
PARTS: dict[str, type[PartForm]] = {
    "tanda": FlagsForm,
    "pertanyaan": ItemsForm,
    "jawaban": ScaleForm,
    "batas": FiguresForm,
}


def _shown(edition: Instrument, codes: Iterable[str]) -> list[dict[str, Any]]:
    words = words_of(edition.content)
    return [
        {"code": code, "text_id": words[code]["id"], "text_en": words[code]["en"]} for code in codes
    ]


def _written(entries: Iterable[Any]) -> dict[str, Words]:
    return {
        each.code.data: Words(each.text_id.data or "", each.text_en.data or "") for each in entries
    }
