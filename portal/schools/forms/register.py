"""Forms of the register: search, one school, an import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SearchField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import Length, NumberRange, Optional

from portal.core import i18n
from portal.core.files import MOST_BYTES
from portal.schools import exports
from portal.schools.actions import Confirmation, SchoolChange, Upload
from portal.schools.models import District, Level, Ownership, School
from portal.schools.queries import Filter
from portal.web.forms import Needed, PortalForm, VersionedForm

_ = i18n.lazy

MOST_PUPILS = 20_000


def tidy(value: str | None) -> str | None:
    """Drop blanks around a text, runs of blanks and characters nobody can see (a filter)."""
    if not isinstance(value, str):
        return value
    return "".join(char for char in " ".join(value.split()) if char.isprintable())


def tidy_lines(value: str | None) -> str | None:
    """Tidy each line of a text and drop the empty ones (a filter)."""
    if not isinstance(value, str):
        return value
    return "\n".join(line for text in value.splitlines() if (line := tidy(text)))


class FilterForm(PortalForm):
    """What the list of schools is narrowed to; the names stand in the address."""

    cari = SearchField(_("Name or NPSN"), filters=[tidy])
    kecamatan = SelectField(_("District"))
    jenjang = SelectField(_("Level"))
    status = SelectField(_("Ownership"))
    mitra = SelectField(_("Partnership"))
    aktif = SelectField(_("Register"))

    def offer(self, districts: Sequence[District]) -> None:
        """Fill in what can be chosen; the first choice of each narrows nothing."""
        everything = SelectChoice("", i18n.gettext("All"))
        self.kecamatan.choices = [
            everything,
            *(SelectChoice(district.slug, district.name) for district in districts),
        ]
        self.jenjang.choices = [
            everything,
            *(SelectChoice(level.value.lower(), exports.level_name(level)) for level in Level),
        ]
        self.status.choices = [
            everything,
            *(SelectChoice(each.value, exports.ownership_name(each)) for each in Ownership),
        ]
        self.mitra.choices = [
            everything,
            SelectChoice("ya", i18n.gettext("Partner schools")),
            SelectChoice("tidak", i18n.gettext("Not yet partners")),
        ]
        self.aktif.choices = [
            SelectChoice("", i18n.gettext("Active schools")),
            SelectChoice("tidak", i18n.gettext("Inactive schools")),
            SelectChoice("semua", i18n.gettext("All")),
        ]

    def to_filter(self) -> Filter:
        """Return what was chosen; a value that no list offers narrows nothing."""
        levels = {level.value.lower(): level for level in Level}
        return Filter(
            text=self.cari.data or "",
            district=self._chosen(self.kecamatan),
            level=levels.get(self._chosen(self.jenjang) or ""),
            ownership=Ownership(self.status.data) if self._chosen(self.status) else None,
            partner={"ya": True, "tidak": False}.get(self._chosen(self.mitra) or ""),
            active={"tidak": False, "semua": None}.get(self._chosen(self.aktif) or "", True),
        )

    def narrowing(self) -> list[tuple[str, str]]:
        """Return the chosen filters: the name in the address, and the words people read."""
        chosen = [("cari", self.cari.data)] if self.cari.data else []
        for field in (self.kecamatan, self.jenjang, self.status, self.mitra, self.aktif):
            words = {choice.value: choice.label for choice in field.choices or ()}
            value = self._chosen(field)
            if value:
                chosen.append((field.name, words[value]))
        return chosen

    def address_without(self, name: str) -> str:
        """Return the list's address with one filter less."""
        kept = {other: self[other].data for other, _words in self.narrowing() if other != name}
        return url_for("schools.index", **kept)

    @staticmethod
    def _chosen(field: SelectField) -> str | None:
        """Return what was chosen of a list; None for nothing, or for what it does not offer."""
        offered = {choice.value for choice in field.choices or ()}
        return field.data if field.data and field.data in offered else None


class SchoolForm(VersionedForm):
    """What the office keeps of a school by hand."""

    name = StringField(
        _("Name"),
        [
            Needed(_("Enter the name, so that people find the school.")),
            Length(max=School.name.type.length),
        ],
        filters=[tidy],
    )
    aliases = TextAreaField(
        _("Other names"),
        [Optional(), Length(max=School.aliases.type.length)],
        filters=[tidy_lines],
    )
    address = StringField(
        _("Address"), [Optional(), Length(max=School.address.type.length)], filters=[tidy]
    )
    subdistrict = StringField(
        _("Subdistrict"), [Optional(), Length(max=School.subdistrict.type.length)], filters=[tidy]
    )
    week_days = RadioField(
        _("School week"),
        choices=[
            SelectChoice("5", _("Monday to Friday")),
            SelectChoice("6", _("Monday to Saturday")),
        ],
    )
    pupil_count = IntegerField(
        _("Number of pupils"),
        [
            Optional(),
            NumberRange(
                0,
                MOST_PUPILS,
                message=_("Enter the number of pupils as a figure, for example 120."),
            ),
        ],
    )
    active = BooleanField(_("This school is active"))

    def to_command(self) -> SchoolChange:
        """Return the school as the office wants it."""
        return SchoolChange(
            name=self.name.data or "",
            aliases=tuple((self.aliases.data or "").splitlines()),
            subdistrict=self.subdistrict.data or "",
            address=self.address.data or "",
            week_days=int(self.week_days.data),
            pupil_count=self.pupil_count.data,
            active=bool(self.active.data),
        )


class ImportForm(PortalForm):
    """A file with a list of schools."""

    file = FileField(
        _("List of schools (CSV or XLSX)"),
        [FileRequired(_("Choose the file with the list of schools."))],
    )

    def to_command(self) -> Upload:
        """Return the file."""
        return uploaded(self.file.data) or Upload("", b"")


class ConfirmForm(PortalForm):
    """The agreement to a preview, with or without the lines that need mending."""

    skip_bad_rows = BooleanField(_("Leave these lines out and bring in the others"))
    fingerprint = HiddenField()

    def to_command(self) -> Confirmation:
        """Return what was agreed to."""
        return Confirmation(self.fingerprint.data or "", bool(self.skip_bad_rows.data))


def uploaded(sent: Any) -> Upload | None:
    """Return a file as it was sent, cut off where it is too large anyway."""
    if not sent:
        return None
    return Upload(sent.filename or "", sent.stream.read(MOST_BYTES + 1))
