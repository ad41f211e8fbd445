"""What the library is narrowed to."""

from __future__ import annotations

from typing import Any

from flask import url_for
from wtforms import SearchField, SelectField
from wtforms.fields import SelectChoice

from portal.core import i18n
from portal.materials.queries import words
from portal.materials.queries.search import MOST_LETTERS, Wanted
from portal.materials.states import Audience, MaterialKind
from portal.schools.forms import tidy
from portal.schools.models import LEVEL_GROUPS
from portal.web.forms import PortalForm

_ = i18n.lazy

# What stands in the address for each code.
AUDIENCES = {
    "siswa": Audience.PUPIL,
    "guru": Audience.TEACHER,
    "orang-tua": Audience.PARENT,
}
LEVELS = {name.lower().replace("/", "-"): name for name in LEVEL_GROUPS}
KINDS = {
    "cerita": MaterialKind.SCENARIO,
    "kuis": MaterialKind.QUIZ,
    "artikel": MaterialKind.ARTICLE,
    "video": MaterialKind.VIDEO,
    "poster": MaterialKind.POSTER,
    "bahan-ajar": MaterialKind.LESSON_KIT,
    "kartu": MaterialKind.PARENT_CARD,
    "berkas": MaterialKind.FILE,
}


class LibraryForm(PortalForm):
    """Words to look for, and three filters; their names stand in the address."""

    cari = SearchField(_("What are you looking for?"), filters=[tidy])
    untuk = SelectField(_("For whom"))
    jenjang = SelectField(_("Level"))
    bentuk = SelectField(_("Kind of material"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everything = SelectChoice("", i18n.gettext("All"))
        self.untuk.choices = [
            everything,
            *(SelectChoice(each, words.AUDIENCES[code]) for each, code in AUDIENCES.items()),
        ]
        self.jenjang.choices = [everything, *(SelectChoice(*each) for each in LEVELS.items())]
        self.bentuk.choices = [
            everything,
            *(SelectChoice(each, words.KINDS[code]) for each, code in KINDS.items()),
        ]

    @property
    def typed(self) -> str:
        """Return the words to look for."""
        return (self.cari.data or "")[:MOST_LETTERS]

    def to_wanted(self) -> Wanted:
        """Return what was chosen; what no list offers narrows nothing."""
        return Wanted(
            audience=AUDIENCES.get(self.untuk.data or "", ""),
            level=LEVELS.get(self.jenjang.data or "", ""),
            kind=KINDS.get(self.bentuk.data or "", ""),
        )

    def narrowing(self) -> list[tuple[str, str]]:
        """Return what the list is narrowed by: words people read, and the address without it."""
        chosen = [("cari", self.typed, self.typed)] if self.typed else []
        for field in (self.untuk, self.jenjang, self.bentuk):
            labels = {each.value: str(each.label) for each in field.choices or ()}
            if field.data and field.data in labels:
                chosen.append((field.name, field.data, labels[field.data]))
        return [(label, self._without(name, chosen)) for name, _value, label in chosen]

    @staticmethod
    def _without(name: str, chosen: list[tuple[str, str, str]]) -> str:
        kept: dict[str, Any] = {other: value for other, value, _label in chosen if other != name}
        return url_for("materials.index", **kept)
