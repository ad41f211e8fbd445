"""What the trail is narrowed to, and the search for a person."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import DateField, HiddenField, SearchField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional

from portal.auditlog.forms.moments import check_year
from portal.auditlog.queries import words
from portal.core import i18n
from portal.web.forms import Needed, PortalForm, stripped

_ = i18n.lazy
LEAST_LETTERS = 2


class TrailForm(PortalForm):
    """The filters of the trail; their names stand in the address, and no name of a person does."""

    dari = DateField(_("From"), [Optional()])
    sampai = DateField(_("To"), [Optional()])
    kelompok = SelectField(_("Done with"), validate_choice=False)
    jenis = SelectField(_("Kind of record"), validate_choice=False)
    catatan = StringField(_("Number or id of the record"), [Length(max=80)], filters=[stripped])
    orang = HiddenField(filters=[stripped])
    given: MultiDict[str, str]

    @classmethod
    def of_address(cls, given: MultiDict[str, str]) -> TrailForm:
        """Return the form as the address fills it; what cannot be read narrows nothing."""
        form = cls(given, meta={"csrf": False})
        form.given = given
        everything = SelectChoice("", i18n.gettext("All"))
        form.kelompok.choices = [everything, *_sorted(words.GROUPS)]
        form.jenis.choices = [everything, *_sorted(words.KINDS)]
        form.validate()
        for field in form:
            # Nobody expects a filter to be needed, so none says that it is not.
            field.flags.optional = False
        return form

    def validate_dari(self, field: DateField) -> None:
        """Refuse a mistyped year."""
        check_year(field)

    def validate_sampai(self, field: DateField) -> None:
        """Refuse a mistyped year."""
        check_year(field)

    def chosen(self, name: str) -> Any:
        """Return what a field says, None where it is empty or cannot be read."""
        field = self[name]
        offered = getattr(field, "choices", None)
        if field.errors or (offered and field.data not in {each.value for each in offered}):
            return None
        return field.data or None

    def kept(self, **changed: str | None) -> dict[str, str]:
        """Return the filters for an address, with some of them changed or (None) dropped."""
        names = ("dari", "sampai", "kelompok", "jenis", "catatan", "orang")
        texts = {name: self.given.get(name, "") for name in names} | changed
        return {name: text for name, text in texts.items() if text}


def _sorted(table: dict[str, Any]) -> list[SelectChoice]:
    choices = [SelectChoice(code, str(text)) for code, text in table.items()]
    return sorted(choices, key=lambda choice: str(choice.label))


class PersonForm(PortalForm):
    """Part of a name, sent by POST so that it stands in no address."""

    nama = SearchField(
        _("Part of the name"),
        [
            Needed(_("Enter part of the person's name.")),
            Length(LEAST_LETTERS, 80, _("Enter at least two letters of the name.")),
        ],
        filters=[stripped],
    )
